"""
Supporting lines of a StableSwap-NG swap with its off-peg fee.

The fee f·m / (m - (m - 1)·t²) is convex in t = (x' - y') / (x' + y'), so it is nowhere below its own tangent
α + β·t, and what is paid is at most G = v·(K - β·t), K = 1 - α, v what the pool gives before the fee. Beyond the peg
(β >= 0) G is concave along the straight line that bounds y, so its tangent bounds every input. Before the peg the fee
falls on the way and G is convex along that line; then what y bends away from the line must make up for it.
docs/explanation/curve-bounds.md has the proof.
"""

from typing import Any, NamedTuple

import attrs
from gmpy2 import isqrt, mpz

from arbx import Line
from arbx_dex_curve.bounds import BEND_BITS, Support
from arbx_dex_curve.chord import CHORD_BITS, Chord
from arbx_dex_curve.flats import Flats
from arbx_dex_curve.lines import rounded

__all__ = ["NgFee", "NgLines"]

_E10, _E18 = 10**10, 10**18
_ONE = 1 << CHORD_BITS
_T_BITS = 64
_ROOT_BITS = 32
_LEAST = 1 << 20  # pools of fewer units have lines of the least fee only


@attrs.frozen
class NgFee:
    """Know the fee of a pool, and where its swap begins."""

    fee_e10: Any
    multiplier_e10: Any
    x_before: Any
    y_before: Any

    def tangent(self, t: Any) -> tuple[Any, Any]:
        """Return α and β: the fee is at least α + β·t' for every t' in [-1, 1], and as much at *t*, times 2**-64."""
        over = self.multiplier_e10 - _E10
        whole = (self.multiplier_e10 << 2 * _T_BITS) - over * t * t
        most = self.fee_e10 * self.multiplier_e10
        at_t = (most << CHORD_BITS + 2 * _T_BITS) // whole
        beta = (2 * most * over * t << CHORD_BITS + 3 * _T_BITS) // (whole * whole)
        # Each of the three divisions is off by less than one unit of 2**-96, and |t' - t| <= 2.
        return at_t - (beta * t >> _T_BITS) - 4, beta

    def rounding(self) -> Any:
        """Return by how much whole means and a whole fee can lower the fee: one unit and 4·f·m² / (x' + y')."""
        moved = 4 * self.fee_e10 * self.multiplier_e10 * self.multiplier_e10
        return (
            _ONE
            + (moved << CHORD_BITS) // (_E10 * _E10 * ((self.x_before + self.y_before) // 2))
            + 1
        )


class _Tangent(NamedTuple):
    """
    Hold G's tangent at x, in 1e-10 of 2**-192 units, and by how much it must be lifted to bound every input.

    A lift of -1: nothing is known.
    """

    x: Any
    value: Any
    slope: Any
    lift: Any


class NgLines:
    """Bound one direction of a pool whose fee grows away from the peg."""

    __slots__ = (
        "_end", "_fee", "_flats", "_keeps", "_most", "_rate_in", "_rate_out", "_support", "_top",
    )  # fmt: skip

    def __init__(self, support: Support, fee: NgFee, rates: tuple[Any, Any], usual: int) -> None:
        self._support, self._fee = support, fee
        self._rate_in, self._rate_out = rates
        self._top, self._most = fee.y_before - 1, _E10 - fee.fee_e10
        self._keeps = (_E10 << CHORD_BITS) + fee.rounding()
        self._flats = Flats(support.line, support.ceiling(), usual)
        self._end: Chord | None = None

    def line(self, amount_in: int) -> Line:
        """
        Return a bound whose slope is the marginal rate with its fee, wherever that is above 0.

        Its offset is the tangent's, where the tangent is proven to be a bound; else it is lifted, or that of the
        least fee. At 0 an unproven tangent gives way to the least fee's line: nothing is thought too flat to pay.
        """
        at = self._at(amount_in)
        if at is None or (at.lift and not amount_in):
            return self._support.line(amount_in)
        line = self._raw(at)
        if not at.lift:
            return line
        flat = self._flats.under(line)
        lower = flat.offset_num * line.den < line.offset_num * flat.den
        return flat if at.lift < 0 or lower else line

    def touches(self, amount_in: int) -> bool:
        """Tell whether the tangent near *amount_in* is proven, so that its line is tight there."""
        at = self._at(amount_in)
        return at is not None and not at.lift

    def _at(self, amount_in: int) -> _Tangent | None:
        """Return the tangent where it rises; None elsewhere, and in an empty or tiny pool."""
        x = self._fee.x_before + mpz(amount_in) * self._rate_in // _E18
        chord = self._support.chord(x)
        if chord is None or self._top < _LEAST:
            return None
        at = self._tangent(chord)
        return at if at.slope > 0 else None

    def _tangent(self, chord: Chord) -> _Tangent:
        """Return G's tangent along the chord: of v and of t = apart / total, both times 2**96."""
        x, level, fall, _ = chord
        v = (self._top << CHORD_BITS) - level
        x_sum = self._fee.x_before + x << CHORD_BITS
        y_sum = (self._fee.y_before << CHORD_BITS) + level
        total, apart = x_sum + y_sum, x_sum - y_sum
        alpha, beta = self._fee.tangent((apart << _T_BITS) // total)
        keeps = self._keeps - alpha
        kept = keeps - beta * apart // total
        turn = (_ONE + fall) * total - apart * (_ONE - fall)
        slope = fall * kept - beta * v * turn // (total * total)
        # Slope and kept were rounded up, which would lower the line before x, and where v is negative.
        value = v * kept + (x - self._fee.x_before) * (fall + 1) + max(-v, 0)
        at = _Tangent(x, value, slope, 0)
        excess = -beta * (fall * total - v * (_ONE - fall)) * turn
        if beta >= 0 >= excess and 3 * beta <= keeps:
            return at
        return at._replace(lift=self._lift(at, chord, total, excess, (keeps, beta)))

    def _lift(
        self, at: _Tangent, chord: Chord, total: Any, excess: Any, kept: tuple[Any, Any]
    ) -> Any:
        """Return by how much G exceeds its tangent up to the peg, or the least fee's line behind it; -1: unknown."""
        (keeps, beta), start = kept, self._fee.x_before
        end = self._fee.y_before if beta < 0 else at.x + chord.reach
        shrink = _ONE - chord.fall
        least = total + shrink * ((end if shrink < 0 else start) - at.x)
        steady = keeps - 3 * abs(beta)
        behind = self._behind(at, end) if beta < 0 else 0
        if least <= 0 or end < at.x or steady < 0 or behind is None:
            return -1
        bend = steady * _narrowest(at.x, end) * self._support.bend(at.x)
        bend >>= BEND_BITS + _ROOT_BITS - CHORD_BITS
        far = max(at.x - start, end - at.x)
        return max(far * far * (excess // (total * total * least) + 2 - bend), behind, 0)

    def _behind(self, at: _Tangent, end: Any) -> Any | None:
        """Return by how much the line of the least fee at *end* exceeds the tangent there; None if it is steeper."""
        if self._end is None:
            self._end = self._support.chord(end)
        if self._end is None or self._most * self._end.fall << CHORD_BITS > at.slope:
            return None
        paid = self._most * ((self._top << CHORD_BITS) - self._end.level) << CHORD_BITS
        return paid - at.value - at.slope * (end - at.x)

    def _raw(self, at: _Tangent) -> Line:
        """Return the lifted tangent in raw units; the contract's own fee is rounded down by up to a unit."""
        level = at.value + max(at.lift, 0) + at.slope * (self._fee.x_before - at.x)
        offset = level + ((_E10 - 1) << 2 * CHORD_BITS)
        return rounded(
            at.slope * self._rate_in,
            max(offset, mpz(0)) * _E18,
            (_E10 << 2 * CHORD_BITS) * self._rate_out,
        )


def _narrowest(x: Any, end: Any) -> Any:
    """Return (a + 2/√a - 3) / (a - 1)² for a = end/x, rounded down, times 2**32: it falls as a grows."""
    unit = 1 << _ROOT_BITS
    root = isqrt((end << 2 * _ROOT_BITS) // x) + 1
    return ((root + 2 * unit) * unit * unit << _ROOT_BITS) // (root * (root + unit) ** 2)
