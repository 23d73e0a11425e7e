"""
The proof for cycles of Möbius pieces, by prices.

Give every token along the cycle a price, the first and the last 1. What a hop pays is what the next one takes,
so the profit telescopes into the hops' own gains and is at most

    sum over hops of  max over z of  price_out * amount_out(z) - price_in * z,

for ANY prices. The marginal rates at the real-valued optimum are the best ones; rounding them costs nothing but a
little tightness.
"""

from collections.abc import Sequence

from gmpy2 import mpz

from arbx.kernel.envelope import Envelope
from arbx.kernel.relaxation import Relaxed
from arbx.kernel.support import gain
from arbx.kernel.types import Moebius

__all__ = ["bound"]

# Prices are counted in 2**-_SCALE: a token of 30 decimals more than the first still has 100 significant bits.
_SCALE = 200


def bound(tables: Sequence[Envelope], at: Relaxed) -> int:
    """Return a proven bound on the profit of any input, from prices at the real-valued optimum."""
    prices = _prices(tables, at)
    total = sum(
        gain(table, index, prices[hop], prices[hop + 1])
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
