"""
Find the optimum of a cycle from the marginal rates of its lines, where a curve has no closed form.

The input at which the product of the slopes is 1 is bracketed and refined by a safeguarded secant on one over the
square root of that product: linear for constant-product hops, nearly so for the others.
"""

from collections.abc import Sequence

import attrs
from gmpy2 import isqrt, mpz

from arbx.errors import InsufficientLiquidity
from arbx.kernel.lines import Path, lines_along, root_rate
from arbx.kernel.types import Curve, Moebius
from arbx.kernel.walk import largest_in

__all__ = ["Bracket", "Probe", "bracket"]

_ONE = 1 << 64  # what root_rate answers where the marginal rate is 1
_TURNS = 60


@attrs.frozen
class Probe:
    """One input, the lines along its way, and the root of its inverse marginal rate (x64)."""

    amount_in: int
    path: Path
    amounts: tuple[int, ...]
    root: int


@attrs.frozen
class Bracket:
    """The optimum lies from *low* to *high*; *high* is *low* where even the largest input still pays more."""

    low: Probe
    high: Probe

    @property
    def pays_at_low(self) -> bool:
        """Tell whether the marginal rate at *low* is above 1."""
        return self.low.root < _ONE

    @property
    def middle(self) -> int:
        """Return the secant's guess."""
        return _secant(self.low, self.high)


def probe(curves: Sequence[Curve], amount_in: int) -> Probe | None:
    """Return the probe at *amount_in*; None when a curve has no line."""
    found = lines_along(curves, amount_in)
    if found is None:
        return None
    return Probe(amount_in, *found, root_rate(found[0]))


def bracket(curves: Sequence[Curve]) -> Bracket | None:
    """Return lines on both sides of the optimum, as close as integers allow; None when a curve has no line."""
    low = probe(curves, 0)
    if low is None:
        return None
    if low.root >= _ONE:
        return Bracket(low, low)
    return _refined(curves, *_enclosed(curves, low))


def _enclosed(curves: Sequence[Curve], zero: Probe) -> tuple[Probe, Probe]:
    """Walk up from a first guess until the marginal rate is below 1, or the pools are full."""
    low, guess, most = zero, _first_guess(curves, zero), None
    while True:
        guess = max(guess, low.amount_in + 1)
        if most is not None and guess > most:
            guess = most
            if guess <= low.amount_in:
                return low, low
        try:
            at = probe(curves, guess)
        except InsufficientLiquidity:
            if most is not None:
                raise
            most = largest_in(curves)
            continue
        assert at is not None  # every curve had a line at zero
        if at.root >= _ONE:
            return low, at
        rise = max(at.root - zero.root, 1)
        low = at
        guess = int(min(guess * (_ONE - zero.root) // rise * 9 // 8, guess << 16)) + 1


def _first_guess(curves: Sequence[Curve], zero: Probe) -> int:
    """Return the closed form's answer, taking each hop's first piece, its ceiling, or its marginal rate at zero."""
    a, b, c = mpz(1), mpz(1), mpz(0)
    for curve, line in zip(curves, zero.path, strict=True):
        first = _one_piece(curve) or (line.slope_num, line.den, 0)
        a, b, c = first[0] * a, first[1] * b, first[1] * c + first[2] * a
    return int((isqrt(a * b) - b) // c) if c > 0 else 1 << 16


def _one_piece(curve: Curve) -> Moebius | None:
    pieces = getattr(curve, "pieces", None)
    if pieces is not None:
        first: Moebius = pieces()[0]
        return first
    ceiling = getattr(curve, "ceiling", None)
    return None if ceiling is None else ceiling()


def _refined(curves: Sequence[Curve], low: Probe, high: Probe) -> Bracket:
    last = high
    width = high.amount_in - low.amount_in
    for turn in range(_TURNS):
        if _closed(low, high):
            break
        guess = _secant(low, high)
        # The secant's error shrinks with the square of the step. Overshoot by that much, or by a unit of the
        # coarsest amount, away from the end probed last, so that the two ends close in from both sides.
        step = abs(guess - last.amount_in)
        unit = high.amount_in // (min(high.amounts[:-1]) + 1)
        push = (
            max(step * step // (high.amount_in * 2), high.amount_in >> 30, unit, 1) if turn else 0
        )
        guess = guess - push if last is high else guess + push
        if turn % 3 == 2:
            before, width = width, high.amount_in - low.amount_in
            if width * 4 > before:  # a kink, or rounding, holds the secant up
                guess = (low.amount_in + high.amount_in) // 2
        at = probe(curves, min(max(guess, low.amount_in + 1), high.amount_in - 1))
        assert at is not None  # every curve had a line at zero
        low, high = (at, high) if at.root < _ONE else (low, at)
        last = at
    return Bracket(low, high)


def _closed(low: Probe, high: Probe) -> bool:
    """
    Tell whether the ends are as close as helps: 2**-27 apart, or two units in some hop.

    The bound's looseness is of second order in that distance.
    """
    width = high.amount_in - low.amount_in
    return width <= max(high.amount_in >> 27, 1) or any(
        above - below <= 2
        for below, above in zip(low.amounts[:-1], high.amounts[:-1], strict=True)
    )


def _secant(low: Probe, high: Probe) -> int:
    rise = high.root - low.root
    if rise <= 0:
        return (low.amount_in + high.amount_in) // 2
    return int(low.amount_in + (high.amount_in - low.amount_in) * (_ONE - low.root) // rise)
