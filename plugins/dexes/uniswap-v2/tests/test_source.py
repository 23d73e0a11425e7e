"""The source of pairs, on a chain that answers from a table."""

import asyncio

import pytest
from pydantic import ValidationError

import arbx
from arbx.testing import FakeChain, PoolSourceTests, Recording
from arbx_dex_uniswap_v2 import (
    PairState,
    UniswapV2Settings,
    UniswapV2Source,
    arbx_curves,
    arbx_pool_sources,
)
from arbx_dex_uniswap_v2.source import PAIR_CREATED, SYNC

FACTORY, PAIR, OTHER = ("0x" + digits * 20 for digits in ("fa", "a1", "a2"))
DAI, MKR, GONE = ("0x" + digits * 20 for digits in ("01", "02", "03"))
BLOCK = 100


def word(value):
    return value.to_bytes(32, "big")


def address_word(address):
    return bytes(12) + bytes.fromhex(address[2:])


def created(pair, token0, token1, number, block):
    topics = (PAIR_CREATED, address_word(token0), address_word(token1))
    return arbx.Log(FACTORY, topics, address_word(pair) + word(number), block, 0)


def sync(reserve0, reserve1, address=PAIR):
    return arbx.Log(address, (SYNC,), word(reserve0) + word(reserve1), BLOCK + 1, 4)


def chain():
    answers = {
        (FACTORY, "allPairsLength()"): (2,),
        (FACTORY, "allPairs(uint256)", (0,)): (PAIR.upper().replace("X", "x"),),
        (FACTORY, "allPairs(uint256)", (1,)): (OTHER,),
        (PAIR, "token0()"): (DAI,),
        (PAIR, "token1()"): (MKR,),
        (OTHER, "token0()"): (DAI,),
        (OTHER, "token1()"): (GONE,),
        (PAIR, "getReserves()"): (10**21, 10**18, 1_694_476_800),
        (OTHER, "getReserves()"): (5, 7, 0),
        (DAI, "symbol()"): ("DAI",),
        (DAI, "decimals()"): (18,),
        (MKR, "decimals()"): (18,),
    }
    logs = [created(PAIR, DAI, MKR, 1, 10), created(OTHER, DAI, GONE, 2, 90)]
    return FakeChain(answers, logs=logs, block=BLOCK)


def source(**settings):
    return UniswapV2Source(
        UniswapV2Settings(**{"factory": FACTORY, "fee_num": 997, "fee_den": 1000, **settings})
    )


def discover(found_by, on=None):
    return asyncio.run(found_by.discover(on or chain(), block=BLOCK))


def recorded(reserve0, reserve1, block):
    tokens = (arbx.Token(DAI, "DAI", 18), arbx.Token(MKR, None, 18))
    pool = arbx.Pool(1, "uniswap_v2", PAIR, tokens)
    return arbx.PoolState(pool, block, PairState(reserve0, reserve1, 997, 1000))


class TestUniswapV2Source(PoolSourceTests):
    def make_source(self):
        return source()

    def make_chain(self):
        return chain()

    def make_models(self):
        return list(arbx_curves())

    def make_recordings(self):
        logs = (sync(2 * 10**21, 10**17), sync(3 * 10**21, 10**16))
        before, after = recorded(10**21, 10**18, BLOCK), recorded(3 * 10**21, 10**16, BLOCK + 1)
        return [Recording(before, logs, after)]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"discovery": "all_pairs"},
        {"factory": None, "pools": (PAIR, OTHER, PAIR)},
    ],
)
def test_finds_the_same_pairs_each_way(settings):
    pools = discover(source(**settings))

    assert [pool.address for pool in pools] == [PAIR, OTHER]
    assert [token.address for token in pools[0].tokens] == [DAI, MKR]
    assert {pool.kind for pool in pools} == {"uniswap_v2"}


def test_finds_no_more_than_it_is_asked_for():
    for settings in ({}, {"discovery": "all_pairs"}, {"pools": (PAIR, OTHER)}):
        assert [pool.address for pool in discover(source(max_pools=1, **settings))] == [PAIR]


def test_starts_at_its_first_block():
    assert [pool.address for pool in discover(source(from_block=50))] == [OTHER]


def test_bears_tokens_without_names():
    dai, gone = discover(source())[1].tokens

    assert (dai.symbol, dai.decimals) == ("DAI", 18)
    assert (gone.symbol, gone.decimals) == (None, None)


class OldTokens(FakeChain):
    """MKR answers bytes32 where ERC-20 says string: undecodable as the one, readable as the other."""

    def _answer(self, call, block):
        if (call.target, call.signature) != (MKR, "symbol()"):
            return super()._answer(call, block)
        return (b"MKR".ljust(32, b"\0"),) if call.returns == ("bytes32",) else None


def test_reads_symbols_of_old_tokens():
    old = OldTokens({(MKR, "decimals()"): (18,)}, block=BLOCK)
    tokens = asyncio.run(arbx.read_tokens(old, [MKR, MKR], block=BLOCK))

    assert tokens == {MKR: arbx.Token(MKR, "MKR", 18)}


def test_leaves_out_pairs_that_do_not_answer():
    pools = discover(source())
    silent = FakeChain({(PAIR, "getReserves()"): (1, 2, 3)}, block=BLOCK)
    states = asyncio.run(source().states(silent, pools, block=BLOCK))

    assert [state.pool.address for state in states] == [PAIR]
    assert discover(source(pools=("0x" + "dd" * 20,))) == []


def test_refuses_a_factory_that_is_none():
    with pytest.raises(arbx.ConfigError, match="allPairsLength"):
        discover(source(discovery="all_pairs", factory="0x" + "dd" * 20))


def test_refuses_a_malformed_sync_by_block_and_index():
    short = arbx.Log(PAIR, (SYNC,), bytes(63), BLOCK + 1, 4)

    with pytest.raises(arbx.InvalidState, match=r"63 bytes, not 64 \(Sync of .* block 101, log 4"):
        source().apply(recorded(1, 1, BLOCK), short)


def test_encodes_the_pair_call():
    (call,) = source().swap(recorded(10, 10, BLOCK), 0, 1, 5, 3, GONE)

    assert call == arbx.Call(PAIR, "swap(uint256,uint256,address,bytes)", (), (0, 3, GONE, b""))
    with pytest.raises(arbx.InvalidAmount):
        source().swap(recorded(10, 10, BLOCK), 0, 0, 5, 3, GONE)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"preset": "uniswap"}, "choose one of pancakeswap_v2"),
        ({"factory": FACTORY}, "fee_num and fee_den"),
        ({"fee_num": 997, "fee_den": 1000}, "nothing to discover"),
        ({"fee_num": 997, "fee_den": 1000, "discovery": "events", "pools": [PAIR]}, "a factory"),
        ({"fee_num": 1001, "fee_den": 1000, "pools": [PAIR]}, "above fee_den"),
        ({"preset": "uniswap_v2", "fee": 30}, "Extra inputs"),
        ({"preset": "uniswap_v2", "factory": "0x12"}, "pattern"),
    ],
)
def test_refuses_settings_with_the_cure(settings, says):
    with pytest.raises(ValidationError, match=says):
        UniswapV2Settings(**settings)


def test_finds_the_factory_of_a_preset_by_chain():
    settings = UniswapV2Settings(preset="pancakeswap_v2")

    assert settings.factory_on(56) == "0xca143ce32fe78f1f7019d7d551a6402fc5350c73"
    assert (settings.fee, settings.curve_kind) == ((9975, 10_000), "pancakeswap_v2")
    with pytest.raises(arbx.ConfigError, match="not known on chain 5"):
        settings.factory_on(5)


def test_names_every_preset_completely():
    for name in UniswapV2Settings.presets():
        settings = UniswapV2Settings(preset=name)

        assert settings.curve_kind in {model.kind for model in arbx_curves()}
        for chain_id in UniswapV2Settings.presets()[name]["factories"]:
            assert arbx.Token(settings.factory_on(int(chain_id)))


def test_offers_settings_that_its_examples_fit():
    (provider,) = arbx_pool_sources()

    for example in provider.examples:
        assert isinstance(provider.build(provider.settings(**example)), UniswapV2Source)
