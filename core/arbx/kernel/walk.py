"""Walk a cycle forwards with amounts and backwards with least inputs, on the curves' own integers."""

from collections.abc import Sequence

from arbx.errors import InsufficientLiquidity
from arbx.kernel.types import Curve

__all__ = ["amounts_along", "largest_in", "least_in", "least_in_along"]


def amounts_along(curves: Sequence[Curve], amount_in: int) -> tuple[int, ...]:
    """
    Return what every hop pays when *amount_in* goes into the first one.

    Raises InsufficientLiquidity where a pool can't take what it is given.
    """
    amounts = []
    for curve in curves:
        amount_in = curve.amount_out(amount_in)
        amounts.append(amount_in)
    return tuple(amounts)


def least_in(curve: Curve, amount_out: int) -> int:
    """
    Return the least input that pays at least *amount_out*: the curve's own inverse, else by bisection.

    Raises InsufficientLiquidity when no input does.
    """
    try:
        inverse = curve.least_in  # type: ignore[attr-defined]  # optional, and asking so is quickest
    except AttributeError:
        return _bisected(curve, amount_out)
    found: int = inverse(amount_out)
    return found


def _bisected(curve: Curve, amount_out: int) -> int:
    if amount_out <= 0:
        return 0
    low, high = 0, 1  # amount_out(low) < amount_out <= amount_out(high)
    most = curve.max_in
    while high < most and curve.amount_out(high) < amount_out:
        low, high = high, high * 4
    high = min(high, most)
    if curve.amount_out(high) < amount_out:
        raise InsufficientLiquidity(f"no input pays {amount_out}; the most, {most}, pays less")
    while high - low > 1:
        middle = (low + high) // 2
        if curve.amount_out(middle) < amount_out:
            low = middle
        else:
            high = middle
    return high


def least_in_along(curves: Sequence[Curve], amount_out: int) -> int:
    """Return the least input into *curves*, one after the other, that makes the last pay *amount_out*."""
    for index in range(len(curves) - 1, -1, -1):
        amount_out = least_in(curves[index], amount_out)
    return amount_out


def largest_in(curves: Sequence[Curve]) -> int:
    """Return the largest input that every curve of the cycle takes completely."""
    room = curves[-1].max_in
    for curve in reversed(curves[:-1]):
        most = curve.max_in
        if curve.amount_out(most) > room:
            most = least_in(curve, room + 1) - 1
        room = most
    return room
