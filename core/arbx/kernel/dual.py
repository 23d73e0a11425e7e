"""
The proof for cycles of Möbius pieces, by prices.

Give every token along the cycle a price, the first and the last 1. What a hop pays is what the next one takes,
so the profit telescopes into the hops' own gains and is at most

    sum over hops of  max over z of  price_out * amount_out(z) - price_in * z,

for ANY prices. The marginal rates at the real-valued optimum are the best ones; rounding them costs nothing but a
little tightness. For a piece ``out_lo + a*w/(b + c*w)`` the maximum is the closed form

    price_out * out_lo - price_in * lo + (price_out*a + price_in*b - 2*sqrt(price_out*price_in*a*b)) / c,

valid for the whole concave curve when the slope price_in/price_out lies between the slopes at which this piece
and the next one start. Everything is rounded up.
"""

from collections.abc import Sequence

from gmpy2 import isqrt, mpz

from arbx.kernel.envelope import Envelope
from arbx.kernel.relaxation import Relaxed
from arbx.kernel.types import Moebius

__all__ = ["bound"]

# Prices are counted in 2**-_SCALE: a token of 30 decimals more than the first still has 100 significant bits.
_SCALE = 200


def bound(tables: Sequence[Envelope], at: Relaxed) -> int:
    """Return a proven bound on the profit of any input, from prices at the real-valued optimum."""
    prices = _prices(tables, at)
    total = sum(
        _gain(table, index, prices[hop], prices[hop + 1])
        for hop, (table, index) in enumerate(zip(tables, at.pieces, strict=True))
    )
    return max(0, int(total >> (_SCALE + 64)))


def _prices(tables: Sequence[Envelope], at: Relaxed) -> list[int]:
    """Return each token's price; the hop at a kink takes whatever slope makes the product 1."""
    free = len(tables) - 1 if at.kink is None else at.kink
    prices = [mpz(1) << _SCALE] * (len(tables) + 1)
    for hop in range(free):
        num, den = _slope(tables[hop][at.pieces[hop]], at.inputs_x64[hop])
        prices[hop + 1] = max(prices[hop] * den // num, mpz(1)) if num else mpz(1)
    for hop in range(len(tables) - 1, free, -1):
        num, den = _slope(tables[hop][at.pieces[hop]], at.inputs_x64[hop])
        prices[hop] = max(prices[hop + 1] * num // den, mpz(1))
    return prices


def _slope(piece: Moebius, u_x64: int) -> tuple[int, int]:
    wide = (piece.b << 64) + piece.c * (u_x64 - piece.lo_x64)
    return (piece.a * piece.b) << 128, wide * wide


def _gain(table: Envelope, index: int, price_in: int, price_out: int) -> int:
    """Return an upper bound of max_z price_out*amount_out(z) - price_in*z, in 2**-(_SCALE+64)."""
    while index and price_in * table[index].b > price_out * table[index].a:
        index -= 1
    while table.reaches(index + 1) and _steeper(table[index + 1], price_in, price_out):
        index += 1
    a, b, c, lo, out_lo, width = table[index]
    if price_in * b >= price_out * a:
        return 0  # only at index 0: even the first unit costs more than it pays
    base = price_out * out_lo - price_in * lo
    wide = (b << 64) + c * width
    if (
        price_in * wide * wide < (price_out * a * b) << 128
    ):  # the maximum lies at the end of the piece
        paid = -(-((price_out * a * width) << 64) // wide)
        return int(base - price_in * width + paid)
    root = isqrt(4 * price_in * price_out * a * b)
    return int(base - ((root - price_out * a - price_in * b) << 64) // c)


def _steeper(piece: Moebius, price_in: int, price_out: int) -> bool:
    return bool(piece.a * price_out > piece.b * price_in)
