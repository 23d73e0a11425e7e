"""
Supporting lines of StableSwap: straight lines that exchange never exceeds, exact in every rounding.

With κ/x for c and σ for b - D - x, a pair of balances lies on the contract's curve where
``g(x, y) = x + y + σ - κ/(x·y)`` is 0. g is concave, so at ANY point (X, Y) near the curve
``0 <= g(X, Y) + g_x·(x - X) + g_y·(y - Y)`` holds on the whole curve, which bounds y from below by a line: no
derivative is rounded, no limit is taken. docs/explanation/curve-bounds.md has the proof.
"""

from typing import Any

from gmpy2 import isqrt, mpz

from arbx import Line
from arbx_dex_curve.chord import CHORD_BITS, Chord, chord
from arbx_dex_curve.lines import rounded
from arbx_dex_curve.solver import Solver

__all__ = ["BEND_BITS", "Support"]

_E18 = 10**18
_FEE_DENOMINATOR = 10**10
_Y_BITS = 64  # fractional bits of Y: slopes then fall at every step of the input
_ABOVE_BITS = 20
BEND_BITS = 224
_EMPTY_BITS = 40  # a pool that has 2**-40 of the coin left is empty: its lines are flat


class Support:
    """Bound the swap of one direction: κ, σ and what the contract's own floors can add."""

    __slots__ = (
        "_below",
        "_empty_u",
        "_extra",
        "_kappa",
        "_keeps",
        "_rate_in",
        "_rate_out",
        "_sigma",
        "_slack",
        "_top",
        "_x_in",
    )  # fmt: skip

    def __init__(
        self, solver: Solver, rate_in: Any, rate_out: Any, least_fee_e10: Any, gives_up: int
    ) -> None:
        _, xp, _, i, j = solver.problem
        self._kappa, error = solver.hyperbola()
        self._x_in, self._top, self._sigma = xp[i], xp[j], solver.beta
        self._empty_u = ((xp[j] >> _EMPTY_BITS) + 1) << _Y_BITS
        self._rate_in, self._rate_out = rate_in, rate_out
        self._keeps = _FEE_DENOMINATOR - least_fee_e10
        # ⌊gross·fee⌋ takes up to one unit less than the fee.
        self._slack = _FEE_DENOMINATOR - 1 if least_fee_e10 else 0
        below = self._unit_error(error)
        # gross < top - root + 1 - gives_up, and the contract's root is at most *below* under the curve's.
        self._extra = None if below is None else 1 - gives_up + below
        self._below: Any | None = below

    def line(self, amount_in: Any) -> Line:
        """Return the line that touches the curve near *amount_in*."""
        if self._extra is None:
            return self.ceiling()
        x = self._x_in + mpz(amount_in) * self._rate_in // _E18
        touched = self._touched(x)
        if touched is None:
            return self.ceiling()
        u, g_x, g_y, g = touched
        scale = _Y_BITS
        gross = (self._top + self._extra) * g_y - (u * g_y >> scale) + g - g_x * (x - self._x_in)
        offset = (gross * self._keeps + self._slack * g_y) * _E18
        slope = g_x * self._rate_in * self._keeps
        return rounded(slope, max(offset, mpz(0)), _FEE_DENOMINATOR * self._rate_out * g_y)

    def ceiling(self) -> Line:
        """Return the flat line of everything the pool has: y is never below 0."""
        paid = (self._top * self._keeps + self._slack) * _E18
        return Line(mpz(0), paid, _FEE_DENOMINATOR * self._rate_out)

    def chord(self, x: Any) -> Chord | None:
        """Return a straight line that the contract's y never falls below, touching near *x*; None: none helps."""
        below = self._below
        touched = None if below is None else self._touched(x)
        if touched is None or below is None:
            return None
        u, g_x, g_y, g = touched
        level = (u << CHORD_BITS - _Y_BITS) - ((g << CHORD_BITS) // g_y + 1)
        return chord(x, level - (below + 1 << CHORD_BITS), (g_x << CHORD_BITS) // g_y)

    def bend(self, x: Any) -> Any:
        """
        Return κ/(g_y·x³·y) at *x*, rounded down, times 2**224: how fast the curve leaves its chord.

        At a·x it is above the chord by at least as much times (a + 2/√a - 3)·x².
        """
        touched = self._touched(x)
        if touched is None:
            return mpz(0)
        u, _, g_y, _ = touched
        return (self._kappa * u << 2 * _Y_BITS + BEND_BITS) // (g_y * x)

    def y_most(self) -> Any:
        """Return an upper bound of y for every input: 2**-20 above the curve where the swap begins."""
        touched = self._touched(self._x_in)
        y = self._top if touched is None else max(self._top, touched[0] >> _Y_BITS)
        return y + (y >> _ABOVE_BITS) + 2

    def _touched(self, x: Any) -> tuple[Any, Any, Any, Any] | None:
        """Return Y·2**64 at X = x, and g_x, g_y and g there, each times X²·Y²·2**192; None in an empty pool."""
        kappa, scale = self._kappa, _Y_BITS
        b = x + self._sigma
        u = (isqrt((b * b << 2 * scale) + (kappa << 2 * scale + 2) // x) - (b << scale)) >> 1
        if u <= self._empty_u:
            return None
        xu, ks = x * u, kappa << scale
        g_y = (x * (x * u * u + (ks << scale))) << scale
        g_x = (u * (x * xu + ks)) << scale
        return u, g_x, g_y, xu * (xu * ((b << scale) + u) - (ks << scale))

    def _unit_error(self, error: Any) -> Any:
        """
        Return how far the floors of c can lower the root, over all inputs; None where nothing is known.

        They lower c by at most *error*, so the root by at most error / √((b - D)² + 4c): below any x_m the
        second term is at least 4·(κ/x_m - error), from x_m on b - D is at least x_m + σ.
        """
        kappa, sigma, x_in = self._kappa, self._sigma, self._x_in
        if x_in + sigma > 0:
            steepness = x_in + sigma
        else:
            x_m = 1 - sigma
            x_m += isqrt(4 * kappa // x_m)
            left = kappa // x_m - error
            if left <= 0:
                return None
            steepness = min(x_m + sigma, 2 * isqrt(left))
        return -(-error // steepness) if steepness > 0 else None
