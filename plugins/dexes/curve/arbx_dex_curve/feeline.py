"""
Supporting lines of a CryptoSwap swap with its dynamic fee.

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
from arbx_dex_curve.flats import Flats
from arbx_dex_curve.keeps import KEEP_UNIT, Keep
from arbx_dex_curve.lines import rounded
from arbx_dex_curve.polynomial import times

__all__ = ["FeeLines", "Units"]

_UNIT = 1 << CHORD_BITS


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
    _flats: list[Flats] = attrs.field(factory=list, eq=False)

    def line(self, amount_in: int) -> Line:
        """
        Return a bound whose slope is the marginal rate with its fee, wherever that is at least 0.

        Its offset is the tangent's, where the tangent is proven to be a bound; else that of the least fee. At 0 an
        unproven tangent gives way to the least fee's slope, so that nothing is ever thought too flat to pay.
        """
        chord = self._chord(amount_in)
        if chord is None:
            return self._ceiling()
        tangent, proven = self._tangent(chord) if self.tight else (None, False)
        if tangent is None or (not proven and not amount_in):
            return self._flat(chord)
        return tangent if proven else self._lifted(tangent)

    def touches(self, amount_in: int) -> bool:
        """Tell whether the tangent near *amount_in* is proven, so that its line is tight there."""
        chord = self._chord(amount_in) if self.tight else None
        return chord is not None and self._tangent(chord)[1]

    def _chord(self, amount_in: int) -> Chord | None:
        units = self.units
        return self.chord_at(self.x_before + mpz(amount_in) * units.in_num // units.in_den)

    def _tangent(self, chord: Chord) -> tuple[Line | None, bool]:
        """Return the tangent of v·keep where it does not fall, and whether it is proven to bound every input."""
        at, level, fall, reach = chord
        start = self.x_before - at
        gross = ((self.top << CHORD_BITS) - level, fall)
        left, whole = self.keep.of((at << CHORD_BITS, _UNIT), (level, -fall))
        paid = times(gross, left)
        touch, d_0 = paid[0] * whole[0], whole[0]
        slope = paid[1] * d_0 - paid[0] * whole[1]
        square = d_0 * d_0
        if slope < 0:
            return None, False
        line = self._raw(touch + slope * start, slope, square)
        if not (
            self._falls_with_y(gross[0] + fall * start, at + reach)
            and self._covers_the_rest(touch + slope * reach, square << CHORD_BITS, at + reach)
        ):
            return line, False
        # (touch + slope·h)·whole(h) - paid(h)·d_0² = h²·(excess_0 + excess_1·h + excess_2·h²)
        whole = [*whole, 0]
        excess = [
            touch * whole[k] + slope * whole[k - 1] - paid[k] * square for k in range(2, len(paid))
        ]
        return line, _never_negative(excess, start, reach)

    def _falls_with_y(self, least_gross: Any, empty_at: Any) -> bool:
        """
        Tell whether v·keep falls as y grows, so that a lower bound of y bounds it from above.

        v·|d keep/dy| <= J·v/Σx must not exceed what is kept at least. Along the chord v/Σx is greatest at one of its
        ends, and above it v is smaller and Σx larger.
        """
        rest = self.keep.rest
        first = (self.top + self.x_before + rest << CHORD_BITS) - least_gross
        share = max(
            -(-(least_gross << CHORD_BITS) // first),
            -(-(self.top << CHORD_BITS) // (empty_at + rest)),
        )
        return bool(self.keep.changes(share) <= self.keep.least << CHORD_BITS)

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
        """Return the line in raw units: value and slope are at no input, a virtual unit, in 1e-10 of 2**-96·den."""
        units = self.units
        offset = (value + units.slack * (den << CHORD_BITS)) * units.in_den * units.out_num
        return rounded(
            slope * units.in_num * units.out_num,
            max(offset, mpz(0)),
            (den << CHORD_BITS) * KEEP_UNIT * units.in_den * units.out_den,
        )

    def _lifted(self, tangent: Line) -> Line:
        """Return the tangent's slope with an offset that bounds every input."""
        if not self._flats:
            self._flats.append(Flats(self._flat_at, self._ceiling(), self.usual))
        return self._flats[0].under(tangent)

    def _flat_at(self, amount_in: int) -> Line | None:
        chord = self._chord(amount_in)
        return None if chord is None else self._flat(chord)


def _never_negative(excess: list[Any], low: Any, high: Any) -> bool:
    """Tell whether a polynomial of degree 2 at most has no negative Bernstein coefficient in [low, high]."""
    a, b, c = [*excess, 0, 0][:3]
    first, last = a + (b + c * low) * low, a + (b + c * high) * high
    return bool(first >= 0 and last >= 0 and 2 * a + b * (low + high) + 2 * c * low * high >= 0)
