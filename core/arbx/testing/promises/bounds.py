"""Promises about the proofs that a curve brings: supporting lines and Möbius pieces."""

from collections.abc import Sequence
from itertools import pairwise

from arbx.kernel.types import Moebius
from arbx.testing.case import Case, NotBrought, paid, quotes

__all__ = [
    "covers",
    "line_slopes_never_rise",
    "line_touches_near_its_point",
    "never_pays_more_than_its_ceiling",
    "never_pays_more_than_its_line",
    "never_pays_more_than_its_pieces",
    "never_pays_more_than_taken_and_paid_allow",
    "pieces_follow_each_other_from_zero_with_falling_slopes",
    "pieces_reach_max_in",
    "pieces_touch_the_curve",
    "points",
]

_UNIT = 1 << 64  # of the pieces' x64 numbers
_LINES = 40


def never_pays_more_than_its_line(case: Case, amounts: Sequence[int]) -> None:
    """Promise ``amount_out(z) * den <= slope_num * z + offset_num`` for every z and every line."""
    curve = case.provable()
    answers = [(0, 0), *quotes(case.curve, amounts)]
    for point in points(amounts):
        slope, offset, den = curve.line(point)
        if slope < 0 or den <= 0:
            raise case.broken(f"line({point}) has slope_num {slope}, den {den}")
        for amount, out in answers:
            if out * den > slope * amount + offset:
                raise case.broken(f"pays {out} for {amount}, more than line({point}) allows")


def line_touches_near_its_point(case: Case, amounts: Sequence[int]) -> None:
    """Promise that a line is tight at its own point: a useless bound proves nothing."""
    curve = case.provable()
    for point in points(amounts):
        roof = _roof(case, point)
        slope, offset, den = curve.line(point)
        if roof is not None and slope * point + offset > roof * den:
            bound = (slope * point + offset) // den
            raise case.broken(f"line({point}) is {bound} there, the curve and its slack {roof}")


def line_slopes_never_rise(case: Case, amounts: Sequence[int]) -> None:
    """
    Promise that lines get flatter to the right: the kernel bisects on their slopes.

    A rise that moves less than one unit of the output, over all of the input there, is rounding.
    """
    curve = case.provable()
    for left, right in pairwise([0, *amounts]):
        if right - left < left >> 8:
            continue  # nearer than this, rounding decides
        (before, _, den_before), (after, _, den_after) = curve.line(left), curve.line(right)
        rise = after * den_before - before * den_after  # over den_before * den_after
        if rise * right > den_before * den_after:
            raise case.broken(f"line({right}) is steeper than line({left})")


def never_pays_more_than_its_pieces(case: Case, amounts: Sequence[int]) -> None:
    """Promise ``amount_out(x) <= out_lo + a*w/(b + c*w)`` on each piece that covers x."""
    pieces = list(case.piecewise().pieces())
    for amount, out in quotes(case.curve, amounts):
        for piece in (p for p in pieces if covers(p, amount)):
            if _exceeds(piece, out, amount * _UNIT - piece.lo_x64):
                raise case.broken(f"pays {out} for {amount}, more than its piece allows: {piece}")


def never_pays_more_than_its_ceiling(case: Case, amounts: Sequence[int]) -> None:
    """Promise ``amount_out(x) <= a*x/(b + c*x)`` for the ceiling, which starts at 0."""
    ceiling = case.ceiling()
    if ceiling.lo_x64 or ceiling.out_lo_x64:
        raise case.broken(f"its ceiling doesn't start at 0: {ceiling}")
    for amount, out in quotes(case.curve, amounts):
        if _exceeds(ceiling, out, amount * _UNIT):
            raise case.broken(f"pays {out} for {amount}, more than its ceiling allows: {ceiling}")


def never_pays_more_than_taken_and_paid_allow(case: Case, amounts: Sequence[int]) -> None:
    """Promise ``amount_out(x) <= paid + a*w/(b + c*w)``, ``w = x - taken``, where these are told."""
    pieces = list(case.piecewise().pieces())
    told = [piece for piece in pieces if piece.taken >= 0]
    if not told:
        raise NotBrought(f"{case.name}: its pieces don't tell what was taken and paid")
    marks = [int(p.taken) + near for p in told[:_LINES] for near in (0, 1, 2, 1000)]
    within = [mark for mark in marks if mark <= case.curve.max_in]
    answers = quotes(case.curve, [*amounts, *within])
    for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
        end = case.curve.max_in + 1 if after is None else _start(after)
        for amount, out in answers:
            if 0 <= piece.taken <= amount < end and _exceeds_paid(piece, amount, out):
                raise case.broken(
                    f"pays {out} for {amount}, more than allowed after taking {piece.taken} "
                    f"and paying {piece.paid}"
                )


def pieces_touch_the_curve(case: Case, amounts: Sequence[int]) -> None:
    """Promise that a piece is no higher above the curve than the slack says."""
    pieces = list(case.piecewise().pieces())
    for amount in points(amounts):
        roof = _roof(case, amount)
        if roof is None:
            continue
        for piece in (p for p in pieces if covers(p, amount)):
            if not _exceeds(piece, roof + 1, amount * _UNIT - piece.lo_x64):
                raise case.broken(f"at {amount} a piece is above {roof}: {piece}")


def pieces_follow_each_other_from_zero_with_falling_slopes(
    case: Case, amounts: Sequence[int]
) -> None:
    """
    Promise that the first piece starts at 0, each other where one ends, and no slope rises.

    ``lo_x64`` is rounded down and ``width_x64`` up, so neighbours may overlap by a unit at
    most.
    """
    pieces = list(case.piecewise().pieces())
    for index, piece in enumerate(pieces):
        if piece.a < 0 or piece.b <= 0 or piece.c < 0 or piece.width_x64 < 0:
            raise case.broken(f"piece {index} is not a*w/(b + c*w) with a, c >= 0, b > 0: {piece}")
    if pieces and pieces[0].lo_x64 != 0:
        raise case.broken(f"the first piece starts at {pieces[0].lo_x64 / _UNIT}, not 0")
    for index, (piece, after) in enumerate(pairwise(pieces), 1):
        overlap = piece.lo_x64 + piece.width_x64 - after.lo_x64
        if after.lo_x64 < piece.lo_x64 or not 0 <= overlap <= _UNIT:
            raise case.broken(f"piece {index} starts {-overlap / _UNIT} units after the last one")
        if after.out_lo_x64 < piece.out_lo_x64:
            raise case.broken(f"piece {index} starts below the last one")
        if _rises(piece, after):
            raise case.broken(f"piece {index} starts steeper than the last one ends")


def pieces_reach_max_in(case: Case, amounts: Sequence[int]) -> None:
    """Promise that what lies beyond the last piece pays no more than its end."""
    pieces = list(case.piecewise().pieces())
    last = max(pieces, key=lambda piece: piece.lo_x64 + piece.width_x64, default=None)
    end = 0 if last is None else last.lo_x64 + last.width_x64
    for amount, out in quotes(case.curve, [*amounts, case.curve.max_in]):
        beyond = amount * _UNIT > end
        if beyond and (_exceeds(last, out, last.width_x64) if last else out > 0):
            raise case.broken(f"the pieces end at {end // _UNIT} but {amount} pays {out}")


def points(amounts: Sequence[int]) -> list[int]:
    """Return some forty of the amounts, and 0."""
    # Zero always (screening uses it); the rest evenly drawn: each line meets every amount.
    stride = max(1, len(amounts) // _LINES)
    return sorted({0, *amounts[::stride], *amounts[-1:]})


def _roof(case: Case, point: int) -> int | None:
    """Return what a tight bound may say at *point*, in units of the output."""
    if point == 0 and case.curve.max_in == 0:
        return case.slack.units
    out = paid(case.curve, max(1, min(case.slack.widen(point), case.curve.max_in)))
    return None if out is None else case.slack.widen(out)


def covers(piece: Moebius, amount: int) -> bool:
    """Tell whether the amount is in the range of the piece, ends included."""
    return bool(piece.lo_x64 <= amount * _UNIT <= piece.lo_x64 + piece.width_x64)


def _exceeds(piece: Moebius, out: int, w_x64: int) -> bool:
    """Tell whether ``out > out_lo + a*w/(b + c*w)``, with every x64 scale multiplied out."""
    above_x64 = out * _UNIT - piece.out_lo_x64
    return bool(above_x64 * (piece.b * _UNIT + piece.c * w_x64) > piece.a * w_x64 * _UNIT)


def _exceeds_paid(piece: Moebius, amount: int, out: int) -> bool:
    """Tell whether ``out > paid + a*w/(b + c*w)``."""
    w = amount - piece.taken
    return bool((out - piece.paid) * (piece.b + piece.c * w) > piece.a * w)


def _start(piece: Moebius) -> int:
    return int(piece.taken if piece.taken >= 0 else piece.lo_x64 >> 64)


def _rises(piece: Moebius, after: Moebius) -> bool:
    """Tell whether ``a'/b' > a*b/(b + c*w)²`` at the end of *piece*, 2**-64 units earlier."""
    w_x64 = max(0, after.lo_x64 - piece.lo_x64 - 1)
    end = (piece.b * _UNIT + piece.c * w_x64) ** 2
    return bool(after.a * end > after.b * piece.a * piece.b * _UNIT * _UNIT)
