"""
Straight lines under the CryptoSwap invariant: balances of the coin out that no swap falls below.

In units of D and with k = K0 the invariant says ``Σx/D - 1 = φ(k)``, φ(k) = (1 - k)·(γ + 1 - k)² / (A·N^N·γ²·k).
φ(m·x·y) is convex in (x, y), so g(x, y) = Σx - D - D·φ(m·x·y) is concave, and at ANY point (X, Y) with k <= 1
``0 <= g(X, Y) + g_x·(x - X) + g_y·(y - Y)`` on the whole curve. docs/explanation/curve-bounds.md has the proof.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

from gmpy2 import mpz

from arbx_dex_curve.chord import CHORD_BITS, Chord, chord
from arbx_dex_curve.rooterror import root_error
from arbx_dex_curve.tricrypto import TriMath
from arbx_dex_curve.twocrypto import TwoMath

__all__ = ["CryptoSupport"]

_ONE = mpz(10**18) << 90  # k, γ and 1 are counted in this
_E40 = mpz(10**40)  # a·γ² has 1e4 from A and 1e36 from γ²
_A_PRECISION = 10**4
_FLOAT_TURNS, _EXACT_TURNS = 60, 12
_SETTLED = _ONE >> 138
_ABOVE_BITS = 20
_ABOVE_UNITS = 1024


class CryptoSupport:
    """
    Bound y from below, for one direction of one pool (A·N^N·1e4, γ, D).

    *others* is the coin that takes no part, if any. Where the error of the contract's root can't be derived, no line
    helps.
    """

    __slots__ = (
        "_ann",
        "_curvature",
        "_d",
        "_error",
        "_gamma",
        "_power",
        "_sum",
        "y_most",
    )

    def __init__(
        self,
        math: TwoMath | TriMath,
        pool: tuple[Any, Any, Any],
        others: Sequence[Any],
        before: tuple[Any, Any],
    ) -> None:
        (ann, gamma, d), (x, y) = pool, before
        n = len(others) + 2
        self._ann, self._gamma, self._d = ann, gamma * (_ONE // 10**18), d
        self._curvature = ann * gamma * gamma
        self._sum = sum(others) - d
        # y = k·M for M = D^N / (N^N·x·Πothers)
        self._power = (d**n, n**n * prod(others, start=mpz(1)))
        least_share, _ = math.shares(int(gamma))
        self.y_most = self._above(x, y) + least_share * d // (8 * 10**18)
        self._error = root_error(math, ann, gamma, d, x, others)

    def chord(self, x: Any) -> Chord | None:
        """Return a straight line that the contract's y never falls below, touching near *x*; None: none helps."""
        error = self._error
        if error is None or (k := self._root(x)) <= 0:
            return None
        d, q = self._d, self._gamma + _ONE - k
        m_num, m_den = self._power[0], self._power[1] * x
        y_num, y_den = k * m_num, m_den * _ONE
        # D·φ = bend / scale and -D·φ'·k = pull / scale
        scale = self._curvature * _ONE * _ONE * k
        bend = d * (_ONE - k) * q * q * _E40
        pull = d * q * (q * _ONE + 2 * k * (_ONE - k)) * _E40
        y = (y_num << CHORD_BITS) // y_den
        # g_y >= 1, so that g above the curve lowers the line by at most g
        above = ((self._sum + x) << CHORD_BITS) + y + 1 - (bend << CHORD_BITS) // scale
        level = y - max(above, mpz(0)) - (error << CHORD_BITS)
        fall = ((scale * x + pull) * y_num << CHORD_BITS) // (x * (scale * y_num + pull * y_den))
        return chord(x, level, fall)

    def _above(self, x: Any, y: Any) -> Any:
        """Return 2**-20 more than the curve where the swap begins, or than *y*."""
        k = self._root(x)
        k += (k >> _ABOVE_BITS) + 1
        if k < _ONE and self._over(x, k) <= 2:
            k = _ONE  # every point of the curve has k <= 1
        m_num, m_den = self._power[0], self._power[1] * x
        bound = k * m_num // (m_den * _ONE) + 1
        return max(bound, y) + (y >> _ABOVE_BITS) + _ABOVE_UNITS

    def _root(self, x: Any) -> Any:
        """Return k where the curve has *x*, at most 1 and nearly exact: 0 where the floats find none."""
        slope, k = self._estimate(x)
        for _ in range(_EXACT_TURNS):
            if not 0 < k <= _ONE:
                return min(max(k, mpz(0)), _ONE)
            step = mpz(self._over(x, k) / slope)
            k -= step
            if abs(step) <= _SETTLED:
                break
        return min(max(k, mpz(0)), _ONE)

    def _over(self, x: Any, k: Any) -> Any:
        """Return g / D at (x, y(k)), rounded down by two units at most."""
        q = self._gamma + _ONE - k
        y = k * self._power[0] // (self._power[1] * x * self._d)
        bend = (_ONE - k) * q * q * _E40 // (self._curvature * _ONE * k)
        return (self._sum + x) * _ONE // self._d + y - bend

    def _estimate(self, x: Any) -> tuple[float, Any]:
        """Return about the slope of g/D by k, and k: Newton's method in floats on a concave, rising function."""
        d = self._d
        m, rest = float(self._power[0] / (self._power[1] * x * d)), float((self._sum + x) / d)
        gamma, stiff = float(self._gamma / _ONE), float(self._curvature / _E40)
        k = slope = 1.0
        for _ in range(_FLOAT_TURNS):
            u = 1.0 - k
            q = gamma + u
            value = rest + k * m - u * q * q / (stiff * k)
            slope = m + q * (q + 2.0 * k * u) / (stiff * k * k)
            step = value / slope
            # From the right the tangent can leave the range: halve, and come back from the left.
            k = k - step if step < k * 0.9 else k * 0.1
            k = min(k, 1.0)
            if abs(step) <= 1e-14 * k:
                break
        return slope, mpz(k * 2.0**60) * _ONE >> 60
