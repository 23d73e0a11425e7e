"""Registries and base pools are recognised, or left out with the reason, on a chain that answers from a table."""

import asyncio

import pytest

import arbx
from arbx.testing import FakeChain
from arbx_dex_curve import CurveSettings, CurveSource
from arbx_dex_curve.settings import address_provider, factories

META, NG_POOL, META_NG, OLD, OLD_NG, BASE, GUSD = ("0x" + pair * 20 for pair in (
    "a0", "a1", "a2", "a3", "a4", "a5", "a6"))  # fmt: skip
HANDLER, OTHER_HANDLER, OLD_REGISTRY, CODE = (
    "0x" + pair * 20 for pair in ("b0", "b1", "b2", "b3")
)
COINS = ["0x" + digit * 40 for digit in "1234"]
LP, ZERO = "0x" + "e" * 40, "0x" + "0" * 40
DECIMALS = {COINS[0]: 18, COINS[1]: 6, COINS[2]: 6, COINS[3]: 2, LP: 18}
MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"
NG_FACTORY = factories()["stableswap-ng"]["1"]
NOW_S = 1_700_000_100


def coins_of(pool, coins):
    return {(pool, "coins(uint256)", (k,)): (coin,) for k, coin in enumerate(coins)}


def words(pool, **values):
    return {(pool, f"{name}()"): (value,) for name, value in values.items()}


def balances_of(pool, balances):
    return {(pool, "balances(uint256)", (k,)): (value,) for k, value in enumerate(balances)}


def handlers(*known):
    return ([*known, *[ZERO] * (10 - len(known))],)


def answers():
    pools = [NG_POOL, META_NG, OLD, OLD_NG]
    asked = "get_registry_handlers_from_pool(address)"
    return {
        **{(coin, "decimals()"): (digits,) for coin, digits in DECIMALS.items()},
        **words(META, pool_count=len(pools)),
        **{(META, "pool_list(uint256)", (k,)): (pool,) for k, pool in enumerate(pools)},
        **{(META, asked, (pool,)): handlers(HANDLER) for pool in (NG_POOL, META_NG)},
        (META, asked, (OLD,)): handlers(OTHER_HANDLER),
        (META, asked, (OLD_NG,)): handlers(OTHER_HANDLER, HANDLER),
        (META, "get_base_registry(address)", (HANDLER,)): (NG_FACTORY,),
        (META, "get_base_registry(address)", (OTHER_HANDLER,)): (OLD_REGISTRY,),
        (OLD_REGISTRY, "get_implementation_address(address)", (OLD,)): (CODE,),
        (NG_FACTORY, "is_meta(address)", (META_NG,)): (True,),
        (NG_FACTORY, "get_pool_asset_types(address)", (NG_POOL,)): ([0, 0],),
        (NG_POOL, "version()"): ("v7.0.0",),
        (META_NG, "version()"): ("v7.0.0",),
        (OLD_NG, "version()"): ("v6.0.1",),
        **coins_of(NG_POOL, COINS[1:3]),
        **words(NG_POOL, A_precise=20000, fee=10**6, admin_fee=5 * 10**9),
        **words(NG_POOL, offpeg_fee_multiplier=2 * 10**10, get_balances=[10**12, 2 * 10**12]),
        **words(NG_POOL, stored_rates=[10**30, 10**30]),
        **coins_of(META_NG, [COINS[3], LP]),
        **balances_of(META_NG, [10**8, 10**24]),
        **words(META_NG, A_precise=100000, fee=4 * 10**6, admin_fee=0, BASE_POOL=BASE),
        **words(META_NG, stored_rates=[10**34, 1025 * 10**15], offpeg_fee_multiplier=0),
        **coins_of(OLD, COINS[:2]),
        **balances_of(OLD, [10**24, 10**12]),
        **words(OLD, A=100, A_precise=10000, fee=4 * 10**6, admin_fee=5 * 10**9),
        **coins_of(GUSD, [COINS[3], LP]),
        **balances_of(GUSD, [10**8, 10**24]),
        **words(GUSD, A=1000, A_precise=100000, fee=4 * 10**6, admin_fee=0, base_pool=BASE),
        **words(GUSD, base_virtual_price=1024 * 10**15, base_cache_updated=NOW_S - 400),
        **coins_of(BASE, COINS[:3]),
        **balances_of(BASE, [10**24, 2 * 10**12, 10**12]),
        **words(BASE, A=20, A_precise=2000, fee=10**6, admin_fee=5 * 10**9),
        **words(BASE, get_virtual_price=1025 * 10**15),
        **words(LP, totalSupply=39 * 10**23),
        (MULTICALL3, "getCurrentBlockTimestamp()"): (NOW_S,),
    }


def read(more=(), *, chain_id=1, **settings):
    chain = FakeChain({**answers(), **dict(more)}, block=7, chain_id=chain_id)
    source = CurveSource(CurveSettings(**settings))

    async def both():
        pools = await source.discover(chain, block=7)
        return await source.states(chain, pools, block=7)

    return source, {state.pool.address: state for state in asyncio.run(both())}


def given(pool, generation, **more):
    return {"address": pool, "generation": generation, **more}


def test_recognises_by_version_and_the_registry_behind_the_handler():
    source, states = read(metaregistry=META, level="meta")

    assert {address: state.pool.kind for address, state in states.items()} == {
        NG_POOL: "curve_stableswap_ng",
        META_NG: "curve_metapool",
    }
    assert states[NG_POOL].state.asset_types == (0, 0)
    assert source.skipped[OLD_NG] == "stableswap-ng pool v6.0.1: no supported contract generation"
    assert f"registry {OLD_REGISTRY} (implementation {CODE})" in source.skipped[OLD]


def test_recognises_by_the_implementation_that_a_human_knows():
    source, states = read(metaregistry=META, implementations={CODE: "SwapTemplateBase"})

    assert states[OLD].state.generation.name == "SwapTemplateBase"
    assert OLD not in source.skipped


def test_asks_the_address_provider_for_the_registry_of_a_chain():
    registry = {(address_provider(), "get_address(uint256)", (7,)): (META,)}

    _, states = read(
        registry, chain_id=8453, metaregistry=True, implementations={CODE: "Plain2Basic"}
    )

    assert list(states) == [OLD]
    with pytest.raises(arbx.ConfigError, match="no MetaRegistry on chain 8453; set metaregistry"):
        read(chain_id=8453, metaregistry=True)


@pytest.mark.parametrize("version", [None, "\x1b[2J" * 20])
def test_quotes_what_a_contract_says_without_its_control_characters(version):
    more = {(OLD, "version()"): None if version is None else (version,)}

    source, _ = read(more, metaregistry=META)

    assert source.skipped[OLD].isprintable()
    assert len(source.skipped[OLD]) < 400


def test_trades_through_a_base_pool_whose_formula_is_known():
    source, states = read(
        pools=[given(GUSD, "StableSwapGUSD"), given(BASE, "SwapTemplateBase", level="meta")]
    )

    assert source.skipped == {}
    base = states[GUSD].state.base
    assert (base.generation.name, base.amp) == ("SwapTemplateBase", 2000)
    assert base.lp_total_supply == 39 * 10**23
    assert [token.address for token in states[GUSD].pool.tokens] == [COINS[3], *COINS[:3]]
    assert states[GUSD].fleeting


@pytest.mark.parametrize(
    ("pools", "why"),
    [
        ([given(META_NG, "CurveStableSwapMetaNG")], "is of no known generation"),
        (
            [given(META_NG, "CurveStableSwapMetaNG"), given(BASE, "CurveStableSwapNG")],
            "is CurveStableSwapNG",
        ),
        (
            [given(META_NG, "CurveStableSwapMetaNG"), given(BASE, "StableSwapSUSD")],
            "is StableSwapSUSD",
        ),
    ],
)
def test_trades_through_no_base_pool_whose_formula_is_not_known(pools, why):
    source, states = read(pools=pools)

    assert META_NG not in states
    assert source.skipped[META_NG].startswith(f"its base pool {BASE} {why}: exchange_underlying")
    assert 'set level = "meta"' in source.skipped[META_NG]


def test_trades_the_lp_token_over_any_base_pool():
    source, states = read(pools=[given(META_NG, "CurveStableSwapMetaNG", level="meta")])

    assert source.skipped == {}
    assert states[META_NG].state.pool.rates == (10**34, 1025 * 10**15)
    assert states[META_NG].state.base is None


RAMP = {"initial_A": 2000, "initial_A_time": NOW_S, "future_A": 4000, "future_A_time": NOW_S + 120}


def test_prices_the_lp_token_by_the_a_that_its_base_pool_will_have():
    pools = [given(GUSD, "StableSwapGUSD"), given(BASE, "SwapTemplateBase")]
    _, steady = read(pools=pools)
    # the cached price is older than ten minutes in the next block only
    aged = words(GUSD, base_cache_updated=NOW_S - 595)

    _, states = read(words(BASE, **RAMP) | aged, pools=pools)

    base = states[GUSD].state.base
    assert base.amp == states[BASE].state.amp == 2000 + 2000 * 12 // 120
    assert base.virtual_price_e18 > 10**18
    assert base.virtual_price_e18 != steady[GUSD].state.base.virtual_price_e18
    assert states[GUSD].state.pool.rates[1] == base.virtual_price_e18
    assert steady[GUSD].state.pool.rates[1] == 1024 * 10**15


def test_trades_no_lp_token_of_an_unknown_base_pool_that_ramps():
    source, states = read(
        words(BASE, **RAMP), pools=[given(META_NG, "CurveStableSwapMetaNG", level="meta")]
    )

    assert states == {}
    assert "of no known generation, may ramp A until" in source.skipped[META_NG]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"initial_A": 1999}, "answers A = 2000, its ramp gives 1999"),
        ({"initial_A": None}, "does not answer initial_A()"),
    ],
)
def test_believes_no_ramp_that_is_not_the_pools(more, why):
    ramp = words(BASE, **RAMP) | {
        (BASE, f"{name}()"): None if value is None else (value,) for name, value in more.items()
    }

    source, states = read(ramp, pools=[given(BASE, "SwapTemplateBase")])

    assert states == {}
    assert why in source.skipped[BASE]


def test_reads_a_ramp_before_multicall3_only_once_it_is_over():
    early = {(MULTICALL3, "getCurrentBlockTimestamp()"): None}
    pools = [given(BASE, "SwapTemplateBase")]

    source, states = read(words(BASE, **RAMP) | early, pools=pools)
    _, over = read(words(BASE, **{**RAMP, "future_A": 2000}) | early, pools=pools)

    assert states == {}
    assert "without Multicall3" in source.skipped[BASE]
    assert (over[BASE].state.amp, over[BASE].fleeting) == (2000, False)
