"""Random pools for property tests."""

from hypothesis import strategies as st

from arbx_dex_curve.generations import META, NG, PLAIN
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
        draw(st.sampled_from([0, 1_000_000, 10_000_000])),
        5 * 10**9,
        draw(balances(coins)),
        tuple(
            10 ** (36 - draw(st.integers(0, 18))) * draw(st.integers(900, 1300)) // 1000
            for _ in range(coins)
        ),
        draw(st.sampled_from([0, 10**10, 2 * 10**10, 20 * 10**10])),
        (0,) * coins,
    )
