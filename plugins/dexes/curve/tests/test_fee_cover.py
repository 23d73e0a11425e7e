"""Edges are above the quotients they cover; a lifted line is above every edge and every payment."""

import attrs
import pytest
from gmpy2 import mpz
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import arbx
from arbx_dex_curve.cryptomodel import crypto_curve
from arbx_dex_curve.cryptoswap import CryptoSwap
from arbx_dex_curve.feecover import Cover, Post, bernstein, edge_over

from .test_fee_lines import ConstantProduct, balanced

COEFFICIENTS = st.integers(-(10**12), 10**12)


def value(polynomial, h):
    return sum(coefficient * h**power for power, coefficient in enumerate(polynomial))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(COEFFICIENTS, min_size=4, max_size=5),
    st.integers(1, 10**6),
    st.integers(0, 10**9),
    st.data(),
)
def test_an_edge_is_above_the_quotient_all_along(paid, width, start, data):
    degree = len(paid) - 2
    whole = [*data.draw(st.lists(st.integers(0, 10**6), min_size=degree, max_size=degree)), 1]
    whole[0] += 1
    edge = edge_over([mpz(c) for c in paid], [mpz(c) for c in whole], mpz(start), mpz(width))

    assert edge is not None
    for h in {0, width, *data.draw(st.lists(st.integers(0, width), max_size=8))}:
        bound = edge.first * width + (edge.last - edge.first) * h
        assert bound * value(whole, h) >= value(paid, h) * width


def test_an_edge_needs_a_positive_denominator():
    assert edge_over([1, 0, 0, 0], [mpz(1), mpz(-3), mpz(0)], mpz(0), mpz(2)) is None


@settings(max_examples=200, deadline=None)
@given(st.lists(COEFFICIENTS, min_size=3, max_size=5), st.integers(1, 10**4), st.integers(0, 4))
def test_no_negative_bernstein_coefficient_means_no_negative_value(polynomial, width, quarter):
    degree = len(polynomial) - 1
    assume(min(bernstein(polynomial, width, degree)) >= 0)

    assert value([c * 4 ** (degree - p) for p, c in enumerate(polynomial)], width * quarter) >= 0


def test_a_line_is_lifted_over_a_level_that_it_meets_too_low():
    posts = (Post(mpz(0), mpz(5), mpz(3), tuple), Post(mpz(10), mpz(30), mpz(0), tuple))
    cover = Cover(2, posts.__getitem__)

    assert cover.lift(mpz(0), mpz(5), (mpz(3), mpz(1))) == 0
    assert cover.lift(mpz(0), mpz(5), (mpz(2), mpz(1))) == 5


def moved(state, way, share_bits):
    """Return the pool after a large swap the *way* given."""
    swap = CryptoSwap(state, *way)
    amount = swap.usual_in() >> share_bits
    paid, d = swap.pays(mpz(amount)), int(swap.invariant_after(mpz(amount)))
    balances = list(state.balances)
    balances[way[0]] += amount
    balances[way[1]] -= int(paid)
    return attrs.evolve(state, balances=tuple(balances), d=d)


@pytest.mark.parametrize("share_bits", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("way", [(0, 2), (2, 0), (1, 2)])
def test_an_optimum_towards_balance_is_proven_to_a_part_in_a_hundred(way, share_bits):
    state = balanced()
    pool = moved(state, way[::-1], share_bits)
    other = ConstantProduct(3 * state.balances[way[1]], 3 * state.balances[way[0]])

    best = arbx.optimise([crypto_curve(pool, *way), other])

    assert best.profit > 0
    assert 0 <= best.gap <= best.profit // 100
