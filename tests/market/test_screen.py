"""Screening never drops a cycle that pays."""

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pools import Lined, Loose, Product

from arbx.kernel import optimise
from arbx.market.rates import HopRate, hop_rate, log_up, rounded_up
from arbx.market.screen import LOG_MARGIN, HopRates

LARGE = st.integers(1, 2**256)


def rate_of(num, den):
    rate = rounded_up(num, den)
    return HopRate(log_up(rate), rate, 0.0, math.inf, 0.0)


def table(rates):
    columns = HopRates()
    columns.grow(len(rates))
    columns.set(range(len(rates)), rates)
    return columns, np.arange(len(rates), dtype=np.int32)[:, None]


@settings(max_examples=1000)
@given(st.lists(st.tuples(LARGE, LARGE), min_size=1, max_size=3))
def test_keeps_products_a_hair_above_one(slopes):
    # The last hop makes the exact product 1 + 1/n with n of hundreds of digits: no float tells it from 1.
    product = math.prod((Fraction(*slope) for slope in slopes), start=Fraction(1))
    hair = Fraction(2**600 + 1, 2**600)
    last = hair / product
    rates, cycle = table([rate_of(*s) for s in [*slopes, (last.numerator, last.denominator)]])

    assert rates.screen(cycle, np.ones(len(cycle))).tolist() == [0]


@settings(max_examples=300)
@given(st.lists(st.tuples(LARGE, LARGE), min_size=1, max_size=3))
def test_drops_products_clearly_below_one(slopes):
    product = math.prod((Fraction(*slope) for slope in slopes), start=Fraction(1))
    last = (1 - Fraction(1, 10**9)) / product
    rates, cycle = table([rate_of(*s) for s in [*slopes, (last.numerator, last.denominator)]])

    assert rates.screen(cycle, np.ones(len(cycle))).tolist() == []


def test_margin_covers_what_float_sums_can_lose():
    largest = math.log(math.nextafter(math.inf, 0)), -math.log(math.ulp(0.0))

    assert max(largest) < 746
    assert 3 * math.ulp(4 * 746.0) / 2 < LOG_MARGIN


def test_rates_beyond_floats_are_kept():
    rates, cycle = table([rate_of(10**400, 1), rate_of(1, 10**399)])

    assert rates.screen(cycle, np.ones(2)).tolist() == [0]
    assert rates.bound(cycle).tolist() == [math.inf]


def test_dead_hops_pay_nothing():
    rates, cycle = table([hop_rate(Product(0, 5)), rate_of(10**400, 1)])

    assert rates.screen(cycle, np.ones(2)).tolist() == []
    assert rates.alive(cycle) == 0


def test_slack_keeps_what_rates_alone_would_drop():
    # Each hop pays two units more than its real curve: one unit of input comes back as three.
    curves = [Loose(10**6, 10**6), Loose(10**6, 10**6)]
    rates, cycle = table([hop_rate(curve) for curve in curves])

    assert optimise(curves, exact=True).profit == 2
    assert rates.screen(cycle, np.ones(2)).tolist() == [0]
    assert rates.bound(cycle)[0] >= 2


def test_slack_below_the_least_profit_is_dropped():
    rates, cycle = table([hop_rate(Loose(10**6, 10**6))] * 2)

    assert rates.screen(cycle, np.full(2, 8.0)).tolist() == []


@pytest.mark.parametrize("seed", range(150))
def test_bound_is_never_below_the_optimum(seed):
    rng = random.Random(seed)
    curves = []
    for _ in range(rng.randint(2, 4)):
        depth = 10 ** rng.uniform(2, 24)
        sort = rng.choice([Product, Product, Lined, Loose])
        curves.append(sort(int(depth) + 1, int(depth * rng.gauss(1.02, 0.03)) + 1))
    rates, cycle = table([hop_rate(curve) for curve in curves])

    best = optimise(curves, exact=True)

    assert rates.bound(cycle)[0] >= best.profit
    if best.profit >= 1:
        assert rates.screen(cycle, np.ones(len(cycle))).tolist() == [0]


def test_bound_of_constant_products_is_tight():
    curves = [Product(10**24, 103 * 10**22), Product(10**24, 10**24)]
    rates, cycle = table([hop_rate(curve) for curve in curves])

    assert rates.bound(cycle)[0] == pytest.approx(optimise(curves).profit, rel=1e-9)
