"""The real-valued upper envelope of a pool, in Möbius pieces, and its tangents."""

from collections.abc import Iterator

from gmpy2 import c_div, mpz

import arbx
from arbx_dex_uniswap_v3.state import PoolPrice
from arbx_dex_uniswap_v3.steps import PIPS, Steps
from arbx_dex_uniswap_v3.walk import ranges

__all__ = ["pieces", "tangent"]


def pieces(state: PoolPrice, zero_for_one: bool, steps: Steps) -> Iterator[arbx.Moebius]:
    """
    Yield one piece for each range of equal liquidity, from exact prices and exact real amounts.

    The integer function rounds every input up and every output down, step by step, so it nowhere exceeds the
    concave real one. A piece starts where the floors of the widths before it end (never too late) with the
    ceilings of their outputs (never too little), so it nowhere falls below the real one, and its tangents bound it.
    """
    lo_x64, out_lo_x64, kept = mpz(0), mpz(0), PIPS - state.fee_pips
    place = 0
    piece_of = _zero_for_one if zero_for_one else _one_for_zero
    for price, target, liquidity in ranges(state, zero_for_one):
        while steps.at(place)[2] != price:
            place += 1
        taken, paid = steps.at(place)[:2]  # what the contract itself has taken and paid up to here
        (a, b, c), (width_num, width_den), paid_x64 = piece_of(price, target, liquidity, kept)
        width_x64 = c_div(width_num, width_den)
        yield arbx.Moebius(a, b, c, lo_x64, out_lo_x64, width_x64, taken, paid)
        lo_x64 += width_num // width_den
        out_lo_x64 += paid_x64


_Piece = tuple[tuple[mpz, mpz, mpz], tuple[mpz, mpz], mpz]  # (a, b, c), width·2⁶⁴, ⌈output·2⁶⁴⌉


def _zero_for_one(price: mpz, target: mpz, liquidity: mpz, kept: int) -> _Piece:
    """Return L·P²·k·w / (2⁹⁶·(L·2⁹⁶·10⁶ + P·k·w)): token 1 for *w* of token 0, of which k/10⁶ is kept."""
    numerator, fall = liquidity << 96, price - target
    scaled = price * kept
    coefficients = _reduced(liquidity * price * scaled, numerator * PIPS << 96, scaled << 96)
    width = (numerator * fall * PIPS << 64, price * target * kept)
    return coefficients, width, c_div(liquidity * fall, _Q32)


def _one_for_zero(price: mpz, target: mpz, liquidity: mpz, kept: int) -> _Piece:
    """Return 2¹⁹²·L·k·w / (P·(L·P·10⁶ + 2⁹⁶·k·w)): token 0 for *w* of token 1, of which k/10⁶ is kept."""
    numerator, rise = liquidity << 96, target - price
    coefficients = _reduced(
        numerator * kept << 96, liquidity * price * price * PIPS, (price * kept) << 96
    )
    width = (liquidity * rise * PIPS, mpz(kept) << 32)
    return coefficients, width, c_div(numerator * rise << 64, target * price)


def _reduced(a: mpz, b: mpz, c: mpz) -> tuple[mpz, mpz, mpz]:
    """
    Divide by the common power of two, which keeps the kernel's products short.

    >>> _reduced(mpz(8), mpz(12), mpz(20))
    (mpz(2), mpz(3), mpz(5))
    """
    zeros = (a | b | c).bit_scan1() or 0
    return a >> zeros, b >> zeros, c >> zeros


def tangent(envelope: arbx.Envelope, amount_in: int) -> arbx.Line:
    """
    Return the tangent at *amount_in*, as exact integers; beyond the last piece what all of them pay.

    With wide = b·2⁶⁴ + c·w the piece out_lo + a·w/(b + c·w) has the slope a·b·2¹²⁸/wide² there.
    """
    if not envelope.reaches(0):
        return arbx.Line(0, 0, 1)
    x = mpz(amount_in) << 64
    a, b, c, lo, out_lo, width, *_ = envelope[envelope.find(x)]
    w = x - lo
    if w > width:
        wide = (b << 64) + c * width
        return arbx.Line(0, out_lo + c_div(a * width << 64, wide), mpz(1) << 64)
    wide = (b << 64) + c * w
    square = wide * wide
    slope = (a * b) << 192
    offset = out_lo * square + (a * w * wide << 64) - slope * amount_in
    return arbx.Line(slope, offset, square << 64)


_Q32 = mpz(1) << 32
