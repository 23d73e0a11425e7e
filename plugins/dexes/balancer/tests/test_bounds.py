"""The proofs of docs/explanation/balancer-bounds.md, tried on random pools and inputs."""

from itertools import pairwise

import gmpy2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import arbx
from arbx_dex_balancer import arbx_curves
from arbx_dex_balancer.fixed import ONE
from arbx_dex_balancer.logexp import power, power_up
from arbx_dex_balancer.stablemath import invariant, invariant_slack
from arbx_dex_balancer.weighted import POW_EXCESS_E18

from . import pools

MODELS = {model.kind: model for model in arbx_curves()}
WIDE = gmpy2.context(precision=300)
KINDS = pytest.mark.parametrize(
    "kind", [pools.weighted, pools.stable, pools.composable, pools.v3], ids=lambda kind: kind.__name__
)  # fmt: skip
many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def drawn_curve(data, kind):
    record = data.draw(kind())
    n = len(record["state"]["balances"])
    token_in, token_out = data.draw(st.permutations(range(n)))[:2]
    model = MODELS[record["kind"]]
    return model.curve(model.parse(arbx.Fields(record)), token_in, token_out)


def amounts(data, curve, count):
    """Return rising amounts of any magnitude that the pool takes."""
    bits = curve.max_in.bit_length()
    drawn = (data.draw(st.integers(0, curve.max_in)) for _ in range(count))
    return sorted(amount >> data.draw(st.integers(0, bits)) for amount in drawn)


def paid(curve, amount):
    """Return what is paid, or None where the contract's iteration fails for this very amount."""
    try:
        return curve.amount_out(amount)
    except arbx.WouldRevert:
        return None


@KINDS
def test_no_payment_is_above_any_line(kind):
    @many
    @given(st.data())
    def holds(data):
        curve = drawn_curve(data, kind)
        for point in (0, *amounts(data, curve, 3), curve.max_in):
            slope, offset, den = curve.line(point)

            assert slope >= 0
            assert offset >= 0
            for amount in (0, 1, point, point + 1, *amounts(data, curve, 4), curve.max_in):
                out = paid(curve, amount) if amount <= curve.max_in else None
                assert out is None or out * den <= slope * amount + offset

    holds()


@many
@given(pools.weighted(), st.data())
def test_no_payment_of_an_even_pair_is_above_its_piece(record, data):
    record["state"] |= {"weights": [ONE // 2] * 2, "pool": None}
    model = MODELS[record["kind"]]
    curve = model.curve(model.parse(arbx.Fields(record)), 0, 1)
    for a, b, c, *_ in curve.pieces():
        for amount in (1, *amounts(data, curve, 4), curve.max_in):
            assert curve.amount_out(amount) * (b + c * amount) <= a * amount
    assert len(curve.pieces()) == (curve.max_in > 0)


@KINDS
def test_lines_get_flatter_to_the_right(kind):
    @many
    @given(st.data())
    def holds(data):
        curve = drawn_curve(data, kind)
        points = [0, *amounts(data, curve, 5), curve.max_in]
        for left, right in pairwise(points):
            if right - left > left >> 8:
                before, after = curve.line(left), curve.line(right)

                assert after.slope_num * before.den <= before.slope_num * after.den

    holds()


@KINDS
def test_least_in_pays_while_one_unit_less_does_not(kind):
    @many
    @given(st.data())
    def holds(data):
        curve = drawn_curve(data, kind)
        for amount in amounts(data, curve, 3):
            wanted = paid(curve, amount)
            if wanted:
                least = curve.least_in(wanted)

                assert curve.amount_out(least) >= wanted
                assert (paid(curve, least - 1) or 0) < wanted

    holds()


@pytest.mark.parametrize("kind", [pools.weighted, pools.stable])
def test_lines_come_near_large_payments(kind):
    @many
    @given(st.data())
    def holds(data):
        curve = drawn_curve(data, kind)
        amount = curve.max_in // 3 if kind is pools.weighted else curve.max_in >> 60
        out = paid(curve, amount)
        if out:
            slope, offset, den = curve.line(amount)

            # The contracts' own margins (powUp's 1e-14, c rounded up) and a unit of rounding on each side
            near = (slope * (amount - 1) + offset) // den
            assert near - 1 <= out + out // 10**4

    holds()


@given(
    st.integers(ONE * 10 // 13, ONE - 1),
    st.integers(10**16 * ONE // (99 * 10**16), 99 * ONE),
)
@settings(max_examples=400, deadline=None)
def test_power_up_exceeds_the_true_power_by_its_margin(base, exponent):
    with gmpy2.context(WIDE):
        true = (gmpy2.mpfr(base) / ONE) ** (gmpy2.mpfr(exponent) / ONE) * ONE
        up = power_up(base, exponent, shortcuts=False)

        assert up >= true * (1 + gmpy2.mpfr(POW_EXCESS_E18) / ONE)
        assert up <= true * (1 + gmpy2.mpfr(11_000) / ONE) + 4


@given(st.integers(ONE * 10 // 13, ONE), st.sampled_from([1, 2, 4]))
def test_shortcuts_are_never_below_the_true_power(base, exponent):
    assert power_up(base, exponent * ONE, shortcuts=True) * ONE ** (exponent - 1) >= base**exponent


@given(st.integers(1, 2**127), st.integers(0, 4 * ONE))
def test_power_agrees_with_real_numbers_on_its_whole_range(base, exponent):
    with gmpy2.context(WIDE):
        log = gmpy2.log(gmpy2.mpfr(base) / ONE) * exponent / ONE
        if not -40 < log < 129:
            return
        true = gmpy2.exp(log) * ONE

        assert abs(power(base, exponent) - true) <= true / 10**14 + 1


@given(
    st.sampled_from([1, 50, 5000]), st.lists(st.integers(10**15, 10**27), min_size=2, max_size=5)
)
@settings(max_examples=300, deadline=None)
def test_the_invariant_is_above_the_real_one_by_no_more_than_the_stated_slack(amp, balances):
    n = len(balances)
    try:
        d = invariant(amp * 1000, balances)
    except arbx.WouldRevert:
        return
    slack = invariant_slack(balances, [d] * n)

    product = n**n
    for balance in balances:
        product *= balance
    low = d - slack
    # Ann·S + D >= Ann·D + Dⁿ⁺¹/(nⁿΠ) holds up to the real D
    assert low <= 0 or (amp * n * (sum(balances) - low) + low) * product >= low ** (n + 1)
