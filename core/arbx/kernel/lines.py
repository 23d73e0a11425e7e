"""
Supporting lines and the proof they give for a cycle of any curves.

Lines compose: amount_out_2(amount_out_1(z)) <= offset_2 + slope_2 * (offset_1 + slope_1 * z). A composed line of
slope at most 1 bounds the profit of EVERY input by its offset; two supporting lines of one curve may be blended
into any slope between theirs, which makes the product of the slopes exactly 1.
"""

from collections.abc import Sequence

from gmpy2 import isqrt, mpz

from arbx.kernel.envelope import Envelope
from arbx.kernel.support import gain
from arbx.kernel.types import Curve, Line

__all__ = ["Path", "bound", "bound_from", "compose", "line_at", "line_of_pieces", "lines_along"]

Path = tuple[Line, ...]

# The slope of a piece is counted in 2**-_SCALE: enough for 30 decimals of difference between two tokens.
_SCALE = 200


def line_of_pieces(table: Envelope, amount_in: int) -> Line:
    """Return a supporting line with the envelope's slope at *amount_in*; flat beyond its end."""
    if not table.reaches(0):
        return Line(0, 0, 1)
    x = mpz(amount_in) << 64
    index = table.find(x)
    piece = table[index]
    w = x - piece.lo_x64
    wide = (piece.b << 64) + piece.c * w
    slope = (
        mpz(0) if w > piece.width_x64 else ((piece.a * piece.b) << (_SCALE + 128)) // (wide * wide)
    )
    return Line(slope << 64, gain(table, index, slope, mpz(1) << _SCALE), mpz(1) << (_SCALE + 64))


def line_at(curve: Curve, amount_in: int) -> Line | None:
    """
    Return a supporting line near *amount_in*; None: the curve brings no proof.

    Pieces come first, because they may say what the contract has really taken; one piece is no better than a line.
    """
    own = getattr(curve, "line", None)
    pieces = getattr(curve, "pieces", None)
    table = pieces() if pieces is not None else None
    if table is not None and not isinstance(table, Envelope):
        table = Envelope(table)
    if own is not None and (table is None or table.single is not None):
        line: Line = own(amount_in)
        return line
    return None if table is None else line_of_pieces(table, amount_in)


def lines_along(curves: Sequence[Curve], amount_in: int) -> tuple[Path, tuple[int, ...]] | None:
    """Return each hop's line on the way of *amount_in*, and what each hop pays; None when a curve has no line."""
    path, amounts = [], []
    for curve in curves:
        line = line_at(curve, amount_in)
        if line is None:
            return None
        path.append(line)
        amount_in = curve.amount_out(amount_in)
        amounts.append(amount_in)
    return tuple(path), tuple(amounts)


def compose(path: Sequence[Line]) -> Line:
    """
    Return the line of the whole path.

    >>> compose([Line(3, 5, 2), Line(1, 1, 4)])
    Line(slope_num=mpz(3), offset_num=mpz(7), den=mpz(8))
    """
    slope, offset, den = mpz(1), mpz(0), mpz(1)
    for line in path:
        slope, offset, den = (
            line.slope_num * slope,
            line.slope_num * offset + line.offset_num * den,
            line.den * den,
        )
    return Line(slope, offset, den)


def bound_from(path: Sequence[Line], amount_in: int, *, rising: bool) -> int | None:
    """
    Return a bound on the profit of every input from *amount_in* on (*rising*) or up to it (not *rising*).

    None when the path's slope points the other way and proves nothing.
    """
    slope, offset, den = compose(path)
    if (slope > den) if rising else (slope < den):
        return None
    return int((slope * amount_in + offset) // den - amount_in)


def bound(low: Path, high: Path) -> int | None:
    """
    Return a bound on the profit of any input, from lines on both sides of the optimum.

    *low* was taken where the cycle's marginal rate is at least 1, *high* where it is at most 1. Going over from
    the low to the high lines hop by hop, the product of the slopes passes 1 at one hop, whose lines are blended.
    """
    path = list(low)
    composed = compose(path)
    for hop, line in enumerate(high):
        if composed.slope_num <= composed.den:
            break
        before, path[hop] = path[hop], line
        composed = compose(path)
        if composed.slope_num < composed.den:
            path[hop] = _blend(before, line, compose([*path[:hop], *path[hop + 1 :]]))
            composed = compose(path)
    if composed.slope_num > composed.den:
        return None
    return max(0, int(composed.offset_num // composed.den))


def _blend(steep: Line, flat: Line, others: Line) -> Line:
    """Return the mixture of two lines whose slope times that of the *others* is exactly 1."""
    # share/whole of steep plus the rest of flat has the slope others.den/others.slope_num
    share = (others.den * flat.den - flat.slope_num * others.slope_num) * steep.den
    whole = (steep.slope_num * flat.den - flat.slope_num * steep.den) * others.slope_num
    offset = steep.offset_num * flat.den * share + flat.offset_num * steep.den * (whole - share)
    den = steep.den * flat.den * whole
    slope = steep.slope_num * flat.den * share + flat.slope_num * steep.den * (whole - share)
    return Line(slope, offset, den)


def root_rate(path: Sequence[Line]) -> int:
    """
    Return 2**64 divided by the square root of the path's slope (2**128 for a flat one).

    For constant-product hops this is linear in the input, so the secant on it converges at once.
    """
    slope, _, den = compose(path)
    return int(isqrt((den << 128) // slope)) if slope > 0 else 1 << 128
