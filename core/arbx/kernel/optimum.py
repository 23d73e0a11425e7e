"""
Find the input of a cycle that earns most, and prove it.

Relax (the real-valued optimum, in closed form where the curves bring Möbius pieces), round (the best step of the
coarsest amount), prove (a bound on the profit of every input): see docs/explanation/optimum.md.
"""

from collections.abc import Sequence

from gmpy2 import isqrt

from arbx.errors import InsufficientLiquidity
from arbx.kernel import dual, lines, rates, relaxation
from arbx.kernel.envelope import Envelope
from arbx.kernel.exhaustion import exhaust
from arbx.kernel.sampling import sample
from arbx.kernel.steps import NOTHING, Sized, best_near
from arbx.kernel.types import Curve, Moebius, Optimum
from arbx.kernel.walk import amounts_along, largest_in

__all__ = ["amounts_along", "optimise"]


def optimise(curves: Sequence[Curve], *, exact: bool = False, budget: int = 50_000) -> Optimum:
    """
    Return the input of a cycle that earns most, what each hop pays, and a proven bound on any input's profit.

    The profit is always what the curves' own integers pay. Without *exact* the best steps next to the real-valued
    optimum are tried. With it, steps are enumerated until none is left that could pay more, and the gap is 0; or
    until about *budget* steps were tried, and the gap says what might be left. Where a curve brings neither
    `pieces` nor `line` there is no proof: upper_bound is None. Raises ValueError for fewer than two curves.
    """
    if len(curves) < 2:
        raise ValueError(f"a cycle has at least two hops, not {len(curves)}")
    best, bound, start = _sized(curves)
    if exact and best[0] != bound:
        best, bound = exhaust(curves, start, best, bound, budget)
    return Optimum(best[1], best[2] or (0,) * len(curves), best[0], bound)


def _sized(curves: Sequence[Curve]) -> tuple[Sized, int | None, int]:
    """Return the best step near the real-valued optimum, the bound, and that optimum rounded down."""
    tables: list[Envelope] = []
    singles: list[Moebius] = []
    for curve in curves:
        pieces = getattr(curve, "pieces", None)
        if pieces is None:
            return _by_rates(curves)
        table = pieces()
        if type(table) is not Envelope:
            table = Envelope(table)
        if table.single is not None:
            singles.append(table.single)
        tables.append(table)
    found = _constant_product(curves, singles) if len(singles) == len(tables) else None
    return _piecewise(curves, tables) if found is None else found


def _constant_product(
    curves: Sequence[Curve], pieces: Sequence[Moebius]
) -> tuple[Sized, int, int] | None:
    """
    Size a cycle of single pieces: one Möbius function a*x/(b+c*x), its optimum (sqrt(a*b)-b)/c.

    None when it is a straight line, or a pool can't take that much.
    """
    a, b, c = pieces[0][:3]
    for piece in pieces[1:]:
        a_next, b_next, c_next = piece[:3]
        a, b, c = a_next * a, b_next * b, b_next * c + c_next * a
    if a <= b:
        return NOTHING, 0, 0
    if c == 0:
        return None
    root = isqrt(4 * a * b)
    start = int((root - 2 * b) // (2 * c))
    try:
        return best_near(curves, start), int((a + b - root) // c), start
    except InsufficientLiquidity:
        return None


def _piecewise(curves: Sequence[Curve], tables: Sequence[Envelope]) -> tuple[Sized, int, int]:
    at = relaxation.relax(tables)
    if at is None:
        return NOTHING, 0, 0
    start, bound = int(at.inputs_x64[0] >> 64), dual.bound(tables, at)
    try:
        best = best_near(curves, start)
    except InsufficientLiquidity:
        start = largest_in(curves)
        best = best_near(curves, start)
    return best, bound, start


def _by_rates(curves: Sequence[Curve]) -> tuple[Sized, int | None, int]:
    found = rates.bracket(curves)
    if found is None:
        best = sample(curves)
        return best, None, best[1]
    low, high = found.low, found.high
    start = found.middle if high is not low else low.amount_in
    if high is not low:
        bound = lines.bound(low.path, high.path)
    else:  # at zero nothing pays; or everything up to the pools' limit does
        bound = lines.bound_from(low.path, start, rising=not found.pays_at_low)
    best = best_near(curves, start) if start else NOTHING
    return best, None if bound is None else max(bound, best[0]), start
