"""
Close the gap: try every step that could still beat the best, and prove that no other can.

The steps are those of the cycle's coarsest amount. For an amount y at hop k every input that brings exactly y earns
at most what its least input earns, so one evaluation settles y. Going outwards from the optimum, supporting lines
along the way of the frontier bound all that lies beyond it; when both bounds fall to the best profit, it is proven.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter

from gmpy2 import mpz

from arbx.errors import InsufficientLiquidity
from arbx.kernel.comb import Comb
from arbx.kernel.lines import bound_from, compose, lines_along
from arbx.kernel.steps import NOTHING, Sized, coarsest, size_step, walked_back
from arbx.kernel.types import Curve
from arbx.kernel.walk import amounts_along, largest_in, least_in, least_in_along

__all__ = ["exhaust"]


def exhaust(
    curves: Sequence[Curve], start: int, best: Sized, bound: int | None, budget: int
) -> tuple[Sized, int | None]:
    """Return the best input after at most about *budget* more steps, and the bound that is then proven."""
    if bound is None:
        most = largest_in(curves)
        return (_all_inputs(curves, 1, most, best) if most <= budget else best), None
    search = _Outwards(curves, start, best, bound)
    while search.sides and search.tried < budget:
        for side in tuple(search.sides):
            search.extend(side)
    best, proven = search.best, min(bound, search.beyond())
    if proven > best[0] and not search.sides and search.width <= budget:
        # Only a curve that wobbles leaves a gap here: what y promises no single input keeps. Try them all.
        best = _all_inputs(curves, search.frontiers[0], search.frontiers[1], best)
        proven = best[0]
    return walked_back(curves, best) if best[0] > 0 else NOTHING, max(proven, best[0])


def _all_inputs(curves: Sequence[Curve], low: int, high: int, best: Sized) -> Sized:
    for amount_in in range(low, high + 1):
        sized = size_step(curves, 0, amount_in)
        if sized[0] > best[0]:
            best = sized
    return best


class _Outwards:
    """Two frontiers around the optimum, the best step between them, and bounds on what lies beyond."""

    def __init__(self, curves: Sequence[Curve], start: int, best: Sized, bound: int) -> None:
        self.curves, self.best, self.tried = curves, best, 0
        start = min(start, largest_in(curves))
        amounts = amounts_along(curves, start)
        self.hop = coarsest(start, amounts)
        amount = amounts[self.hop - 1] if self.hop else start
        self.next = {"down": amount, "up": amount + 1}
        self.backwards = [_inverse(curve) for curve in reversed(curves[: self.hop])]
        self.forwards = [curve.amount_out for curve in curves[self.hop :]]
        self.frontiers = [start, start]
        self.sides = {"down": bound, "up": bound}  # a bound on what lies beyond, while it matters
        self.seen = best[0]
        self.chunk = 8
        self.weights = _weights(curves, self.hop, start)

    @property
    def width(self) -> int:
        """Return how many inputs lie between the frontiers."""
        return self.frontiers[1] - self.frontiers[0]

    def beyond(self) -> int:
        """Return the greatest profit that is not excluded."""
        return max(self.best[0], self.seen, *self.sides.values())

    def extend(self, side: str) -> None:
        """Try the next chunk of steps on one side and bound what is left there."""
        self.tried += 1
        if (
            self.weights is not None
            and self.weights[0][0] < (self.best[0] + 1) * self.weights[0][1]
        ):
            self.sides.clear()
            return
        low, high, amounts = self._chunk(side)
        self.next[side] = high + 1 if side == "up" else low - 1
        for amount in amounts:
            self._try(amount)
        self.chunk = min(self.chunk * 2, 1024)
        self._judge(side)

    def _try(self, amount: int) -> None:
        """Settle one amount: no input that brings just so much earns more than its price less its least input."""
        self.tried += 1
        amount_in = paid = amount
        try:
            for inverse in self.backwards:
                amount_in = inverse(amount_in)
            for price in self.forwards:
                paid = price(paid)
        except InsufficientLiquidity:
            return
        if paid - amount_in > self.best[0]:
            self.best = max(self.best, size_step(self.curves, self.hop, amount), key=itemgetter(0))
            # Where the least input brings more than *amount* and is paid less for it, the curve wobbles.
            self.seen = max(self.seen, paid - amount_in)

    def _judge(self, side: str) -> None:
        """Bound the profit beyond the frontier; drop the side when nothing there can beat the best."""
        rising = side == "up"
        if not rising and self.next["down"] <= 0:
            self.frontiers[0] = 0
            del self.sides[side]
            return
        try:
            amount_in = least_in_along(
                self.curves[: self.hop], self.next["up"] if rising else self.next["down"] + 1
            ) - (not rising)
            self.frontiers[rising] = amount_in
            found = lines_along(self.curves, amount_in)
        except InsufficientLiquidity:
            if rising:
                self.frontiers[1] = largest_in(self.curves)
                del self.sides[side]
            return
        bound = bound_from(found[0], amount_in, rising=rising) if found else None
        if bound is not None:
            self.sides[side] = min(self.sides[side], bound)
            if bound <= self.best[0]:
                del self.sides[side]

    def _chunk(self, side: str) -> tuple[int, int, Iterable[int]]:
        """Return the next chunk's first and last amount, and those of its amounts that are worth a try."""
        first = self.next[side]
        comb = self._comb(first)
        span = self.chunk if comb is None else max(self.chunk * comb.spacing, self.chunk)
        if side == "up":
            low, high = first, first + span - 1
            high = high if comb is None else min(high, comb.end - 1)
        else:
            low, high = max(first - span + 1, 1), first
            low = low if comb is None else max(low, comb.start)
        return low, high, range(low, high + 1) if comb is None else comb.between(low, high)

    def _comb(self, amount: int) -> Comb | None:
        """Return the teeth around *amount* that lose little enough; None where every amount counts."""
        teeth = getattr(self.curves[self.hop], "teeth", None)
        if teeth is None or self.weights is None:
            return None
        (offset, den), (value_num, value_den) = self.weights
        num, *rest = teeth(amount)
        room = (offset - (self.best[0] + 1) * den) * value_den * num // (den * value_num)
        comb = Comb(num, *rest, room=int(room))
        return comb if comb.helps else None


def _inverse(curve: Curve) -> Callable[[int], int]:
    own: Callable[[int], int] | None = getattr(curve, "least_in", None)
    return partial(least_in, curve) if own is None else own


def _weights(
    curves: Sequence[Curve], hop: int, start: int
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """
    Return a bound on the profit of any input, and what a unit lost at *hop* takes off it; two fractions.

    From lines a little above *start*, where the product of their slopes is at most 1.
    """
    step = max(start >> 40, 1)
    for _ in range(40):
        try:
            found = lines_along(curves, start + step)
        except InsufficientLiquidity:
            return None
        if found is None:
            return None
        whole, rest = compose(found[0]), compose(found[0][hop:])
        if whole.slope_num <= whole.den:
            if rest.slope_num == 0:
                return None
            return (mpz(whole.offset_num), whole.den), (mpz(rest.slope_num), rest.den)
        step *= 4
    return None
