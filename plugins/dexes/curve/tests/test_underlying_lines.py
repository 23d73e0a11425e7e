"""No swap through a base pool ever pays more than a line says: deposits, withdrawals, and both pools together."""

import attrs
import pytest
from gmpy2 import mpz
from hypothesis import given, settings
from hypothesis import strategies as st

import arbx
from arbx_dex_curve.basepool import BasePool, BaseState
from arbx_dex_curve.deposits import DepositLines
from arbx_dex_curve.generations import META, PLAIN
from arbx_dex_curve.invariant import get_d
from arbx_dex_curve.metapool import MetaState
from arbx_dex_curve.models import meta_curve
from arbx_dex_curve.plane import spread
from arbx_dex_curve.stableswap import StableState
from arbx_dex_curve.withdrawals import WithdrawalLines

from .pools import base_pools, metapools
from .test_bounds import answers, assert_bounded

E18 = 10**18


def prepared(state):
    try:
        return BasePool(state)
    except arbx.WouldRevert:
        return None


@st.composite
def shares(draw, whole, at_most):
    """Draw amounts of every magnitude around and below *whole*, the ends among them."""
    sizes = draw(st.lists(st.floats(-18, 3), min_size=4, max_size=8))
    parts = draw(st.lists(st.floats(0, 1), min_size=1, max_size=3))
    drawn = [*(int(whole * 10**size) for size in sizes), *(int(whole * part) for part in parts)]
    return sorted({0, 1, 2, 3, at_most, *(min(amount, at_most) for amount in drawn)})


def assert_holds(quote, line, asked):
    paid = []
    for amount in asked:
        try:
            paid.append((amount, quote(mpz(amount))))
        except arbx.WouldRevert:
            continue
    for point, _ in paid:
        found = line(mpz(point))
        if found is None:
            continue
        slope, offset, den = found

        assert slope >= 0
        assert offset >= 0
        assert den > 0
        for amount, out in paid:
            assert out * den <= slope * amount + offset, (point, amount)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_deposit_never_mints_more_than_its_lines(data):
    base, coin = prepared(data.draw(base_pools())), data.draw(st.integers(0, 2))
    lines = DepositLines(base, coin) if base is not None else None
    if lines is not None and lines.reach > 0:
        asked = data.draw(shares(base.usual_in(coin), lines.reach))
        assert_holds(
            lambda amount: base.deposit(amount, coin),
            lambda amount: lines.touching(amount)[1],
            asked,
        )


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_withdrawal_never_pays_more_than_its_lines(data):
    base, coin = prepared(data.draw(base_pools())), data.draw(st.integers(0, 2))
    if base is not None:
        asked = data.draw(shares(int(base.supply), int(base.supply)))
        lines = WithdrawalLines(base, coin)
        assert_holds(lambda amount: base.withdraw(amount, coin), lines.line, asked)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_metapool_never_pays_more_than_its_lines_through_the_base_pool(data):
    state, coin = data.draw(metapools()), data.draw(st.integers(1, 3))
    way = (0, coin) if data.draw(st.booleans()) else (coin, 0)
    curve = meta_curve(state, *way)
    if curve.max_in:
        asked = data.draw(shares(curve._prepare().usual_in(), curve.max_in))
        assert_bounded(curve, asked)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_the_contracts_invariant_is_near_the_real_one(data):
    sizes = data.draw(st.lists(st.integers(4, 92), min_size=3, max_size=3))
    xs = [mpz(data.draw(st.integers(1 << size, 2 << size))) for size in sizes]
    amp = data.draw(st.sampled_from([2, 3, 10, 100, 2000, 20_000]))
    ann = mpz(3 * amp)
    error = spread(ann, xs, sum(xs))
    try:
        d = get_d(PLAIN["StableSwap3Pool"], xs, mpz(amp))
    except arbx.WouldRevert:
        return

    def above(guess):
        """Tell whether *guess* is at least the invariant: where the equation's left side is not positive."""
        product = 27 * xs[0] * xs[1] * xs[2]
        return (ann * sum(xs) - (ann - 1) * guess) * product <= guess**4

    assert above(d + 1)
    if error is not None and error < d:
        assert not above(d - error - 1)


def three_pool(**changed):
    """Return a pool of three dollars with 18 decimals, so that no fee is rounded to millionths of one."""
    state = BaseState(
        PLAIN["StableSwap3Pool"],
        2000,
        1_000_000,
        5 * 10**9,
        (150_000_000 * E18, 180_000_000 * E18, 90_000_000 * E18),
        (E18, E18, E18),
        lp_total_supply=408_000_000 * E18,
        virtual_price_e18=1_029_000_000_000_000_000,
    )
    return attrs.evolve(state, **changed)


@pytest.mark.parametrize("coin", [0, 1, 2])
def test_lines_of_the_base_pool_touch_to_a_part_in_ten_billion(coin):
    base = BasePool(three_pool())
    deposits, withdrawals = DepositLines(base, coin), WithdrawalLines(base, coin)

    for amount in (mpz(10**bits) for bits in range(20, 26)):
        minted, line = deposits.touching(amount)
        paid, taken = base.withdraw(amount, coin), withdrawals.line(amount)

        assert minted > amount * 9 // 10
        assert (
            line.slope_num * amount + line.offset_num - minted * line.den
            < minted * line.den // 10**10
        )
        assert paid > amount * 9 // 10
        assert (
            taken.slope_num * amount + taken.offset_num - paid * taken.den
            < paid * taken.den // 10**10
        )


def metapool(base):
    pool = StableState(
        META["StableSwapUSDK"],
        20_000,
        4_000_000,
        5 * 10**9,
        (10**24, 2 * 10**24),
        (E18, 1029 * 10**15),
    )
    return MetaState("underlying", pool, base)


@pytest.mark.parametrize("way", [(0, 1), (2, 0)])
def test_a_line_meets_the_swap_through_both_pools(way):
    curve = meta_curve(metapool(three_pool()), *way)

    for amount, out in answers(curve, [10**18, 10**20, 10**22, 10**23]):
        slope, offset, den = curve.line(amount)

        assert out > amount // 2
        assert slope * amount + offset - out * den <= out * den // 10**9


def test_a_pool_that_its_proof_is_not_about_has_a_flat_line():
    # A of 1: get_D's steps are not known to stay near the invariant.
    state = metapool(three_pool(amp=1))
    curve = meta_curve(state, 2, 0)

    assert curve.amount_out(10**22) > 0
    assert curve.line(10**22) == (0, state.pool.balances[0], 1)
