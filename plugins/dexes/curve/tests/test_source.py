"""The source finds, reads, follows and encodes, on a chain that answers from a table."""

import asyncio

import pytest
from eth_utils import keccak

import arbx
from arbx.testing import FakeChain
from arbx.testing.promises import sources
from arbx.testing.promises.sources import SourceCase
from arbx_dex_curve import CurveSettings, CurveSource, arbx_curves
from arbx_dex_curve.events import TOKEN_EXCHANGE, topics
from arbx_dex_curve.settings import factories
from arbx_dex_curve.stableswap import PlainSwap

COINS = ["0x" + digit * 40 for digit in "1234"]
THREE, TEMPLATE, GUSD = ("0x" + pair * 20 for pair in ("a1", "a2", "a3"))
NG_POOL, META_NG, OLD_NG, TWO = ("0x" + pair * 20 for pair in ("b1", "b2", "b3", "b4"))
NG_FACTORY, TWO_FACTORY = factories()["stableswap-ng"]["1"], factories()["twocrypto-ng"]["1"]
LP = "0x" + "e" * 40
DECIMALS = {COINS[0]: 18, COINS[1]: 6, COINS[2]: 6, COINS[3]: 2, LP: 18}
MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"


def coins_of(pool, coins, word="uint256"):
    return {(pool, f"coins({word})", (k,)): (coin,) for k, coin in enumerate(coins)}


def balances_of(pool, balances, word="uint256"):
    return {(pool, f"balances({word})", (k,)): (value,) for k, value in enumerate(balances)}


def words(pool, **values):
    return {(pool, f"{name}()"): (value,) for name, value in values.items()}


def tokens():
    return {
        key: value
        for coin, digits in DECIMALS.items()
        for key, value in (
            ((coin, "decimals()"), (digits,)),
            ((coin, "symbol()"), (f"T{digits}",)),
        )
    }


def chain():
    crypto = {"A": 540000, "gamma": 80500000000000, "D": 2 * 10**24, "mid_fee": 3000000}
    crypto |= {"out_fee": 30000000, "fee_gamma": 230000000000000, "virtual_price": 10**18}
    answers = {
        **tokens(),
        **coins_of(THREE, COINS[:3]),
        **balances_of(THREE, [10**24, 10**12, 10**12]),
        **words(THREE, A=2000, fee=10**6, admin_fee=5 * 10**9, get_virtual_price=1025 * 10**15),
        **coins_of(TEMPLATE, COINS[:2], "int128"),
        **balances_of(TEMPLATE, [10**24, 10**12], "int128"),
        **words(TEMPLATE, A=100, A_precise=10000, fee=4 * 10**6, admin_fee=5 * 10**9),
        **coins_of(GUSD, [COINS[3], LP]),
        **balances_of(GUSD, [10**8, 10**24]),
        **words(GUSD, A=1000, A_precise=100000, fee=4 * 10**6, admin_fee=0, base_pool=THREE),
        **words(GUSD, base_virtual_price=1024 * 10**15, base_cache_updated=1_700_000_000),
        **words(LP, totalSupply=29 * 10**23),
        (MULTICALL3, "getCurrentBlockTimestamp()"): (1_700_000_100,),
        **words(NG_FACTORY, pool_count=3),
        **{
            (NG_FACTORY, "pool_list(uint256)", (k,)): (p,)
            for k, p in enumerate([NG_POOL, OLD_NG, META_NG])
        },
        (NG_POOL, "version()"): ("v7.0.0",),
        (OLD_NG, "version()"): ("v5.0.0",),
        (META_NG, "version()"): ("v7.0.0",),
        (NG_FACTORY, "is_meta(address)"): (False,),
        (NG_FACTORY, "is_meta(address)", (META_NG,)): (True,),
        (NG_FACTORY, "get_pool_asset_types(address)", (NG_POOL,)): ([0, 0],),
        **coins_of(NG_POOL, COINS[1:3]),
        **words(NG_POOL, A_precise=20000, fee=10**6, admin_fee=5 * 10**9),
        **words(NG_POOL, offpeg_fee_multiplier=2 * 10**10, get_balances=[10**12, 2 * 10**12]),
        **words(NG_POOL, stored_rates=[10**30, 10**30]),
        **coins_of(META_NG, [COINS[3], LP]),
        **balances_of(META_NG, [10**8, 10**24]),
        **words(META_NG, A=1000, A_precise=100000, fee=4 * 10**6, admin_fee=0, BASE_POOL=THREE),
        **words(META_NG, stored_rates=[10**34, 1025 * 10**15], offpeg_fee_multiplier=0),
        **words(TWO_FACTORY, pool_count=1),
        (TWO_FACTORY, "pool_list(uint256)", (0,)): (TWO,),
        (TWO, "version()"): ("v2.1.0",),
        **coins_of(TWO, COINS[:2]),
        **balances_of(TWO, [10**24, 5 * 10**8]),
        **words(TWO, price_scale=2000 * 10**18, totalSupply=22 * 10**21, **crypto),
    }
    return FakeChain(answers, block=7)


def settings(**more):
    given = [
        {"address": THREE, "generation": "StableSwap3Pool"},
        {"address": TEMPLATE, "generation": "SwapTemplateBase"},
        {"address": GUSD, "generation": "StableSwapGUSD"},
    ]
    return CurveSettings(pools=given, factories=("stableswap-ng", "twocrypto-ng"), **more)


def case(**more):
    models = {model.kind: model for model in arbx_curves()}
    targets = frozenset({*COINS, LP, THREE, TEMPLATE, GUSD, NG_POOL, META_NG, TWO})
    return SourceCase(CurveSource(settings(**more)), chain(), 7, models, (), targets)


@pytest.mark.parametrize(
    "promise",
    [
        sources.topics_are_32_bytes,
        sources.discovers_pools_of_its_chain,
        sources.discovers_no_pool_twice,
        sources.reads_complete_states,
        sources.reads_only_what_was_asked,
        sources.states_round_trip_through_dump,
        sources.swaps_call_the_pool,
        sources.swaps_pay_the_recipient,
        sources.swaps_can_be_encoded,
    ],
)
def test_keeps_the_promises_of_a_source(promise):
    asyncio.run(promise(case()))


def states(**more):
    made = case(**more)
    return made.source, {state.pool.address: state for state in asyncio.run(made.states())}


def test_reads_every_supported_generation_and_says_why_it_skips_the_others():
    source, read = states()

    assert set(read) == {THREE, TEMPLATE, GUSD, NG_POOL, META_NG, TWO}
    assert source.skipped == {
        OLD_NG: "stableswap-ng pool v5.0.0: no supported contract generation"
    }


def test_trades_a_metapool_at_the_configured_level():
    _, read = states()
    assert [token.address for token in read[META_NG].pool.tokens] == [COINS[3], *COINS[:3]]

    made = case(level="meta")
    pools = {pool.address: pool for pool in asyncio.run(made.pools())}
    assert [token.address for token in pools[META_NG].tokens] == [COINS[3], LP]


def exchange(pool, sold, amount, bought, paid):
    data = b"".join(value.to_bytes(32, "big") for value in (sold, amount, bought, paid))
    return arbx.Log(pool, (TOKEN_EXCHANGE, bytes(32)), data, 8, 0)


@pytest.mark.parametrize("pool", [THREE, TEMPLATE, NG_POOL])
def test_follows_a_swap_that_the_known_state_explains(pool):
    source, read = states()
    before = read[pool]
    curve = {model.kind: model for model in arbx_curves()}[before.pool.kind].curve
    paid = curve(before.state, 0, 1).amount_out(10**9)

    after = source.apply(before, exchange(pool, 0, 10**9, 1, paid))

    assert after.block == 8
    assert after.state.balances[0] == before.state.balances[0] + 10**9
    assert after.state.balances[1] <= before.state.balances[1] - paid


@pytest.mark.parametrize("pool", [THREE, NG_POOL, GUSD])
def test_asks_to_read_again_where_an_event_does_not_tell_all(pool):
    source, read = states()

    with pytest.raises(arbx.StaleState):
        source.apply(read[pool], exchange(pool, 0, 10**9, 1, 1))
    liquidity = min(topics() - {TOKEN_EXCHANGE})
    with pytest.raises(arbx.StaleState, match="a part only"):
        source.apply(read[pool], arbx.Log(pool, (liquidity,), b"", 8, 0))


def test_leaves_the_logs_of_others_alone():
    source, read = states()
    foreign = exchange("0x" + "f0" * 20, 0, 1, 1, 1)

    assert source.apply(read[THREE], foreign) == read[THREE]


def test_stores_what_the_admin_takes_out_of_the_fee():
    _, read = states()
    state = read[THREE].state

    paid, _, left = PlainSwap(state, 0, 1).settled(state, 10**22)

    # Half of the fee of 0.01 % leaves the balance too.
    assert state.balances[1] - paid - left == pytest.approx(paid * 5e-5, rel=1e-3)


def test_names_topics_by_the_hash_of_their_signatures():
    import json
    from importlib.resources import files

    table = json.loads(files("arbx_dex_curve").joinpath("events.json").read_text("utf-8"))

    assert {name: keccak(text=name).hex() for name in table} == table


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "nothing to discover"),
        ({"factories": ["uniswap"]}, "choose one of stableswap-ng"),
        (
            {"pools": [{"address": THREE, "generation": "compound"}]},
            "choose one of StableSwap3Pool",
        ),
    ],
)
def test_refuses_settings_with_the_cure(given, said):
    with pytest.raises(ValueError, match=said):
        CurveSettings(**given)


def test_names_the_chains_that_a_factory_is_known_on():
    with pytest.raises(arbx.ConfigError, match="only on 1, 42161, 8453"):
        settings().factory_on("twocrypto-ng", 56)
