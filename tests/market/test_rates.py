"""Rounded bounds of hops, against exact rationals."""

import math
import random
from fractions import Fraction

import gmpy2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pools import Bare, Lined, Loose, Product

from arbx.kernel.types import Line, Moebius
from arbx.market.rates import DEAD, hop_rate, log_up, rounded_up

AMOUNTS = st.one_of(st.integers(1, 2**20), st.integers(1, 2**128), st.integers(1, 2**400))
RESERVES = st.integers(1, 2**112 - 1)


@given(AMOUNTS, AMOUNTS)
def test_quotients_are_never_too_small_and_hardly_too_large(num, den):
    found = Fraction(rounded_up(num, den))

    assert Fraction(num, den) <= found <= Fraction(num, den) * (1 + Fraction(1, 2**51))


@given(st.floats(5e-324, 1.7e308))
def test_logarithms_are_never_too_small_and_hardly_too_large(value):
    with gmpy2.context(precision=200):
        exact = gmpy2.log(gmpy2.mpfr(value))
        found = gmpy2.mpfr(log_up(value))

        assert exact <= found <= exact + abs(exact) * gmpy2.mpfr(2) ** -48 + 1e-300


@settings(max_examples=300)
@given(RESERVES, RESERVES, st.integers(1, 2**112), st.sampled_from([Product, Lined, Loose]))
def test_curves_pay_no_more_than_their_bound(reserve_in, reserve_out, amount_in, sort):
    curve = sort(reserve_in, reserve_out)

    found = hop_rate(curve)

    bound = bound_at(found, amount_in)
    assert curve.amount_out(amount_in) <= bound


def bound_at(found, amount_in):
    rate, bend, slack = Fraction(found.rate), Fraction(found.bend), Fraction(found.slack)
    return rate * amount_in / (1 + bend * amount_in) + slack


def test_empty_pools_are_dead():
    assert hop_rate(Product(0, 10)) == DEAD
    assert hop_rate(Lined(10, 0)) == DEAD
    assert hop_rate(Bare(0, 0)) == DEAD


def test_line_offsets_that_floors_swallow_leave_no_slack():
    class Barely(Lined):
        def line(self, amount_in, /):
            slope, offset, den = super().line(amount_in)
            return Line(slope << 64, (offset << 64) + den, den << 64)

    found = hop_rate(Barely(10**18, 10**20))

    assert found.slack == 0
    assert found.rate == pytest.approx(99.7, rel=1e-15)


def test_larger_line_offsets_stay_as_slack():
    assert hop_rate(Loose(10**18, 10**20)).slack == pytest.approx(3)


@pytest.mark.parametrize("seed", range(10))
def test_estimate_without_lines_is_above_the_marginal_rate(seed):
    rng = random.Random(seed)
    reserve_in, reserve_out = (int(10 ** rng.uniform(9, 27)) for _ in "io")

    found = hop_rate(Bare(reserve_in, reserve_out))

    exact = 0.997 * reserve_out / reserve_in
    assert exact <= found.rate <= exact * 1.01
    assert found.log_rate >= math.log(exact)


class Ranges(Lined):
    """Have real pieces of falling liquidity, as a V3 pool has."""

    def __init__(self, pieces):
        self._pieces = pieces

    def pieces(self):
        return self._pieces

    def line(self, amount_in, /):
        return Line(self._pieces[0].a, 0, self._pieces[0].b)

    def real(self, x):
        """Return the envelope at a rational input, exactly."""
        for piece in self._pieces:
            lo, width = Fraction(piece.lo_x64, 2**64), Fraction(piece.width_x64, 2**64)
            if x <= lo + width:
                w = x - lo
                break
        else:
            w = width
        return Fraction(piece.out_lo_x64, 2**64) + piece.a * w / (piece.b + piece.c * w)


def ranges(rng, count):
    """Return pieces that follow each other with falling slopes and any liquidity."""
    pieces, lo, out = [], 0, 0
    slope = Fraction(rng.uniform(0.01, 100)).limit_denominator(10**9)
    for _ in range(count):
        depth = rng.randint(10**3, 10**9)
        width = rng.randint(1, depth)
        a, b, c = slope.numerator * depth, slope.denominator * depth, slope.denominator
        pieces.append(Moebius(a, b, c, lo << 64, out << 64, width << 64))
        out = math.ceil(out + Fraction(a * width, b + c * width))
        slope = Fraction(a * b, (b + c * width) ** 2) * Fraction(rng.uniform(0.9, 1))
        slope = slope.limit_denominator(10**12)
        lo += width
    return pieces


@pytest.mark.parametrize("seed", range(60))
def test_bend_holds_within_its_span(seed):
    rng = random.Random(seed)
    # Whole numbers keep the example exact; the jumps up to the next unit are what out_lo may be off by.
    curve = Ranges(ranges(rng, rng.randint(2, 14)))
    found = hop_rate(curve)
    jumps = len(curve.pieces())

    for piece in curve.pieces():
        start = Fraction(piece.lo_x64, 2**64)
        for part in (0, 0.3, 1):
            x = start + Fraction(piece.width_x64, 2**64) * Fraction(part)
            w = x - start
            slope = Fraction(piece.a * piece.b) / (piece.b + piece.c * w) ** 2
            if slope >= Fraction(found.rate) * Fraction(math.exp(-found.span)):
                assert curve.real(x) <= bound_at(found, x) + jumps
    assert found.bend > 0
