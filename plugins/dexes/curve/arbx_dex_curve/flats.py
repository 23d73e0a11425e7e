"""Lines of the least fee, ever flatter: what bounds a swap whose tangent does not."""

from bisect import bisect_left
from collections.abc import Callable

import attrs
from gmpy2 import isqrt, mpz

from arbx import Line
from arbx_dex_curve.lines import rounded

__all__ = ["Flats"]

_MIX_BITS = 64
_FLATS = 40  # lines of the least fee, two for each doubling of the input


@attrs.frozen
class Flats:
    """
    Know lines that bound every input: *line_at* makes one near an input, *usual* is an input as large as the pool.

    *ceiling* is the flat line of everything that the pool has.
    """

    line_at: Callable[[int], Line | None]
    ceiling: Line
    usual: int
    _made: list[tuple[list[float], list[Line]]] = attrs.field(factory=list, eq=False)

    def under(self, tangent: Line) -> Line:
        """
        Return a bound of every input with *tangent*'s slope: two lines of the least fee, mixed.

        A line that is no steeper than *tangent* and bounds every input still does so with the greater slope.
        """
        if not self._made:
            self._made.append(self._table())
        slopes, lines = self._made[0]
        index = bisect_left(slopes, -float(tangent.slope_num / tangent.den))
        while index < len(lines) and _steeper(lines[index], tangent):
            index += 1
        below = lines[index] if index < len(lines) else self.ceiling
        if index:
            below = _mixed(lines[index - 1], below, tangent)
        slope = -(-tangent.slope_num * below.den // tangent.den)
        return Line(max(slope, below.slope_num), below.offset_num, below.den)

    def _table(self) -> tuple[list[float], list[Line]]:
        """Return lines of the least fee, ever flatter, with their slopes negated for bisection."""
        inputs = [int(isqrt(mpz(self.usual) ** 2 >> power)) for power in range(_FLATS, -1, -1)]
        lines = [line for amount in inputs if (line := self.line_at(amount)) is not None]
        return [-float(line.slope_num / line.den) for line in lines], lines


def _mixed(steep: Line, flat: Line, wanted: Line) -> Line:
    """Return a mixture of two lines that is as steep as *wanted*, or a little less."""
    span = steep.slope_num * flat.den - flat.slope_num * steep.den
    above = wanted.slope_num * flat.den - flat.slope_num * wanted.den
    share = (above * steep.den << _MIX_BITS) // (span * wanted.den) if span > 0 else 0
    share = min(max(share, 0), 1 << _MIX_BITS)
    one, other = share * flat.den, ((1 << _MIX_BITS) - share) * steep.den
    return rounded(
        steep.slope_num * one + flat.slope_num * other,
        steep.offset_num * one + flat.offset_num * other,
        (steep.den * flat.den) << _MIX_BITS,
    )


def _steeper(one: Line, other: Line) -> bool:
    return bool(one.slope_num * other.den > other.slope_num * one.den)
