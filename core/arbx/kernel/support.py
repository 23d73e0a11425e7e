"""
The most that a curve gains over a price: max over z of ``price_out * amount_out(z) - price_in * z``.

For a piece ``out_lo + a*w/(b + c*w)`` it has the closed form

    price_out * out_lo - price_in * lo + (price_out*a + price_in*b - 2*sqrt(price_out*price_in*a*b)) / c,

which holds for the whole concave envelope when the slope price_in/price_out lies between the slopes at which this
piece and the next one start. Where the pieces say what the contract has really taken and paid, each bounds its own
range more tightly; then the neighbours are looked at until the envelope shows that none further off gains more.
Everything is rounded up.
"""

from gmpy2 import isqrt

from arbx.kernel.envelope import Envelope
from arbx.kernel.types import Moebius

__all__ = ["gain"]


def gain(table: Envelope, index: int, price_in: int, price_out: int) -> int:
    """
    Return an upper bound of the gain, in 2**-64 of the unit that the prices are counted in.

    *index* is the piece to start from; any will do, the right one is quick.
    """
    while index and price_in * table[index].b > price_out * table[index].a:
        index -= 1
    while table.reaches(index + 1) and _steeper(table[index + 1], price_in, price_out):
        index += 1
    piece = table[index]
    if index == 0 or piece.taken < 0:
        lift = _lift(piece, piece.width_x64, price_in, price_out)
        return price_out * piece.out_lo_x64 - price_in * piece.lo_x64 + lift
    return _tight(table, index, price_in, price_out)


def _tight(table: Envelope, index: int, price_in: int, price_out: int) -> int:
    """Return the gain by what the contract has really taken and paid, over all the pieces that matter."""
    best = _own(table, index, price_in, price_out)
    before = index
    while before and _beyond(table[before], table[before].taken << 64, price_in, price_out) > best:
        before -= 1
        best = max(best, _own(table, before, price_in, price_out))
    after = index + 1
    while (
        table.reaches(after)
        and _beyond(table[after], table[after].lo_x64, price_in, price_out) > best
    ):
        best = max(best, _own(table, after, price_in, price_out))
        after += 1
    return best


def _own(table: Envelope, index: int, price_in: int, price_out: int) -> int:
    """Return the greatest gain on the piece's own range, from its really taken and paid amounts."""
    piece = table[index]
    width = piece.width_x64
    if table.reaches(index + 1):
        width = max((table[index + 1].taken - piece.taken) << 64, width)
    return ((price_out * piece.paid - price_in * piece.taken) << 64) + _lift(
        piece, width, price_in, price_out
    )


def _beyond(piece: Moebius, x_x64: int, price_in: int, price_out: int) -> int:
    """Return a bound of the envelope's gain at *x_x64*, at or a little behind the start of the piece."""
    paid = piece.out_lo_x64 - piece.a * (piece.lo_x64 - x_x64) // piece.b + 1
    return price_out * paid - price_in * x_x64


def _lift(piece: Moebius, width_x64: int, price_in: int, price_out: int) -> int:
    """Return max over w from 0 to the width of price_out * a*w/(b+c*w) - price_in * w."""
    a, b, c, *_ = piece
    steep, flat = price_out * a, price_in * b
    if flat >= steep:
        return 0
    wide = (b << 64) + c * width_x64
    if price_in * wide * wide < (steep * b) << 128:  # still rising at the end
        return int(-(-((steep * width_x64) << 64) // wide) - price_in * width_x64)
    return int(-(((isqrt(4 * flat * steep) - steep - flat) << 64) // c))


def _steeper(piece: Moebius, price_in: int, price_out: int) -> bool:
    return bool(piece.a * price_out > piece.b * price_in)
