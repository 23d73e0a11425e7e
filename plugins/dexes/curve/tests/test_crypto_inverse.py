"""Limits and inverses found on the invariant are those of exchange itself."""

import attrs
import pytest
from gmpy2 import mpz
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import arbx
from arbx_dex_curve import examples
from arbx_dex_curve.cryptoinverse import first_at_most
from arbx_dex_curve.cryptomodel import crypto_curve, parse_crypto

from .test_fee_lines import balanced, crypto_pools, inputs


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_least_input_pays_enough_and_one_unit_less_does_not(data):
    state = data.draw(crypto_pools())
    curve = crypto_curve(state, *data.draw(st.permutations(range(len(state.balances))))[:2])
    for amount in data.draw(inputs(state)):
        try:
            paid = curve.amount_out(amount)
        except (arbx.WouldRevert, arbx.InsufficientLiquidity):
            continue
        if paid:
            least = curve.least_in(paid)

            assert curve.amount_out(least) >= paid
            assert pays_less(curve, least - 1, paid)


def pays_less(curve, amount, paid):
    try:
        return curve.amount_out(amount) < paid
    except arbx.WouldRevert:
        return True


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_largest_input_is_taken_and_one_unit_more_reverts(data):
    state = data.draw(crypto_pools())
    curve = crypto_curve(state, *data.draw(st.permutations(range(len(state.balances))))[:2])
    most = curve.max_in
    assume(most)

    curve.amount_out(most)
    with pytest.raises(arbx.WouldRevert):
        curve._swap.pays(mpz(most + 1))


@pytest.mark.parametrize("way", [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2)])
def test_the_invariant_finds_inputs_of_a_usual_pool_without_the_general_search(way):
    curve = crypto_curve(balanced(), *way)
    usual = curve._prepare().usual_in()
    inverse = curve._prepare().inverse()

    for amount in (usual // 10**6, usual // 1000, usual // 7, usual // 2):
        paid = curve.amount_out(amount)
        assert inverse.least_in(mpz(paid)) == curve.least_in(paid)
        assert curve.amount_out(curve.least_in(paid)) == paid
    assert inverse.last_in() == curve.max_in


def test_refuses_what_the_pool_cannot_pay():
    curve = crypto_curve(balanced(), 0, 1)

    with pytest.raises(arbx.InsufficientLiquidity, match="can't pay"):
        curve.least_in(examples.CRYPTOSWAP["state"]["n"] * balanced().balances[1])


def test_a_pool_out_of_all_ranges_takes_nothing():
    state = parse_crypto(arbx.Fields(examples.CRYPTOSWAP))
    empty = attrs.evolve(state, balances=(1, *state.balances[1:]))
    curve = crypto_curve(empty, 1, 2)

    assert curve.max_in == 0


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 10**24),
    st.integers(1, 10**9),
    st.integers(0, 10**6),
    st.integers(1, 10**25),
    st.integers(1, 10**3),
)
def test_a_level_is_found_wherever_the_search_begins(root, steep, ragged, guess, rate):
    def falling(at):
        return steep * (root - at) + (at * 7919) % (ragged + 1)

    found = first_at_most(falling, 0, mpz(guess), (mpz(rate), mpz(1)))

    assert found is not None
    assert falling(found) <= 0 < falling(found - 1)
