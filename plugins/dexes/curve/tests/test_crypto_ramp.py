"""While A and gamma are being ramped, exchange computes D anew and insists on no profit."""

import asyncio
from fractions import Fraction

import pytest

from arbx.testing import FakeChain
from arbx_dex_curve import CurveSettings, CurveSource, arbx_curves

POOL = "0x" + "b4" * 20
COINS = ["0x" + digit * 40 for digit in "12"]
MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"
NAME = "CurveTwocryptoOptimized v2.1.0"
NOW_S, BLOCK_S = 1_700_000_000, 12
STARTS_S, ENDS_S = NOW_S - 40_000, NOW_S + 60_000
INITIAL, FUTURE = (400_000, 80_500_000_000_000), (900_000, 20_000_000_000_000)
BALANCES, PRICE_SCALE, D = (13 * 10**23, 4 * 10**8), 2000 * 10**18, 2 * 10**24


def mean(k, timestamp_s):
    """Return A (0) or gamma (1) as _A_gamma gives it."""
    left, elapsed = ENDS_S - timestamp_s, timestamp_s - STARTS_S
    return (INITIAL[k] * left + FUTURE[k] * elapsed) // (ENDS_S - STARTS_S)


def read(*, now_s=NOW_S, chain_id=1, **told):
    words = {
        "A": mean(0, now_s),
        "gamma": mean(1, now_s),
        "D": D,
        "mid_fee": 3_000_000,
        "out_fee": 30_000_000,
        "fee_gamma": 230_000_000_000_000,
        "virtual_price": 10**18,
        "price_scale": PRICE_SCALE,
        "totalSupply": 22 * 10**21,
        "initial_A_gamma": INITIAL[0] << 128 | INITIAL[1],
        "future_A_gamma": FUTURE[0] << 128 | FUTURE[1],
        "initial_A_gamma_time": STARTS_S,
        "future_A_gamma_time": ENDS_S,
        **told,
    }
    answers = {
        **{(POOL, f"{name}()"): (value,) for name, value in words.items() if value is not None},
        **{(POOL, "coins(uint256)", (k,)): (coin,) for k, coin in enumerate(COINS)},
        **{(POOL, "balances(uint256)", (k,)): (held,) for k, held in enumerate(BALANCES)},
        **{(c, "decimals()"): (digits,) for c, digits in zip(COINS, (18, 6), strict=True)},
        (MULTICALL3, "getCurrentBlockTimestamp()"): (now_s,),
    }
    chain = FakeChain(answers, block=7, chain_id=chain_id)
    source = CurveSource(CurveSettings(pools=[{"address": POOL, "generation": NAME}]))

    async def both():
        return await source.states(chain, await source.discover(chain, block=7), block=7)

    return source, asyncio.run(both())


def residual(state, d):
    """Return how far K·D·Σx + Πx - K·D² - D²/4 is from 0, as a part of the last term."""
    x, y = BALANCES[0], BALANCES[1] * 10**12 * PRICE_SCALE // 10**18
    k0 = Fraction(4 * x * y, d * d)
    gamma = Fraction(state.gamma, 10**18)
    k = Fraction(state.a, 4 * 10_000) * k0 * gamma**2 / (gamma + 1 - k0) ** 2
    left = k * d * (x + y) + x * y - k * d * d - Fraction(d * d, 4)
    return float(left / Fraction(d * d, 4))


def test_a_gamma_and_the_invariant_are_those_of_the_next_block():
    _, (state,) = read()

    pool = state.state
    assert (pool.a, pool.gamma) == (mean(0, NOW_S + BLOCK_S), mean(1, NOW_S + BLOCK_S))
    assert pool.d != D
    assert abs(residual(pool, pool.d)) < 1e-12 < 1e-6 < abs(residual(pool, D))
    assert state.fleeting


def test_a_swap_that_brings_the_pool_nothing_is_paid_while_it_ramps():
    def dust(state):
        model = next(model for model in arbx_curves() if model.kind == "curve_cryptoswap")
        return model.curve(state, 1, 0).amount_out(1)

    _, (ramping,) = read(virtual_price=2 * 10**18)
    settled = {"A": ramping.state.a, "gamma": ramping.state.gamma, "D": ramping.state.d}
    _, (poorer,) = read(future_A_gamma_time=0, virtual_price=2 * 10**18, **settled)

    assert dust(ramping.state) > 0
    assert dust(poorer.state) == 0  # it would be a loss


@pytest.mark.parametrize("now_s", [ENDS_S - BLOCK_S, ENDS_S - 5])
def test_the_block_after_the_ramp_has_the_future_values_and_the_stored_invariant(now_s):
    _, (state,) = read(now_s=now_s)

    assert (state.state.a, state.state.gamma, state.state.d) == (*FUTURE, D)
    assert state.fleeting


def test_nothing_is_fleeting_once_the_ramp_is_over():
    _, (state,) = read(A=FUTURE[0], gamma=FUTURE[1], future_A_gamma_time=NOW_S - 1)

    assert (state.state.a, state.state.d, state.fleeting) == (FUTURE[0], D, False)
    assert state.state.virtual_price_e18 == 10**18


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"A": mean(0, NOW_S) + 1}, "its ramp gives"),
        ({"gamma": mean(1, NOW_S) - 1}, "its ramp gives"),
        ({"initial_A_gamma_time": None}, "initial_A_gamma_time()"),
        ({"chain_id": 5}, "set block_time_s"),
    ],
)
def test_what_is_not_plainly_the_pools_ramp_is_left_out(told, why):
    source, states = read(**told)

    assert list(states) == []
    assert why in source.skipped[POOL]
