"""Promises about the saw-tooth of a fee that the contract rounds to whole units."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from arbx.kernel.types import Line, Moebius, Piecewise, Provable, Teeth
from arbx.testing.case import Case, NotBrought, paid, quotes
from arbx.testing.promises.bounds import covers, points

__all__ = ["bounds_hold_where_teeth_lose", "teeth_are_honest"]


def teeth_are_honest(case: Case, amounts: Sequence[int]) -> None:
    """Promise that inputs of which ``teeth`` says that the same part is seen are paid the same."""
    curve = case.toothed()
    for amount in _positive(amounts):
        tooth = curve.teeth(amount)
        if not 0 < tooth.num <= tooth.den or not tooth.start <= amount < tooth.end:
            raise case.broken(f"teeth({amount}) is {tooth}, which is not about this input")
        answers = {mate: paid(case.curve, mate) for mate in _mates(case, tooth, amount)}
        if not _same(answers):
            raise case.broken(f"teeth({amount}) tells no difference, but it is paid: {answers}")


def bounds_hold_where_teeth_lose(case: Case, amounts: Sequence[int]) -> None:
    """
    Promise that lines and pieces bound the curve even at the input that is really used.

    ``used = start + floor((z - start)*num/den) * den/num``, a rational number of at most z. Where
    the teeth lie, or a bound fails at the whole input, that is another promise's fault.
    """
    curve: object = case.toothed()
    if not isinstance(curve, Provable | Piecewise):
        raise NotBrought(f"{case.name}: brings no bounds (line, pieces)")
    answers = list(_used(case, amounts))
    lines = [curve.line(point) for point in points(amounts)] if isinstance(curve, Provable) else []
    pieces = list(curve.pieces()) if isinstance(curve, Piecewise) else []
    for used in answers:
        for line in lines:
            if _line_fails(line, used) and not _line_fails(line, used.whole()):
                raise case.broken(f"{line} is too low: {used}")
        for piece in pieces:
            if covers(piece, used.amount) and _piece_fails(piece, used) > _piece_fails(
                piece, used.whole()
            ):
                raise case.broken(f"{piece} is too low: {used}")


class _Used(NamedTuple):
    """An input, what it pays, and the rational input that is really used."""

    amount: int
    out: int
    num: int
    den: int

    def whole(self) -> "_Used":
        return self._replace(num=self.amount, den=1)

    def __str__(self) -> str:
        return f"{self.amount} pays {self.out} and {self.num / self.den} of it are used"


def _line_fails(line: Line, used: _Used) -> bool:
    slope, offset, den = line
    return bool(used.out * den * used.den > slope * used.num + offset * used.den)


def _piece_fails(piece: Moebius, used: _Used) -> bool:
    """Tell whether ``out > out_lo + a*w/(b + c*w)`` with ``w = used - lo``; before the piece not."""
    w_num = (used.num << 64) - piece.lo_x64 * used.den  # over den * 2**64
    above_x64 = (used.out << 64) - piece.out_lo_x64
    wide = (piece.b * used.den << 64) + piece.c * w_num
    return bool(w_num >= 0 and above_x64 * wide > piece.a * w_num << 64)


def _used(case: Case, amounts: Sequence[int]) -> Iterator[_Used]:
    curve = case.toothed()
    for amount, out in quotes(case.curve, points(amounts)):
        tooth = curve.teeth(amount)
        if _same({mate: paid(case.curve, mate) for mate in _mates(case, tooth, amount)}):
            seen = (amount - tooth.start) * tooth.num // tooth.den
            yield _Used(amount, out, tooth.start * tooth.num + seen * tooth.den, tooth.num)


def _mates(case: Case, tooth: Teeth, amount: int) -> list[int]:
    """Return the first and the last input that shares its seen part with *amount*."""
    num, den, start, end = tooth
    seen = (amount - start) * num // den
    first = start - (-seen * den // num)
    last = start - (-(seen + 1) * den // num) - 1
    return _positive([int(first), amount, int(min(last, end - 1, case.curve.max_in))])


def _same(answers: dict[int, int | None]) -> bool:
    return len({out for out in answers.values() if out is not None}) <= 1


def _positive(amounts: Sequence[int]) -> list[int]:
    # What 0 pays is judged by pays_zero_for_zero.
    return [amount for amount in amounts if amount > 0]
