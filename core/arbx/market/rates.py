"""
What a hop can pay at most, in floats that are never too small.

Every number here is rounded outwards, see docs/explanation/market-search.md for the proofs.
"""

import math
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from arbx.errors import CurveError
from arbx.kernel.types import Curve, Moebius

__all__ = ["DEAD", "HopRate", "hop_rate"]

_FLOAT_MIN = math.ulp(0.0)
_FLOAT_MAX = math.nextafter(math.inf, 0)
# A product of a few correctly rounded quotients and roots is off by less than 8 * 2**-53 of itself.
_UP, _DOWN = 1 + 2**-48, 1 - 2**-48
# Offsets below this are folded into the slope; larger ones stay as slack.
_FOLDED = 2**-20
# How many liquidity ranges of a curve are looked at: an optimum rarely lies further away.
_PIECES = 8
# What an estimate from samples is raised by: it has no proof, but should miss no cycle either.
_ESTIMATE = 1 + 2**-8


class HopRate(NamedTuple):
    """
    Bound a curve: it pays at most ``rate*z / (1 + bend*z) + slack`` for every input z.

    *log_rate* is at least the logarithm of the marginal rate at zero. The bend holds where the marginal rate has
    not fallen by more than exp(*span*); beyond, take a bend of 0.
    """

    log_rate: float
    rate: float
    bend: float
    span: float
    slack: float


DEAD = HopRate(-math.inf, 0.0, 0.0, math.inf, 0.0)


def hop_rate(curve: Curve) -> HopRate:
    """Return the bound of a curve: from its pieces, else from its line at zero, else estimated from samples."""
    pieces = curve.pieces() if hasattr(curve, "pieces") else None
    if pieces is not None:
        first = list(islice(pieces, 2))
        if not first:
            return DEAD
        if len(first) == 1 and not (first[0].lo_x64 or first[0].out_lo_x64):
            return _of_one_piece(first[0])
    if hasattr(curve, "line"):
        found = _of_line(*curve.line(0))
        return _under(found, curve) if pieces is None else _bent(found, pieces)
    return _estimated(curve)


def _under(found: HopRate, curve: Curve) -> HopRate:
    """Take the bound of the curve's ceiling, where it has one, and the lower of the two marginal rates."""
    ceiling = curve.ceiling() if hasattr(curve, "ceiling") else None
    if ceiling is None:
        return found
    bent = _of_one_piece(ceiling)
    return bent if bent.rate <= found.rate else bent._replace(log_rate=found.log_rate)


def rounded_up(num: int, den: int) -> float:
    """
    Return a float that is at least num / den, and more by less than 2**-51 of it.

    >>> from fractions import Fraction
    >>> Fraction(rounded_up(1, 3)) >= Fraction(1, 3)
    True
    """
    try:
        # Python's true division of integers is correctly rounded, whatever their size.
        return math.nextafter(int(num) / int(den), math.inf) if num else 0.0
    except OverflowError:
        return math.inf


def log_up(value: float) -> float:
    """Return a float that is at least the logarithm of a positive float; libm is off by less than 4 ulp."""
    log = math.log(value)
    return log + 8 * math.ulp(log)


def _of_one_piece(piece: Moebius) -> HopRate:
    a, b, c, *_ = piece
    if not a:
        return DEAD
    rate = rounded_up(a, b)
    return HopRate(log_up(rate), rate, _ratio_down(c, b), math.inf, 0.0)


def _of_line(slope: int, offset: int, den: int) -> HopRate:
    rate, slack = rounded_up(slope, den), rounded_up(max(offset, 0), den)
    if slack < _FOLDED:
        # What pays at least 1 has slope*z >= 1 - slack, so the slack is at most slack/(1 - slack) of slope*z.
        rate, slack = min(rate / (1 - slack) * _UP if slack else rate, math.inf), 0.0
    if not rate and not slack:
        return DEAD
    return HopRate(log_up(max(rate, _FLOAT_MIN)), rate, 0.0, math.inf, slack)


def _bent(found: HopRate, pieces: Sequence[Moebius]) -> HopRate:
    """Add the bend of the first pieces: one over the root of the marginal rate grows at least so fast."""
    looked_at = list(islice(pieces, _PIECES + 1))
    known, rest = looked_at[:_PIECES], looked_at[_PIECES:]
    rates = [_ratio_down(piece.a, piece.b) for piece in known]
    # lo and out_lo of each piece are rounded to 2**-64 of a unit.
    rounding = len(known) * (1 + found.rate) * 2**-63
    if found.slack or not all(rates) or rounding >= _FOLDED:
        return found
    steepness = min(
        _ratio_down(piece.c, piece.b) / math.sqrt(rate * _UP)
        for piece, rate in zip(known, rates, strict=True)
    )
    span = _span(known[-1], found.rate) if rest else math.inf
    bend = max(steepness * math.sqrt(rates[0]) * _DOWN, 0.0)
    return found._replace(rate=found.rate / (1 - rounding) * _UP, bend=bend, span=span)


def _span(last: Moebius, rate: float) -> float:
    """Return the logarithm, rounded down, of how far the marginal rate falls up to the end of a piece."""
    width = _ratio_down(
        max(last.width_x64 - 2, 0), 1 << 64
    )  # it is rounded up, by less than 2 units
    left = rounded_up(last.a, last.b) / (1 + _ratio_down(last.c, last.b) * width) ** 2
    # Give a part in 2**20 away, a million times what the floats lose.
    return math.log(rate / left) * (1 - 2**-20) - 2**-20 if 0 < left < rate else 0.0


def _ratio_down(num: int, den: int) -> float:
    try:
        return math.nextafter(int(num) / int(den), 0.0)
    except OverflowError:
        return _FLOAT_MAX


def _estimated(curve: Curve) -> HopRate:
    """Estimate the marginal rate at zero from inputs of 1, 2, 4 … units."""
    best, amount = 0.0, 1
    while amount <= curve.max_in:
        try:
            best = max(best, rounded_up(curve.amount_out(amount), amount))
        except CurveError:
            break
        amount *= 2
    return (
        HopRate(log_up(best * _ESTIMATE), best * _ESTIMATE, 0.0, math.inf, 0.0) if best else DEAD
    )
