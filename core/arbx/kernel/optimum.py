"""Placeholder while the kernel is written."""

from collections.abc import Sequence

from arbx.kernel.types import Curve, Optimum


def amounts_along(curves: Sequence[Curve], amount_in: int) -> tuple[int, ...]:
    """Return what every hop pays when *amount_in* goes in."""
    amounts = []
    for curve in curves:
        amount_in = curve.amount_out(amount_in)
        amounts.append(amount_in)
    return tuple(amounts)


def optimise(curves: Sequence[Curve], *, exact: bool = False) -> Optimum:
    """Return the input that pays most."""
    best = Optimum(0, (0,) * len(curves), 0, None)
    amount = 1
    while amount <= curves[0].max_in:
        try:
            amounts = amounts_along(curves, amount)
        except Exception:
            break
        if amounts[-1] - amount > best.profit:
            best = Optimum(amount, amounts, amounts[-1] - amount, None)
        amount = amount * 5 // 4 + 1
    return best
