"""
Supporting lines of a swap with a dynamic fee.

What is paid is at most v(h)·keep(h), where v is the straight line that bounds the amount before the fee and keep a
quotient of polynomials along it. Its tangent at h = 0, cleared of denominators, exceeds it by h² times a polynomial of
degree 2 at most, so three integers show where the tangent is a bound of ALL inputs. Where v itself is too loose far
from its own point, a polygon of many chords (feecover.py) decides there, and what it is above the tangent is added.
docs/explanation/curve-bounds.md.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs
from gmpy2 import mpz

from arbx import Line
from arbx_dex_curve.chord import CHORD_BITS, Chord
from arbx_dex_curve.feecover import Cover, Edge, Post, edge_over
from arbx_dex_curve.keeps import KEEP_UNIT, Keep, Ratio
from arbx_dex_curve.lines import rounded
from arbx_dex_curve.polynomial import times

__all__ = ["FeeLines", "Units"]

_UNIT = 1 << CHORD_BITS
# Chords of a cover: from 2**-9 of the pool to four times, four a doubling.
_COVER_BELOW, _COVER_ABOVE = 9, 2
# An edge that a bent fee lifts by more than a part in 2**14 is halved, this often at most.
_LIFT_BITS, _SPLITS = 14, 4


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

    gross <= *top* - y always; *y_most* bounds y from above for every input; *usual* is an input as large as the pool.
    """

    chord_at: Callable[[Any], Chord | None]
    keep: Keep
    units: Units
    x_before: Any
    top: Any
    y_most: Any
    usual: int
    tight: bool
    _covers: list[Cover] = attrs.field(factory=list, eq=False)

    def line(self, amount_in: int) -> Line:
        """
        Return a bound whose slope is the marginal rate with its fee, wherever that is at least 0.

        Its offset is the tangent's where the tangent is proven to be a bound, else as much more as is needed. At 0 an
        unproven tangent gives way to the least fee's slope, so that nothing is ever thought too flat to pay.
        """
        chord = self._chord(amount_in)
        if chord is None:
            return self._ceiling()
        tangent = self._tangent(chord) if self.tight else None
        if tangent is None:
            return self._flat(chord)
        lift = self._lift(chord, tangent)
        return self._flat(chord) if lift and not amount_in else tangent.lifted(self, lift)

    def touches(self, amount_in: int) -> bool:
        """Tell whether the tangent near *amount_in* is proven, so that its line is tight there."""
        chord = self._chord(amount_in) if self.tight else None
        tangent = None if chord is None else self._tangent(chord)
        return chord is not None and tangent is not None and not self._lift(chord, tangent)

    def _chord(self, amount_in: int) -> Chord | None:
        units = self.units
        return self.chord_at(self.x_before + mpz(amount_in) * units.in_num // units.in_den)

    def _tangent(self, chord: Chord) -> "_Tangent | None":
        """Return the tangent of v·keep, where it does not fall."""
        paid, whole = self._kept(chord.at, chord.level, chord.fall)
        touch, d_0 = paid[0] * whole[0], whole[0]
        slope = paid[1] * d_0 - paid[0] * whole[1]
        if slope < 0:
            return None
        square, padded = d_0 * d_0, [*whole, 0]
        # (touch + slope·h)·whole(h) - paid(h)·d_0² = h²·(excess_0 + excess_1·h + excess_2·h²)
        excess = [
            touch * padded[k] + slope * padded[k - 1] - paid[k] * square
            for k in range(2, len(paid))
        ]
        return _Tangent(self.x_before - chord.at, touch, slope, square, excess)

    def _kept(self, x: Any, level: Any, fall: Any) -> Ratio:
        """Return v·keep along a chord of that level at *x*, by the distance from there."""
        left, whole = self.keep.of((x << CHORD_BITS, _UNIT), (level, -fall))
        return times(((self.top << CHORD_BITS) - level, fall), left), whole

    def _lift(self, chord: Chord, tangent: "_Tangent") -> Any:
        """Return by how much the tangent must be lifted to bound every input: 0 where it does already."""
        at, reach, start = chord.at, chord.reach, tangent.start
        falls = self._falls_with_y(chord)
        end = tangent.touch + tangent.slope * reach
        covers = self._covers_the_rest(end, tangent.square << CHORD_BITS, at + reach)
        if falls and covers and _never_negative(tangent.excess, start, reach):
            return mpz(0)
        slope = (tangent.slope, tangent.square)
        return self._cover().lift(at, tangent.touch // tangent.square, slope)

    def _falls_with_y(self, chord: Chord) -> bool:
        """
        Tell whether v·keep falls as y grows, so that a lower bound of y bounds it from above.

        v·|d keep/dy| <= J·v/Σx must not exceed what is kept at least. Along the chord v/Σx is greatest at one of its
        ends, and above it v is smaller and Σx larger.
        """
        rest, top = self.keep.rest, self.top << CHORD_BITS
        least_gross = top - chord.level + chord.fall * (self.x_before - chord.at)
        first = (self.top + self.x_before + rest << CHORD_BITS) - least_gross
        share = max(
            -(-(least_gross << CHORD_BITS) // first),
            -(-(self.top << CHORD_BITS) // (chord.at + chord.reach + rest)),
        )
        return bool(self.keep.changes(share) <= self.keep.least << CHORD_BITS)

    def _covers_the_rest(self, value: Any, unit: Any, x: Any) -> bool:
        """Tell whether the line is above all that can be paid from the x on where its chord has reached 0."""
        left, whole = self._rest(x)
        return bool(value * whole >= self.top * left * unit)

    def _rest(self, x: Any) -> tuple[Any, Any]:
        """Return what is kept at most from *x* on, where y may be anything."""
        if not self.keep.falls_beyond(x, self.y_most):
            return self.keep.most, mpz(1)
        (left, *_), (whole, *_) = self.keep.of((x,), (self.y_most,))
        return left, whole

    def _cover(self) -> Cover:
        """Return the polygon that no payment exceeds, made at the first question."""
        if not self._covers:
            points = self._points()
            self._covers.append(Cover(len(points), partial(self._post, points)))
        return self._covers[0]

    def _points(self) -> tuple[Any, ...]:
        """Return balances of the coin in, ever further from the one before the swap."""
        units, amount, points = self.units, mpz(0), [self.x_before]
        while amount <= self.usual << _COVER_ABOVE:
            amount = max(amount * 19 // 16, self.usual >> _COVER_BELOW) + 1
            x = self.x_before + amount * units.in_num // units.in_den
            if x > points[-1]:
                points.append(x)
        return tuple(points)

    def _post(self, points: tuple[Any, ...], index: int) -> Post:
        """Return a chord's post, or a level for the last point and where no chord helps."""
        x, last = points[index], index == len(points) - 1
        chord = None if last else self.chord_at(x)
        if chord is None:
            left, whole = self._rest(x)
            level = -(-(self.top * left << CHORD_BITS) // whole)
            to_next = x if last else points[index + 1]
            return Post(x, level, mpz(0), partial(_level_edge, x, to_next, level))
        most, gross = self.keep.most, (self.top << CHORD_BITS) - chord.level
        fine = partial(self._between, chord, points[index + 1])
        return Post(x, gross * most, chord.fall * most, fine)

    def _between(self, left: Chord, x: Any) -> Iterator[Edge]:
        """Yield edges from the point of a chord to the next one's, each on its side of where they meet."""
        right = self.chord_at(x)
        if right is None:
            yield self._rough(left, left.at, x)
            return
        meet = _meeting(left, right)
        yield from self._edges(left, left.at, meet)
        yield from self._edges(right, meet, x)

    def _rough(self, chord: Chord, start: Any, end: Any) -> Edge:
        """Return the edge with the least fee along *chord* from one x to another."""
        most = self.keep.most
        gross = (self.top << CHORD_BITS) - chord.level + chord.fall * (start - chord.at)
        last = gross + chord.fall * (end - start)
        return Edge(start, end, gross * most, last * most, mpz(0))

    def _edges(self, chord: Chord, start: Any, end: Any, splits: int = _SPLITS) -> Iterator[Edge]:
        """Yield edges over v·keep along *chord* from one x to another: halves where the fee bends too much for one."""
        width, level = end - start, chord.level + chord.fall * (chord.at - start)
        rough, edge = self._rough(chord, start, end), None
        if width > 0 and self._falls_with_y(chord):
            edge = edge_over(*self._kept(start, level, chord.fall), start, width)
        if edge is None:
            yield rough
        elif splits and width > 1 and edge.lift << _LIFT_BITS > edge.first:
            middle = start + width // 2
            yield from self._edges(chord, start, middle, splits - 1)
            yield from self._edges(chord, middle, end, splits - 1)
        else:
            yield min(edge, rough, key=lambda found: found.first + found.last)

    def _flat(self, chord: Chord) -> Line:
        """Return the line of the least fee of all."""
        level = (self.top << CHORD_BITS) - chord.level + chord.fall * (self.x_before - chord.at)
        most = self.keep.most
        return self.raw(level * most, chord.fall * most, mpz(1))

    def _ceiling(self) -> Line:
        return self.raw(self.top * self.keep.most << CHORD_BITS, mpz(0), mpz(1))

    def raw(self, value: Any, slope: Any, den: Any) -> Line:
        """Return the line in raw units: value and slope are at no input, a virtual unit, in 1e-10 of 2**-96·den."""
        units = self.units
        offset = (value + units.slack * (den << CHORD_BITS)) * units.in_den * units.out_num
        return rounded(
            slope * units.in_num * units.out_num,
            max(offset, mpz(0)),
            (den << CHORD_BITS) * KEEP_UNIT * units.in_den * units.out_den,
        )


@attrs.frozen
class _Tangent:
    """
    The tangent of v·keep at a chord's point, cleared of denominators: (touch + slope·h) / square.

    *start* is h where the swap begins; the excess over v·keep, times h² and denominators, is the polynomial *excess*.
    """

    start: Any
    touch: Any
    slope: Any
    square: Any
    excess: list[Any]

    def lifted(self, lines: FeeLines, lift: Any) -> Line:
        """Return the line in raw units, *lift* higher."""
        value = self.touch + lift * self.square + self.slope * self.start
        return lines.raw(value, self.slope, self.square)


def _level_edge(start: Any, end: Any, level: Any) -> Iterator[Edge]:
    yield Edge(start, end, level, level, mpz(0))


def _meeting(left: Chord, right: Chord) -> Any:
    """Return about the x where two chords meet, between their points; both are bounds on either side of it."""
    apart = left.level - right.level - left.fall * (right.at - left.at)
    across = apart // (right.fall - left.fall) if left.fall > right.fall else mpz(0)
    return min(max(right.at - abs(across), left.at), right.at)


def _never_negative(excess: list[Any], low: Any, high: Any) -> bool:
    """Tell whether a polynomial of degree 2 at most has no negative Bernstein coefficient in [low, high]."""
    a, b, c = [*excess, 0, 0][:3]
    first, last = a + (b + c * low) * low, a + (b + c * high) * high
    return bool(first >= 0 and last >= 0 and 2 * a + b * (low + high) + 2 * c * low * high >= 0)
