"""The square root and the contract's iteration are the same number."""

from gmpy2 import mpz
from hypothesis import given, settings
from hypothesis import strategies as st

import arbx
from arbx_dex_curve.cubic import _newton_root, cbrt
from arbx_dex_curve.generations import META, NG, PLAIN
from arbx_dex_curve.solver import Problem, Solver

GENERATIONS = [*PLAIN.values(), *NG.values(), *META.values()]


def answer(ask, x):
    try:
        return int(ask(x))
    except arbx.WouldRevert:
        return None


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_the_root_is_where_the_contracts_iteration_ends(data):
    generation = data.draw(st.sampled_from(GENERATIONS))
    coins = data.draw(st.sampled_from(generation.coins))
    sizes = data.draw(st.lists(st.integers(0, 110), min_size=coins, max_size=coins))
    xp = tuple(mpz(data.draw(st.integers(1 << size, 2 << size))) for size in sizes)
    amp = mpz(data.draw(st.integers(1, 10**6)) * generation.a_precision)
    try:
        solver = Solver(Problem(generation, xp, amp, 0, coins - 1))
    except arbx.WouldRevert:
        return
    for bits in data.draw(st.lists(st.integers(0, 250), min_size=1, max_size=8)):
        x = xp[0] + data.draw(st.integers(0, 1 << bits))

        assert answer(solver.y, x) == answer(solver.y_checked, x)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_tiny_pool_has_the_same_root_at_every_input(data):
    generation = data.draw(st.sampled_from(GENERATIONS))
    coins = data.draw(st.sampled_from(generation.coins))
    xp = tuple(map(mpz, data.draw(st.lists(st.integers(1, 300), min_size=coins, max_size=coins))))
    amp = mpz(data.draw(st.integers(1, 300)) * generation.a_precision)
    try:
        solver = Solver(Problem(generation, xp, amp, 0, 1))
    except arbx.WouldRevert:
        return

    for x in range(int(xp[0]), int(xp[0]) + 60):
        assert answer(solver.y, mpz(x)) == answer(solver.y_checked, mpz(x))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**256 - 1), st.integers(0, 256))
def test_a_cube_root_is_where_seven_newton_steps_end(number, drop):
    x = mpz(number >> drop)
    limit = 115792089237316195423570985008687907853269
    scale = 10**36 if x < limit else 10**18 if x < limit * 10**18 else 1
    back = {10**36: 1, 10**18: 10**6, 1: 10**12}[scale]

    assert cbrt(x) == (_newton_root(x * scale) * back if x else 0)
