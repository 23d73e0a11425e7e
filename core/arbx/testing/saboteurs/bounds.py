"""Curves that break one promise about their lines, their pieces or their inverse."""

from arbx.kernel.types import Line, Moebius, Teeth
from arbx.testing.reference import ToothedProduct

__all__ = [
    "BringsAJumblyEnvelope",
    "BringsALooseEnvelope",
    "BringsALowEnvelope",
    "BringsAShortEnvelope",
    "BringsSteeperLines",
    "BringsUselessLines",
    "ClaimsToHavePaidLess",
    "ClaimsTooManyTeeth",
    "DrawsLinesForWholeInputs",
    "DrawsLinesTooLow",
    "HangsItsCeilingLow",
    "LeastInAsksOneTooFew",
    "LeastInAsksOneTooMany",
    "LeastInPromisesTheImpossible",
]

_UNIT = 1 << 64


class DrawsLinesTooLow(ToothedProduct):
    """
    Break never_pays_more_than_its_line: three units too low.

    Where an input unit pays 5e11 units that is no fault yet, so it happens in the coarse direction.
    """

    def line(self, amount_in: int, /) -> Line:
        slope, offset, den = super().line(amount_in)
        coarse = self._reserve_in > self._reserve_out
        return Line(slope, offset - 3 * den if coarse else offset, den)


class BringsUselessLines(ToothedProduct):
    """Break line_touches_near_its_point: the whole reserve, wherever one asks."""

    def line(self, amount_in: int, /) -> Line:
        slope, offset, den = super().line(amount_in)
        return Line(slope, offset + self._reserve_out * den, den)


class BringsSteeperLines(ToothedProduct):
    """
    Break line_slopes_never_rise: some small amounts get the tangent of four times as much.

    So far below the reserve such a tangent is as tight as the right one, but the order is gone.
    """

    def line(self, amount_in: int, /) -> Line:
        jumps = amount_in < self._reserve_in >> 26 and amount_in.bit_length() % 2
        return super().line(4 * amount_in if jumps else amount_in)


class HangsItsCeilingLow(ToothedProduct):
    """Break never_pays_more_than_its_ceiling: it bends twice as fast as the pool."""

    def ceiling(self) -> Moebius:
        ceiling = super().ceiling()
        return ceiling._replace(c=2 * ceiling.c)


class BringsALowEnvelope(ToothedProduct):
    """Break never_pays_more_than_its_pieces: three units too low from the second piece on."""

    def pieces(self) -> tuple[Moebius, ...]:
        left, right = self.halves()
        lower_x64 = 3 * _UNIT if self._reserve_in > self._reserve_out else 0
        return left, right._replace(out_lo_x64=right.out_lo_x64 - lower_x64)


class BringsALooseEnvelope(ToothedProduct):
    """Break pieces_touch_the_curve: a thousandth too high, which proves nothing useful."""

    def pieces(self) -> tuple[Moebius, ...]:
        return tuple(piece._replace(a=piece.a * 1001 // 1000) for piece in super().pieces())


class BringsAJumblyEnvelope(ToothedProduct):
    """Break pieces_follow_each_other…: two right pieces, the second first."""

    def pieces(self) -> tuple[Moebius, ...]:
        return self.halves()[::-1]


class ClaimsToHavePaidLess(ToothedProduct):
    """Break never_pays_more_than_taken_and_paid_allow: three units less at the second piece."""

    def pieces(self) -> tuple[Moebius, ...]:
        left, right = self.halves()
        return left, right._replace(paid=right.paid - 3)


class BringsAShortEnvelope(ToothedProduct):
    """Break pieces_reach_max_in: the envelope ends where the reserve has doubled."""

    def pieces(self) -> tuple[Moebius, ...]:
        return tuple(p._replace(width_x64=self._reserve_in * _UNIT) for p in super().pieces())


class LeastInAsksOneTooMany(ToothedProduct):
    """Break least_in_is_least: one unit more, as UniswapV2Library.getAmountIn does."""

    def least_in(self, amount_out: int, /) -> int:
        return super().least_in(amount_out) + (amount_out > 0)


class LeastInAsksOneTooFew(ToothedProduct):
    """Break least_in_is_least: rounded down instead of up."""

    def least_in(self, amount_out: int, /) -> int:
        return max(0, super().least_in(amount_out) - 1)


class LeastInPromisesTheImpossible(ToothedProduct):
    """Break least_in_refuses_what_the_pool_cannot_pay: max_in buys everything."""

    def least_in(self, amount_out: int, /) -> int:
        if amount_out > super().amount_out(self.max_in):
            return self.max_in
        return super().least_in(amount_out)


class ClaimsTooManyTeeth(ToothedProduct):
    """Break teeth_are_honest: every second input is said to be lost."""

    def teeth(self, amount_in: int, /) -> Teeth:
        return super().teeth(amount_in)._replace(num=1, den=2)


class DrawsLinesForWholeInputs(ToothedProduct):
    """
    Break bounds_hold_where_teeth_lose: a line just above the whole inputs, below what they use.

    Where a unit of input pays 5e11 units, an input that loses a millionth of a unit leaves room for
    a line that is lower by 10**5 units.
    """

    def line(self, amount_in: int, /) -> Line:
        slope, offset, den = super().line(amount_in)
        lower = offset - 10**5 * den
        fine = amount_in < self._reserve_in < self._reserve_out
        return Line(slope, lower if fine and lower > 0 else offset, den)
