"""`optimise(exact=True)` equals exhaustive search, and no bound is ever below a reachable profit."""

import pytest
from curves import AmountOnly, Exact, LineOnly, PiecesOnly, Ranges, Wobbling
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arbx.errors import InsufficientLiquidity
from arbx.kernel import amounts_along, optimise

MOST = 300
quick = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def single(draw):
    return Exact(
        draw(st.integers(1, 3000)), draw(st.integers(1, 2000)), draw(st.integers(0, 12)),
        draw(st.integers(0, MOST)),
    )  # fmt: skip


@st.composite
def ranges(draw):
    rows, ceiling = [], None
    for _ in range(draw(st.integers(1, 4))):
        b, c, width = draw(st.integers(1, 400)), draw(st.integers(0, 9)), draw(st.integers(1, 80))
        a = draw(st.integers(1, 2500))
        if ceiling is not None:
            a = min(a, int(b * ceiling))
            if a == 0:
                break
        rows.append((a, b, c, width))
        ceiling = a * b / (b + c * width) ** 2 * 0.999999
    return Ranges(rows, draw(st.sampled_from([0, 0, 3, 30, 250])))


@st.composite
def provable(draw):
    curve = draw(st.one_of(single(), ranges()))
    wrap = draw(st.sampled_from([None, None, LineOnly, PiecesOnly]))
    return wrap(curve) if wrap else curve


def best_of_all(curves):
    best = 0
    for amount_in in range(curves[0].max_in + 1):
        try:
            best = max(best, amounts_along(curves, amount_in)[-1] - amount_in)
        except InsufficientLiquidity:
            break
    return best


def check(curves, found):
    assert found.profit == found.amounts[-1] - found.amount_in
    assert found.profit >= 0
    if found.profit:
        assert amounts_along(curves, found.amount_in) == found.amounts
    assert all(type(x) is int for x in (found.amount_in, found.profit, *found.amounts))


@quick
@given(st.lists(provable(), min_size=2, max_size=4))
def test_exact_equals_exhaustive_search_and_proves_it(curves):
    found = optimise(curves, exact=True)

    check(curves, found)
    assert found.profit == best_of_all(curves)
    assert found.gap == 0
    assert found.exact


@quick
@given(st.lists(provable(), min_size=2, max_size=4))
def test_the_bound_is_never_below_a_reachable_profit(curves):
    found = optimise(curves)

    check(curves, found)
    best = best_of_all(curves)
    assert found.upper_bound >= best >= found.profit


@quick
@given(st.lists(single(), min_size=1, max_size=2), single())
def test_a_curve_without_proof_is_sized_and_says_so(others, plain):
    curves = [*others, AmountOnly(plain)]
    found = optimise(curves, exact=True)

    check(curves, found)
    assert found.profit == best_of_all(curves)
    assert found.upper_bound is None
    assert found.gap is None
    assert not found.exact


@quick
@given(single(), single())
def test_a_curve_that_wobbles_is_still_sized_to_the_best(inner, other):
    curves = [Wobbling(inner), other]
    found = optimise(curves, exact=True)

    check(curves, found)
    assert found.profit == best_of_all(curves)
    assert found.upper_bound >= found.profit


@quick
@given(single(), single())
def test_a_wobble_in_the_later_hop_is_sized_to_the_best(inner, other):
    curves = [other, Wobbling(inner)]
    found = optimise(curves, exact=True)

    check(curves, found)
    assert found.profit == best_of_all(curves)
    assert found.upper_bound >= found.profit


@quick
@given(st.lists(provable(), min_size=2, max_size=3), st.integers(0, 12))
def test_a_budget_leaves_an_honest_gap(curves, budget):
    found = optimise(curves, exact=True, budget=budget)

    check(curves, found)
    best = best_of_all(curves)
    assert found.upper_bound >= best >= found.profit


@pytest.mark.parametrize("count", [0, 1])
def test_refuses_less_than_two_curves(count):
    with pytest.raises(ValueError, match="at least two hops"):
        optimise([Exact(1, 1, 1, 1)] * count)


def test_pays_nothing_from_empty_pools():
    empty = Exact(5, 1, 1, 0)
    found = optimise([empty, Exact(9, 1, 1, 100)], exact=True)

    assert (found.amount_in, found.amounts, found.profit, found.gap) == (0, (0, 0), 0, 0)
