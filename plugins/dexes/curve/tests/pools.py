"""Random pools for property tests."""

from hypothesis import strategies as st

from arbx_dex_curve.basepool import BaseState
from arbx_dex_curve.generations import META, NG, PLAIN
from arbx_dex_curve.metapool import MetaState
from arbx_dex_curve.ng import NgState
from arbx_dex_curve.stableswap import StableState

GENERATIONS = [*PLAIN.values(), *META.values()]


@st.composite
def balances(draw, coins, spread=12):
    centre = draw(st.integers(0, 80))
    return tuple(
        draw(st.integers(1 << max(0, centre - s), (2 << centre + s) - 1))
        for s in (draw(st.integers(0, spread)) for _ in range(coins))
    )


@st.composite
def plain_pools(draw):
    generation = draw(st.sampled_from(GENERATIONS))
    coins = draw(st.sampled_from(generation.coins))
    digits = [18] * coins
    if generation.scales:
        digits = draw(st.lists(st.integers(0, 18), min_size=coins, max_size=coins))
    return StableState(
        generation,
        draw(st.integers(1, 20_000)) * generation.a_precision,
        draw(st.sampled_from([0, 1, 1_000_000, 4_000_000, 5 * 10**9])),
        draw(st.sampled_from([0, 5 * 10**9, 10**10])),
        draw(balances(coins)),
        tuple(10 ** (36 - digit) for digit in digits),
    )


@st.composite
def ng_pools(draw):
    coins = draw(st.integers(2, 8))
    return NgState(
        NG["CurveStableSwapNG"],
        draw(st.integers(1, 20_000)) * 100,
        draw(st.sampled_from([0, 1_000_000, 10_000_000, 400_000_000])),
        5 * 10**9,
        draw(balances(coins, draw(st.sampled_from([1, 12])))),
        tuple(
            10 ** (36 - draw(st.integers(0, 18))) * draw(st.integers(900, 1300)) // 1000
            for _ in range(coins)
        ),
        draw(st.sampled_from([0, 10**10, 2 * 10**10, 20 * 10**10])),
        (0,) * coins,
    )


@st.composite
def base_pools(draw):
    """Draw a 3pool of any size, balance and fee; a third of them are as real ones are."""
    usual = draw(st.integers(0, 2)) == 0
    digits = [18, 6, 6] if usual else draw(st.lists(st.integers(0, 18), min_size=3, max_size=3))
    centre = draw(st.integers(84, 92)) if usual else draw(st.integers(0, 92))
    spread = 1 if usual else draw(st.integers(0, 14))
    bits = [max(0, centre + draw(st.integers(-spread, spread))) for _ in digits]
    parts = [draw(st.integers(1 << size, (2 << size) - 1)) for size in bits]
    rates = tuple(10 ** (36 - digit) for digit in digits)
    held = [max(1, part * 10**18 // rate) for part, rate in zip(parts, rates, strict=True)]
    worth = sum(amount * rate for amount, rate in zip(held, rates, strict=True))
    return BaseState(
        PLAIN["StableSwap3Pool"],
        draw(st.sampled_from([1, 2, 10, 100, 2000, 20_000])),
        draw(st.sampled_from([0, 1, 1_000_000, 4_000_000, 10**9, 5 * 10**9, 10**10])),
        5 * 10**9,
        tuple(held),
        rates,
        lp_total_supply=max(1, worth // draw(st.sampled_from([10**18, 1027 * 10**15, 10**24]))),
        virtual_price_e18=draw(st.integers(10**18, 11 * 10**17)),
    )


@st.composite
def metapools(draw):
    """Draw a metapool of either kind over a 3pool, about as large as it."""
    base = draw(base_pools())
    name = draw(st.sampled_from(sorted(META)))
    digits = draw(st.integers(2, 18))
    rates = (10 ** (36 - digits), base.virtual_price_e18)
    lp = max(1, base.lp_total_supply >> draw(st.integers(0, 8)))
    coin = max(1, lp * 10**18 // rates[0] * 4 >> draw(st.integers(0, 4)))
    fee = draw(st.sampled_from([0, 1_000_000, 4_000_000]))
    amp = draw(st.sampled_from([10, 100, 500, 5000])) * 100
    common = (META[name], amp, fee, 5 * 10**9, (coin, lp), rates)
    if name != "CurveStableSwapMetaNG":
        return MetaState("underlying", StableState(*common), base)
    multiplier = draw(st.sampled_from([10**10, 2 * 10**10, 20 * 10**10]))
    return MetaState("underlying", NgState(*common, multiplier, (0, 0)), base)
