"""The source of pools, on a chain that answers from a table."""

import asyncio

import attrs
import pytest
from pydantic import ValidationError

import arbx
from arbx.testing import FakeChain, PoolSourceTests, Recording
from arbx_dex_uniswap_v3 import (
    PoolPrice,
    Tick,
    UniswapV3Settings,
    UniswapV3Source,
    arbx_curves,
    arbx_pool_sources,
)
from arbx_dex_uniswap_v3.events import POOL_CREATED, TOPICS
from arbx_dex_uniswap_v3.tickmath import MAX_SQRT_RATIO, MIN_SQRT_RATIO, sqrt_ratio_at_tick

FACTORY, POOL, OTHER = ("0x" + digits * 20 for digits in ("fa", "a1", "a2"))
DAI, WETH = ("0x" + digits * 20 for digits in ("01", "02"))
BLOCK = 100
TOKENS = (arbx.Token(DAI, "DAI", 18), arbx.Token(WETH, None, None))
TICKS = (Tick(-6000, 500, 500), Tick(-600, 40, 40), Tick(600, -40, 40), Tick(6000, -500, 500))
STATE = PoolPrice(3000, 60, 2**96, 0, 540, TICKS, fee_protocol=68)
TOPIC = {topic.hex()[:4]: topic for topic in TOPICS}
INITIALIZE, SWAP, PANCAKE_SWAP = TOPIC["9863"], TOPIC["c420"], TOPIC["19b4"]
MINT, BURN, FEE, PANCAKE_FEE = TOPIC["7a53"], TOPIC["0c39"], TOPIC["973d"], TOPIC["b315"]


def word(value):
    return (value % 2**256).to_bytes(32, "big")


def address_word(address):
    return bytes(12) + bytes.fromhex(address[2:])


def log(topic, indexed, words, address=POOL):
    topics = (topic, *(word(value) for value in indexed))
    return arbx.Log(address, topics, b"".join(word(value) for value in words), BLOCK + 1, 7)


def created(pool, block):
    topics = (POOL_CREATED, address_word(DAI), address_word(WETH), word(3000))
    return arbx.Log(FACTORY, topics, word(60) + address_word(pool), block, 0)


def price_at(tick):
    return int(sqrt_ratio_at_tick(tick))


def at(block, state):
    return arbx.PoolState(arbx.Pool(1, "uniswap_v3", POOL, TOKENS), block, state)


def bitmap(block, position):
    bits = [tick.at // 60 for tick in TICKS if tick.at // 60 >> 8 == position]
    return (sum(1 << (bit & 255) for bit in bits),)


def ticks(block, number):
    found = {tick.at: tick for tick in TICKS}[number]
    return (found.liquidity_gross, found.liquidity_net, 0, 0, 0, 0, 0, True)


def chain(**changes):
    answers = {
        (POOL, "token0()"): (DAI,),
        (POOL, "token1()"): (WETH,),
        (POOL, "slot0()"): (2**96, 0, 1, 1, 1, 68, True),
        (POOL, "liquidity()"): (540,),
        (POOL, "fee()"): (3000,),
        (POOL, "tickSpacing()"): (60,),
        (POOL, "tickBitmap(int16)"): bitmap,
        (POOL, "ticks(int24)"): ticks,
        (OTHER, "slot0()"): (0, 0, 0, 0, 0, 0, False),
        (OTHER, "liquidity()"): (0,),
        (OTHER, "fee()"): (100,),
        (OTHER, "tickSpacing()"): (1,),
        (DAI, "symbol()"): ("DAI",),
        (DAI, "decimals()"): (18,),
    }
    named = {(POOL, signature): answer for signature, answer in changes.items()}
    return FakeChain(
        {**answers, **named}, logs=[created(POOL, 10), created(OTHER, 90)], block=BLOCK
    )


def source(**settings):
    return UniswapV3Source(UniswapV3Settings(**{"factory": FACTORY, **settings}))


def discover(found_by, on=None):
    return asyncio.run(found_by.discover(on or chain(), block=BLOCK))


def read(on):
    return asyncio.run(source().states(on, discover(source(), on), block=BLOCK))


def applied(state, *logs):
    now = at(BLOCK, state)
    for one in logs:
        now = source().apply(now, one)
    return now.state


class TestUniswapV3Source(PoolSourceTests):
    def make_source(self):
        return source()

    def make_chain(self):
        return chain()

    def make_models(self):
        return list(arbx_curves())

    def make_recordings(self):
        born = PoolPrice(3000, 60, 0, 0, 0, ())
        life = (
            log(INITIALIZE, (), (price_at(120), 120)),
            log(FEE, (), (0, 0, 4, 5)),
            log(MINT, (7, -60, 180), (7, 1000, 1, 1)),
            log(MINT, (7, 180, 240), (7, 30, 1, 1)),
            log(SWAP, (7, 7), (-5, 5, price_at(200), 30, 200)),
            log(BURN, (7, 180, 240), (10, 1, 1)),
            log(BURN, (7, -60, 180), (1000, 1, 1)),
        )
        grown = (Tick(180, 20, 20), Tick(240, -20, 20))
        after = PoolPrice(3000, 60, price_at(200), 200, 20, grown, fee_protocol=4 + (5 << 4))
        pancake = (
            log(PANCAKE_FEE, (), (0, 0, 3300, 3200)),
            log(PANCAKE_SWAP, (7, 7), (5, -5, price_at(-601), 500, -601, 1, 2)),
        )
        moved = attrs.evolve(
            STATE, sqrt_price_x96=price_at(-601), tick=-601, liquidity=500,
            fee_protocol=3300 + (3200 << 16),
        )  # fmt: skip
        return [
            Recording(at(BLOCK, born), life, at(BLOCK + 1, after)),
            Recording(at(BLOCK, STATE), pancake, at(BLOCK + 1, moved)),
        ]


def test_reads_price_liquidity_and_every_tick():
    pool, other = read(chain())

    assert (pool.block, pool.state) == (BLOCK, STATE)
    assert other.state == PoolPrice(100, 1, 0, 0, 0, ())


def test_asks_for_no_bitmap_of_a_pool_without_a_price():
    on = chain()
    read(on)

    assert {call.target for call in on.asked if call.signature == "tickBitmap(int16)"} == {POOL}


def test_asks_in_batches():
    sizes = []

    class Counting(FakeChain):
        async def call_many(self, calls, *, block=None):
            sizes.append(len(calls))
            return await super().call_many(calls, block=block)

    answers = {
        (POOL, "slot0()"): (2**96, 0, 0, 0, 0, 0, True),
        (POOL, "liquidity()"): (0,),
        (POOL, "fee()"): (100,),
        (POOL, "tickSpacing()"): (1,),
        (POOL, "tickBitmap(int16)"): (0,),
    }
    states = asyncio.run(source().states(Counting(answers), [at(BLOCK, STATE).pool], block=BLOCK))

    assert states[0].state.ticks == ()
    assert sum(sizes) == 4 + 6932
    assert max(sizes) <= 2000


def test_leaves_out_what_does_not_answer_as_a_pool():
    silent = chain(**{"liquidity()": None})

    assert [state.pool.address for state in read(silent)] == [OTHER]
    assert discover(source(pools=("0x" + "dd" * 20,))) == []


def test_names_the_pool_whose_answers_do_not_agree():
    with pytest.raises(arbx.InvalidState, match=f"pool {POOL}, liquidity: is 541"):
        read(chain(**{"liquidity()": (541,)}))
    with pytest.raises(arbx.ChainError, match=f"{POOL} answers slot0.. but not tickBitmap"):
        read(chain(**{"tickBitmap(int16)": None}))


@pytest.mark.parametrize("settings", [{}, {"factory": None, "pools": (POOL, POOL)}])
def test_finds_pools_each_way(settings):
    found = discover(source(**settings))[0]

    assert (found.address, found.tokens, found.kind) == (POOL, TOKENS, "uniswap_v3")


def test_finds_no_more_than_it_is_asked_for():
    assert [pool.address for pool in discover(source(max_pools=1))] == [POOL]
    assert [pool.address for pool in discover(source(from_block=50))] == [OTHER]


def test_ignores_a_burn_of_nothing():
    assert applied(STATE, log(BURN, (7, -600, 600), (0, 0, 0))) is STATE


def test_keeps_a_tick_whose_positions_cancel_out():
    logs = (log(MINT, (7, -1200, -600), (7, 40, 1, 1)),)
    state = applied(STATE, *logs)

    assert state.ticks[2] == Tick(-600, 0, 80)
    assert state.liquidity == 540


def test_takes_a_net_of_zero_for_an_unused_tick_when_gross_is_unknown():
    bare = attrs.evolve(STATE, ticks=tuple(Tick(tick.at, tick.liquidity_net) for tick in TICKS))
    state = applied(bare, log(BURN, (7, -600, 600), (40, 1, 1)))

    assert [tick.at for tick in state.ticks] == [-6000, 6000]
    assert state.liquidity == 500


def test_tells_that_a_log_is_missing():
    with pytest.raises(arbx.InvalidState, match="a log is missing"):
        applied(STATE, log(BURN, (7, -600, 600), (41, 1, 1)))
    with pytest.raises(arbx.InvalidState, match="liquidity: is 77"):
        applied(STATE, log(SWAP, (7, 7), (5, -5, price_at(10), 77, 10)))


def test_refuses_a_malformed_log_by_block_and_index():
    with pytest.raises(
        arbx.InvalidState, match=r"128 bytes, not 160 \(Swap of .* block 101, log 7"
    ):
        applied(STATE, log(SWAP, (7, 7), (5, -5, price_at(10), 77)))
    with pytest.raises(arbx.InvalidState, match="are 3, not 4"):
        applied(STATE, log(MINT, (7, 60), (7, 1, 1, 1)))


@pytest.mark.parametrize(
    ("token_in", "limit"), [(0, int(MIN_SQRT_RATIO) + 1), (1, int(MAX_SQRT_RATIO) - 1)]
)
def test_encodes_the_pool_call(token_in, limit):
    (call,) = source().swap(at(BLOCK, STATE), token_in, 1 - token_in, 5, 3, DAI)

    assert call == arbx.Call(
        POOL,
        "swap(address,bool,int256,uint160,bytes)",
        ("int256", "int256"),
        (DAI, token_in == 0, 5, limit, b""),
    )
    with pytest.raises(arbx.InvalidAmount):
        source().swap(at(BLOCK, STATE), token_in, token_in, 5, 3, DAI)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"preset": "uniswap"}, "choose one of pancakeswap_v3"),
        ({}, "nothing to discover"),
        ({"discovery": "events", "pools": [POOL]}, "a factory or a preset"),
        ({"preset": "uniswap_v3", "fee": 30}, "Extra inputs"),
        ({"preset": "uniswap_v3", "factory": "0x12"}, "pattern"),
    ],
)
def test_refuses_settings_with_the_cure(settings, says):
    with pytest.raises(ValidationError, match=says):
        UniswapV3Settings(**settings)


def test_names_every_preset_completely():
    for name in UniswapV3Settings.presets():
        settings = UniswapV3Settings(preset=name)

        assert settings.curve_kind in {model.kind for model in arbx_curves()}
        for chain_id in UniswapV3Settings.presets()[name]["factories"]:
            assert arbx.Token(settings.factory_on(int(chain_id)))
        with pytest.raises(arbx.ConfigError, match="not known on chain 5"):
            settings.factory_on(5)


def test_offers_settings_that_its_examples_fit():
    (provider,) = arbx_pool_sources()

    for example in provider.examples:
        assert isinstance(provider.build(provider.settings(**example)), UniswapV3Source)
