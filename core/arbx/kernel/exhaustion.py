"""
Close the gap: try every step that could still beat the best, and prove that no other can.

The steps are those of the cycle's coarsest amount. For an amount y at hop k every input that brings exactly y earns
at most what its least input earns, so one evaluation settles y. Going outwards from the optimum, supporting lines
along the way of the frontier bound all that lies beyond it; when both bounds fall to the best profit, it is proven.
"""

from collections.abc import Iterator, Sequence

from gmpy2 import mpz

from arbx.errors import InsufficientLiquidity
from arbx.kernel.lines import bound_from, compose, lines_along
from arbx.kernel.steps import NOTHING, Sized, coarsest, size_step, walked_back
from arbx.kernel.types import Curve
from arbx.kernel.walk import amounts_along, largest_in, least_in_along

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
        self.frontiers = [start, start]
        self.sides = {"down": bound, "up": bound}  # a bound on what lies beyond, while it matters
        self.seen = best[0]
        self.chunk = 8
        self.comb = _comb(curves, self.hop, start)

    @property
    def width(self) -> int:
        """Return how many inputs lie between the frontiers."""
        return self.frontiers[1] - self.frontiers[0]

    def beyond(self) -> int:
        """Return the greatest profit that is not excluded."""
        return max(self.best[0], self.seen, *self.sides.values())

    def extend(self, side: str) -> None:
        """Try the next chunk of steps on one side and bound what is left there."""
        room = self._room()
        if room is not None and room < 0:
            self.sides.clear()
            return
        span = self._span(room)
        if side == "up":
            low, high = self.next["up"], self.next["up"] + span - 1
            self.next["up"] = high + 1
        else:
            low, high = max(self.next["down"] - span + 1, 1), self.next["down"]
            self.next["down"] = low - 1
        for amount in self._candidates(low, high, room):
            self._try(amount)
        self.chunk = min(self.chunk * 2, 1024)
        self._judge(side)

    def _try(self, amount: int) -> None:
        self.tried += 1
        sized = size_step(self.curves, self.hop, amount)
        if sized[0] > self.best[0]:
            self.best = sized
        if self.hop and sized[2] and sized[2][self.hop - 1] != amount:
            # The least input brings more than *amount*: what *amount* itself would earn bounds what a wobble hides.
            paid = amounts_along(self.curves[self.hop :], amount)[-1]
            self.seen = max(self.seen, paid - sized[1])

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

    def _room(self) -> int | None:
        """Return how much of a unit (in kept_den-ths) a step may lose and still beat the best; -1: none can."""
        if self.comb is None:
            return None
        offset, value = self.comb.offset, self.comb.value
        left = offset[0] - (self.best[0] + 1) * offset[1]  # over offset[1]
        return int(left * value[1] * self.comb.num // (offset[1] * value[0])) if left >= 0 else -1

    def _span(self, room: int | None) -> int:
        if room is None or self.comb is None:
            return self.chunk
        fee = self.comb.den - self.comb.num
        return max(self.chunk * self.comb.den // (fee * (room // fee + 1)), self.chunk)

    def _candidates(self, low: int, high: int, room: int | None) -> Iterator[int]:
        if room is None or self.comb is None or room >= self.comb.den - 1:
            yield from range(low, high + 1)
            return
        num, den = self.comb.num, self.comb.den
        fee = den - num
        for tooth in range(low * fee // den, high * fee // den + 2):
            amount = tooth * den // fee
            lost = amount * num % den
            while lost <= room and amount >= low:
                if amount <= high:
                    yield amount
                amount, lost = amount - 1, lost + fee
                if lost >= den:
                    break


class _Comb:
    """
    Say what rounding the fee to whole units costs at one hop, in the cycle's own profit.

    The lines hold for the input that is really used, so an amount that loses *lost/num* units earns at most
    offset - value * lost / num; both are fractions.
    """

    __slots__ = ("den", "num", "offset", "value")

    def __init__(
        self, kept: tuple[int, int], offset: tuple[int, int], value: tuple[int, int]
    ) -> None:
        self.num, self.den = kept
        self.offset, self.value = offset, value


def _comb(curves: Sequence[Curve], hop: int, start: int) -> _Comb | None:
    """Return the teeth of the hop's fee, where the curve has them and lines next to *start* weigh them."""
    kept = getattr(curves[hop], "kept", None)
    if kept is None or not 0 < kept[1] - kept[0] <= kept[1] // 2:
        return None
    step = max(start >> 40, 1)
    for _ in range(40):  # a little above the optimum the product of the slopes is at most 1
        try:
            found = lines_along(curves, start + step)
        except InsufficientLiquidity:
            return None
        if found is None:
            return None
        whole = compose(found[0])
        if whole.slope_num <= whole.den:
            value = compose(found[0][hop:])
            if value.slope_num == 0:
                return None
            return _Comb(kept, (mpz(whole.offset_num), whole.den), (value.slope_num, value.den))
        step *= 4
    return None
