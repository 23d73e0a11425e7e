"""Lines of a pool with an off-peg fee are tight on both sides of the peg, wherever what it pays is concave."""

import attrs
import pytest

import arbx
from arbx_dex_curve.curve import UnprovenCurve
from arbx_dex_curve.generations import NG
from arbx_dex_curve.models import ng_curve
from arbx_dex_curve.ng import NgState, NgSwap

from .test_fee_lines import ConstantProduct

E18 = 10**18
GENERATION = NG["CurveStableSwapNG"]


def pool(held, *, amp=500, fee_e10=4_000_000, multiplier=5):
    """Return a pool of two million dollars, *held* percent of them in the coin in."""
    balances = tuple(20_000 * part * E18 for part in (held, 100 - held))
    fees = (fee_e10, 5 * 10**9)
    return NgState(GENERATION, amp * 100, *fees, balances, (E18, E18), multiplier * 10**10, (0, 0))


def cycle_over(curve, edge_ppm, reserve=10**24):
    """Return *curve* after a pool of constant product that is dearer by as many parts per million."""
    rate = curve.amount_out(E18)
    return [
        ConstantProduct(reserve, reserve * 10**18 // rate * (10**6 + edge_ppm) // 10**6),
        curve,
    ]


@pytest.mark.parametrize("held", [5, 20, 35, 48, 50, 52, 65, 80, 95])
def test_a_line_meets_the_swap_on_both_sides_of_the_peg(held):
    curve = ng_curve(pool(held), 0, 1)

    for amount in (10**15, 10**20, 10**22, 10**23):
        slope, offset, den = curve.line(amount)
        paid = curve.amount_out(amount)

        # The contract's fee is a whole number of 1e-10.
        assert 0 <= slope * amount + offset - paid * den <= (paid * 15 // 10**11 + 4) * den


@pytest.mark.parametrize("held", [5, 20, 35, 48, 52, 65, 80, 95])
@pytest.mark.parametrize(("amp", "multiplier"), [(100, 20), (500, 5), (1000, 2)])
@pytest.mark.parametrize("edge_ppm", [1000, 10_000])
def test_a_cycle_is_proven_to_a_part_in_a_million(held, amp, multiplier, edge_ppm):
    state = pool(held, amp=amp, multiplier=multiplier)
    curves = cycle_over(ng_curve(state, 0, 1), edge_ppm)

    found = arbx.optimise(curves)
    tried = [
        arbx.amounts_along(curves, amount)[-1] - amount
        for amount in (found.amount_in * step // 500 for step in range(1, 1500))
    ]

    assert found.profit > 10**15
    assert max(tried) <= found.profit * (1 + 1e-9)
    assert max(tried) <= found.upper_bound <= found.profit * (1 + 1e-6)


def test_a_fee_that_falls_too_steeply_leaves_a_valid_bound_and_the_best_input():
    # Here the falling fee wins over the curve: what is paid is convex up to the peg, and no line can be tight.
    state = pool(15, amp=50_000, multiplier=20)
    curve = ng_curve(state, 0, 1)
    curves = cycle_over(curve, 1000)

    lined = arbx.optimise(curves)
    tried = arbx.optimise([curves[0], UnprovenCurve(NgSwap, state, 0, 1)])

    assert not curve._prepare().touches(lined.amounts[0])
    assert lined.profit >= tried.profit * (1 - 1e-6) > 10**15
    assert lined.upper_bound >= tried.profit


def test_a_pool_without_a_fee_needs_no_fee_lines():
    curve = ng_curve(pool(30, fee_e10=0), 0, 1)

    for amount in (1, 10**20, 10**23):
        slope, offset, den = curve.line(amount)

        assert slope * amount + offset - curve.amount_out(amount) * den <= 8 * den


def test_a_pool_whose_fee_overflows_before_a_swap_has_lines():
    state = attrs.evolve(
        pool(50, amp=1), balances=(2_251_799_813_685_248,) * 2, rates=(9 * 10**35,) * 2
    )
    curve = ng_curve(state, 0, 1)

    with pytest.raises(arbx.WouldRevert):
        curve.amount_out(1)
    assert curve.line(0).slope_num > 0
