"""The inputs of a toothed curve that lose little to rounding the fee: a comb over a range of inputs."""

from collections.abc import Iterator

__all__ = ["Comb"]


class Comb:
    """
    Select the inputs in [start, end) that lose at most *room*/num units to ``floor((z - start) * num / den)``.

    The lines hold for the input that is really used, so one that loses more can't beat the best. With the fee
    f = den - num the loss is w*num mod den for w = z - start: smallest at w = floor(m*den/f), and f more with
    each step down from there.

    >>> list(Comb(997, 1000, 0, 10_000, room=10).between(0, 1000))
    [0, 330, 331, 332, 333, 664, 665, 666, 997, 998, 999, 1000]
    """

    __slots__ = ("den", "end", "fee", "num", "room", "start")

    def __init__(self, num: int, den: int, start: int, end: int, *, room: int) -> None:
        self.num, self.den, self.start, self.end, self.room = num, den, start, end, room
        self.fee = den - num

    @property
    def helps(self) -> bool:
        """Tell whether there are gaps between the teeth."""
        return 0 < self.fee <= self.den // 2 and self.room < self.den // 2

    @property
    def spacing(self) -> int:
        """Return about how many inputs there are to one that is selected."""
        return self.den // (self.fee * (self.room // self.fee + 1))

    def between(self, low: int, high: int) -> Iterator[int]:
        """Yield the selected inputs from *low* to *high*, in order of teeth."""
        first = (low - self.start) * self.fee // self.den
        last = (high - self.start) * self.fee // self.den + 1
        for tooth in range(first, last + 1):
            top = tooth * self.den // self.fee
            lost = top * self.num % self.den
            reach = (self.room - lost) // self.fee  # so many more below the top
            bottom = max(top - reach, (tooth - 1) * self.den // self.fee + 1, low - self.start)
            yield from (
                range(self.start + bottom, min(self.start + top, high) + 1)
                if lost <= self.room
                else ()
            )
