"""Size a cycle with a curve that brings nothing but amounts: no proof, but a careful look."""

from collections.abc import Sequence

from arbx.errors import InsufficientLiquidity
from arbx.kernel.steps import NOTHING, Sized, best_near, walked_back
from arbx.kernel.types import Curve
from arbx.kernel.walk import amounts_along, largest_in

__all__ = ["sample"]


def sample(curves: Sequence[Curve]) -> Sized:
    """Return the best input found on a geometric grid, refined by a ternary search and the step search."""
    most = largest_in(curves)
    grid = _grid(most)
    profits = [_sized(curves, amount_in)[0] for amount_in in grid]
    top = max(range(len(grid)), key=profits.__getitem__)
    low, high = grid[max(top - 1, 0)], grid[min(top + 1, len(grid) - 1)]
    best = max(_sized(curves, grid[top]), _ternary(curves, low, high), key=_profit)
    if best[0] <= 0:
        return NOTHING
    return walked_back(curves, max(best, best_near(curves, best[1]), key=_profit))


def _grid(most: int) -> list[int]:
    """Return 0, then inputs growing by a quarter at most, up to *most*."""
    grid, step = [0], 1
    while step < most:
        grid.append(step)
        step += (step >> 2) + 1
    return [*grid, most]


def _ternary(curves: Sequence[Curve], low: int, high: int) -> Sized:
    best = NOTHING
    while high - low > 8:
        third = (high - low) // 3
        left, right = _sized(curves, low + third), _sized(curves, high - third)
        best = max(best, left, right, key=_profit)
        if left[0] < right[0]:
            low += third
        else:
            high -= third
    return max(best, *(_sized(curves, x) for x in range(low, high + 1)), key=_profit)


def _sized(curves: Sequence[Curve], amount_in: int) -> Sized:
    try:
        amounts = amounts_along(curves, amount_in)
    except InsufficientLiquidity:
        return NOTHING
    return amounts[-1] - amount_in, amount_in, amounts


def _profit(sized: Sized) -> int:
    return sized[0]
