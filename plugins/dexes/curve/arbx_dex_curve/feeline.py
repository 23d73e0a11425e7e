"""
Supporting lines of a swap with a dynamic fee.

What is paid is at most v(h)·keep(h), where v is the straight line that bounds the amount before the fee and keep a
quotient of polynomials along it. Its tangent at h = 0, cleared of denominators, exceeds it by h² times a polynomial of
degree 2 at most: the tangent is a bound of ALL inputs exactly where that polynomial has no negative value, which
three integers show. Where it is no bound, the line of the least fee is taken. docs/explanation/curve-bounds.md.
"""

from collections.abc import Callable
from typing import Any

import attrs
from gmpy2 import mpz

from arbx import Line
from arbx_dex_curve.chord import CHORD_BITS, Chord
from arbx_dex_curve.keeps import KEEP_UNIT, Keep
from arbx_dex_curve.lines import rounded
from arbx_dex_curve.polynomial import times

__all__ = ["FeeLines", "Units"]

_UNIT = 1 << CHORD_BITS
_SCAN_BITS = 48


@attrs.frozen
class Units:
    """
    How raw amounts and virtual units relate: x = x_before + z·in_num/in_den, paid = gross·out_num/out_den.

    *slack* is what the contract's rounding of the fee adds, in 1e-10 of a virtual unit.
    """

    in_num: Any
    in_den: Any
    out_num: Any
    out_den: Any
    slack: Any


@attrs.frozen
class FeeLines:
    """
    Know one direction of one pool: its chords, its fee, and where it starts.

    gross <= *top* - y always; *y_most* is an upper bound of y for every input; *usual* is an input as large as the pool.
    """

    chord_at: Callable[[Any], Chord | None]
    keep: Keep
    units: Units
    x_before: Any
    top: Any
    y_most: Any
    usual: int
    tight: bool
    _ends: list[tuple[int, Line, int, Line] | None] = attrs.field(factory=list, eq=False)

    def line(self, amount_in: int) -> Line:
        """Return a bound that touches near *amount_in*: with the fee's own slope where that is proven."""
        chord = self._chord(amount_in)
        if chord is None:
            return self._ceiling()
        if not self.tight:
            return self._flat(chord)
        return self._tangent(chord) or self._between(amount_in, self._flat(chord))

    def _chord(self, amount_in: int) -> Chord | None:
        units = self.units
        return self.chord_at(self.x_before + mpz(amount_in) * units.in_num // units.in_den)

    def _tangent(self, chord: Chord) -> Line | None:
        """Return the tangent of v·keep; None where it is not proven to bound every input."""
        at, level, fall, reach = chord
        start = self.x_before - at
        gross = ((self.top << CHORD_BITS) - level, fall)
        if not self._falls_with_y(gross[0] + fall * start, fall):
            return None
        left, whole = self.keep.of((at << CHORD_BITS, _UNIT), (level, -fall))
        paid = times(gross, left)
        touch, d_0 = paid[0] * whole[0], whole[0]
        slope = paid[1] * d_0 - paid[0] * whole[1]
        if slope < 0:
            return None
        # (touch + slope·h)·whole(h) - paid(h)·d_0² = h²·(excess_0 + excess_1·h + excess_2·h²)
        size = len(paid)
        whole = [*whole, *([0] * (size - len(whole)))]
        square = d_0 * d_0
        excess = [
            touch * whole[k] + slope * whole[k - 1] - paid[k] * square for k in range(2, size)
        ]
        if not _never_negative(excess, start, reach):
            return None
        if not self._covers_the_rest(touch + slope * reach, square << CHORD_BITS, at + reach):
            return None
        return self._raw(touch + slope * start, slope, square)

    def _falls_with_y(self, least_gross: Any, fall: Any) -> bool:
        """
        Tell whether v·keep falls as y grows, so that a lower bound of y bounds it from above.

        v·|d keep/dy| <= J·max(v(0)/x_before, fall), which must not exceed what is kept at least.
        """
        steepest = max(fall, -(-least_gross // self.x_before))
        return bool(self.keep.changes(steepest) <= self.keep.least << CHORD_BITS)

    def _covers_the_rest(self, value: Any, unit: Any, x: Any) -> bool:
        """Tell whether the line is above all that can be paid from the x on where its chord has reached 0."""
        left, whole = self.keep.most, mpz(1)
        if self.keep.falls_beyond(x, self.y_most):
            (left, *_), (whole, *_) = self.keep.of((x,), (self.y_most,))
        return bool(value * whole >= self.top * left * unit)

    def _flat(self, chord: Chord) -> Line:
        """Return the line of the least fee of all."""
        level = (self.top << CHORD_BITS) - chord.level + chord.fall * (self.x_before - chord.at)
        most = self.keep.most
        return self._raw(level * most, chord.fall * most, mpz(1))

    def _ceiling(self) -> Line:
        return self._raw(self.top * self.keep.most << CHORD_BITS, mpz(0), mpz(1))

    def _raw(self, value: Any, slope: Any, den: Any) -> Line:
        """Return the line in raw units: value and slope are at no input, a virtual unit, in 1e-10 of 2**-128·den."""
        units = self.units
        offset = (value + units.slack * (den << CHORD_BITS)) * units.in_den * units.out_num
        return rounded(
            slope * units.in_num * units.out_num,
            max(offset, mpz(0)),
            (den << CHORD_BITS) * KEEP_UNIT * units.in_den * units.out_den,
        )

    def _between(self, amount_in: int, flat: Line) -> Line:
        """
        Return the flat line, or the nearest tangent that is a bound, so that slopes never rise with the input.

        Before the tangents the steeper of the two, behind them the flatter one: each is a bound of every input.
        """
        if not self._ends:
            self._ends.append(self._find_ends())
        ends = self._ends[0]
        if ends is None:
            return flat
        first, before, _, after = ends
        if amount_in < first:
            return before if _steeper(before, flat) else flat
        return flat if _steeper(after, flat) else after

    def _find_ends(self) -> tuple[int, Line, int, Line] | None:
        """Return the first and last input whose tangent is a bound, with their tangents."""
        points = [0, *sorted({self.usual >> bits for bits in range(0, _SCAN_BITS, 2)} - {0})]
        good = [k for k, point in enumerate(points) if self._proven(point)]
        if not good:
            return None
        first, last = good[0], good[-1]
        low = points[0] if not first else self._edge(points[first], points[first - 1])
        high = points[last]
        if last + 1 < len(points):
            high = self._edge(points[last], points[last + 1])
        before, after = self._proven(low), self._proven(high)
        assert before is not None  # both ends were proven when they were found
        assert after is not None
        return low, before, high, after

    def _proven(self, amount_in: int) -> Line | None:
        chord = self._chord(amount_in)
        return None if chord is None else self._tangent(chord)

    def _edge(self, good: int, bad: int) -> int:
        """Return the last good input on the way to the bad one."""
        while abs(good - bad) > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if self._proven(middle) else (good, middle)
        return good


def _never_negative(excess: list[Any], low: Any, high: Any) -> bool:
    """Tell whether a polynomial of degree 2 at most has no negative Bernstein coefficient in [low, high]."""
    a, b, c = [*excess, 0, 0][:3]
    first, last = a + (b + c * low) * low, a + (b + c * high) * high
    return bool(
        first >= 0 and last >= 0 and 2 * a + b * (low + high) + 2 * c * low * high >= 0
    )


def _steeper(one: Line, other: Line) -> bool:
    return bool(one.slope_num * other.den > other.slope_num * one.den)
