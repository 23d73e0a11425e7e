"""
CryptoSwap for two coins: the math of twocrypto-ng v2.0.0 and v2.1.0.

K·D^(N-1)·Σx + Πx = K·D^N + (D/N)^N with K = A·K0·γ² / (γ + 1 - K0)² and K0 = Πx·N^N / D^N. cubic.py has the cubic
that K0 solves; here it is counted in 1e32, then in the largest power of ten that p and q bear.
"""

from collections.abc import Sequence
from typing import Any

import attrs
from gmpy2 import isqrt, mpz

import arbx
from arbx_dex_curve.checked import i256, truncated, u256, wrapped_int
from arbx_dex_curve.cubic import depressed_root, divider_of
from arbx_dex_curve.newton import newton_d, newton_y

__all__ = ["V2_0", "V2_1", "TwoMath", "TwoRoot"]

_A_MULTIPLIER = 10000
_E18 = mpz(10**18)
_ONE = mpz(10**32)
_MIN_D, _MAX_D = 10**17, 10**33
_DIVIDERS = (
    *((10 ** (18 + down), 10**down) for down in range(30, 5, -2)),
    (10**20, 10**2),
)


@attrs.frozen
class TwoMath:
    """
    One version of the two-coin math: its ranges, and how far from balance it lets a pool go.

    *steady_gamma*: up to it a coin may be 100 times its share; above it less, in inverse proportion
    (v2.1.0). None: v2.0.0's fixed range for y/D.
    """

    max_a: int
    max_gamma: int
    steady_gamma: int | None
    coins: int = 2
    min_a: int = 2**2 * _A_MULTIPLIER // 10
    min_gamma: int = 10**10

    def shares(self, gamma: int) -> tuple[int, int]:
        """Return the least and the largest share of y in D (1e18) that the contract accepts."""
        if self.steady_gamma is None:
            return 10**16 - 1, 10**20
        limit = self._limit(gamma)
        return 10**36 // 2 // limit, limit // 2

    def k0_range(self, gamma: int) -> tuple[int, int]:
        """Return the least and the largest 1e18·N·x / D that the contract accepts."""
        if self.steady_gamma is None:
            return 2 * 10**16, 2 * 10**20
        limit = self._limit(gamma)
        return 10**36 // limit, limit

    def _limit(self, gamma: int) -> int:
        steady = self.steady_gamma or gamma
        return 10**20 * steady // gamma if gamma > steady else 10**20

    def root(self, ann: Any, gamma: Any, d: Any, xp: Sequence[Any], i: int, j: int) -> "TwoRoot":
        """Prepare the direction from coin *i* to coin *j* of a pool with invariant *d*."""
        return TwoRoot(self, ann, gamma, d)

    def newton_d(self, ann: Any, gamma: Any, xp: Sequence[Any], k0_prev: Any) -> Any:
        """Return D of the balances *xp*, started from the K0 that the swap knows, if any."""
        high, low = (xp[0], xp[1]) if xp[0] >= xp[1] else (xp[1], xp[0])
        if not 10**9 <= high <= 10**33 or low * _E18 // high < 10**14:
            raise arbx.WouldRevert("unsafe values x[i]: the pool would be too far from balance")
        start = 2 * isqrt(high * low)
        if k0_prev != 0:
            start = min(isqrt(4 * high * low // k0_prev * _E18), high + low)
        d = newton_d(ann, gamma, (high, low), start)
        least, most = self.shares(gamma)
        if any(not least <= value * _E18 // d <= most for value in xp):
            raise arbx.WouldRevert("unsafe values x[i]: the pool would be too far from balance")
        return d

    def mean(self, values: Sequence[Any]) -> Any:
        """Return the geometric mean: ⌊√(x0·x1)⌋."""
        return isqrt(u256(values[0] * values[1]))

    def fee_share(self, xp: Sequence[Any], fee_gamma: Any) -> Any:
        """Return the weight of mid_fee in 1e18, γ_f / (γ_f + 1 - 4·x0·x1 / (x0 + x1)²)."""
        total = xp[0] + xp[1]
        k = 4 * _E18 * xp[0] // total * xp[1] // total
        return fee_gamma * _E18 // (fee_gamma + _E18 - k)


class TwoRoot:
    """
    Know the balance of one coin for each balance of the other.

    What does not depend on the balance is computed once: with t = D/4x and S = x/D the cubic's coefficients are
    ``steep/x - bend`` and ``stiff·x/D + lean``.
    """

    __slots__ = (
        "_ann", "_bend", "_constant", "_d", "_d_squared", "_gamma", "_lean", "_most_y", "_steep", "_stiff",
        "least_x", "least_y", "most_x",
    )  # fmt: skip

    def __init__(self, math: TwoMath, ann: Any, gamma: Any, d: Any) -> None:
        if not _MIN_D <= d <= _MAX_D:
            raise arbx.WouldRevert("unsafe value D: the pool is too small or too large")
        self._ann, self._gamma, self._d, self._d_squared = ann, gamma, d, d * d
        alpha = ann * gamma * gamma  # α in 1e40
        self._steep = d * alpha // (4 * 10**8)
        self._bend = 3 * _ONE + 2 * gamma * 10**14
        self._stiff = 4 * alpha // (4 * 10**8)
        self._lean = 3 * _ONE + 4 * gamma * 10**14 + gamma * gamma // 10**4 - self._stiff
        self._constant = -((_E18 + gamma) ** 2 // 10**4)
        # ⌊2e18·x / D⌋ and ⌊1e18·y / D⌋ are in range exactly for these
        low, high = math.k0_range(gamma)
        self.least_x, self.most_x = -(-low * d // (2 * _E18)), ((high + 1) * d - 1) // (2 * _E18)
        low, high = math.shares(gamma)
        self.least_y, self._most_y = -(-low * d // _E18), ((high + 1) * d - 1) // _E18

    def balance(self, x: Any) -> tuple[Any, Any]:
        """Return the other coin's balance in its range, and K0: 0 where Newton's method had to find it."""
        y, k0 = self.solve(x)
        if k0 and not self.least_y <= y <= self._most_y:
            raise arbx.WouldRevert("unsafe value for y: the pool would be too far from balance")
        return y, k0

    def solve(self, x: Any) -> tuple[Any, Any]:
        """Return the other coin's balance, whatever it is, and K0."""
        if not self.least_x <= x <= self.most_x:
            raise arbx.WouldRevert("unsafe values x[i]: the pool would be too far from balance")
        k0 = self._k0(x)
        if k0 is None:
            return newton_y(self._ann, self._gamma, (x,), self._d), 0
        # K0·D²/4x, where only the first product may not fit
        y = truncated(truncated(wrapped_int(self._d_squared // x * k0), 4), _E18)
        if k0 <= 0:
            raise arbx.WouldRevert("unsafe value for y: the pool would be too far from balance")
        return y, k0

    def _k0(self, x: Any) -> Any | None:
        """Return K0 (1e18), or None where the contract turns to Newton."""
        a, d = _ONE, self._constant
        b, c = self._steep // x - self._bend, self._stiff * x // self._d + self._lean
        if b == 0:
            raise arbx.WouldRevert("the contract divides by zero at this amount")
        p, q = _depressed(a, b, c, d)
        unit = divider_of(min(abs(p), abs(q), a), _DIVIDERS)
        if unit > 1:
            a, b, c, d = a // unit, truncated(b, unit), truncated(c, unit), truncated(d, unit)
            p, q = _depressed(a, b, c, d)
        root = depressed_root(b, p, q, wrapped_int)
        if root is None:
            return None
        grown_b = _E18 * b
        return truncated(i256(_E18 * root - grown_b - i256(truncated(grown_b, root) * p)), 3 * a)


def _depressed(a: Any, b: Any, c: Any, d: Any) -> tuple[Any, Any]:
    """Return p and q; within the ranges of A, γ and x only d's product can outgrow a word."""
    p = truncated(3 * a * c, b) - b
    return p, 3 * p + b - truncated(i256(truncated(27 * a * a, b) * d), b)


V2_0 = TwoMath(max_a=2**2 * _A_MULTIPLIER * 1000, max_gamma=2 * 10**15, steady_gamma=None)
V2_1 = TwoMath(max_a=2**2 * _A_MULTIPLIER * 1000, max_gamma=199 * 10**15, steady_gamma=2 * 10**16)
