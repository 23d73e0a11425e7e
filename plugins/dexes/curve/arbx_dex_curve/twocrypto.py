"""
The CryptoSwap invariant for two coins (twocrypto-ng's CurveCryptoMathOptimized2, v2.0.0 and v2.1.0).

K·D^(N-1)·Σx + Πx = K·D^N + (D/N)^N with K = A·K0·γ² / (γ + 1 - K0)² and K0 = Πx·N^N / D^N. For a given D the
balance y is a root of a cubic in K0; the functions say which contract function's roundings they follow.
"""

from collections.abc import Sequence
from typing import Any

import attrs
from gmpy2 import isqrt, mpz

import arbx
from arbx_dex_curve.checked import i256, quotient, truncated, u256, wrapped_int
from arbx_dex_curve.cubic import cbrt, divider_of
from arbx_dex_curve.newton import newton_d, newton_y

__all__ = ["V2_0", "V2_1", "TwoMath"]

_A_MULTIPLIER = 10000
_E18 = mpz(10**18)
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
    (v2.1.0's lim_mul). None: v2.0.0's fixed range for y/D.
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
        """Return the least and the largest K0_i = 1e18·N·x_j / D that the contract accepts."""
        if self.steady_gamma is None:
            return 2 * 10**16, 2 * 10**20
        limit = self._limit(gamma)
        return 10**36 // limit, limit

    def _limit(self, gamma: int) -> int:
        steady = self.steady_gamma or gamma
        return 10**20 * steady // gamma if gamma > steady else 10**20

    def get_y(self, ann: Any, gamma: Any, x: Sequence[Any], d: Any, j: int) -> tuple[Any, Any]:
        """
        Return y and K0 for coin *j* (get_y).

        Cardano's formula on a·K0³ + b·K0² + c·K0 + d; where its square root is not real the contract falls
        back to Newton and answers K0 = 0.
        """
        x_j = x[1 - j]
        if not _MIN_D <= d <= _MAX_D:
            raise arbx.WouldRevert("unsafe value D: the pool is too small or too large")
        k0_i = quotient(2 * _E18 * x_j, d)
        low, high = self.k0_range(gamma)
        if not low <= k0_i <= high:
            raise arbx.WouldRevert("unsafe values x[i]: the pool would be too far from balance")
        root = _root(ann, gamma, x_j, d)
        if root is None:
            return newton_y(ann, gamma, (x_j,), d), 0
        y = truncated(truncated(wrapped_int(d * d // x_j * root), 4), _E18)
        share = u256(y) * _E18 // d
        least, most = self.shares(gamma)
        if root < 0 or not least <= share <= most:
            raise arbx.WouldRevert("unsafe value for y: the pool would be too far from balance")
        return y, root

    def newton_d(self, ann: Any, gamma: Any, xp: Sequence[Any], k0_prev: Any) -> Any:
        """Return D of the balances *xp*, started from what get_y knows (newton_D)."""
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
        """Return the geometric mean (xcp): ⌊√(x0·x1)⌋."""
        return isqrt(u256(values[0] * values[1]))

    def fee_share(self, xp: Sequence[Any], fee_gamma: Any) -> Any:
        """Return the weight of mid_fee in 1e18 (_fee's f)."""
        total = xp[0] + xp[1]
        k = 4 * _E18 * xp[0] // total * xp[1] // total
        return fee_gamma * _E18 // (fee_gamma + _E18 - k)


def _root(ann: Any, gamma: Any, x_j: Any, d_: Any) -> Any:
    """Return K0 (1e18) as the real root of the cubic, or None where the contract turns to Newton."""
    gamma2, a = gamma * gamma, 10**32
    ann_gamma2 = i256(ann * gamma2)
    b = i256(d_ * ann_gamma2) // 400000000 // x_j - 3 * 10**32 - 2 * gamma * 10**14
    spread = 4 * ann_gamma2 // 400000000
    c = 3 * 10**32 + 4 * gamma * 10**14 + gamma2 // 10**4 + i256(spread * x_j) // d_ - spread
    d = -((_E18 + gamma) ** 2 // 10**4)
    if b == 0:
        raise arbx.WouldRevert("the contract divides by zero at this amount")
    delta0 = truncated(i256(3 * a * c), b) - b
    delta1 = 3 * delta0 + b - truncated(i256(truncated(27 * a * a, b) * d), b)
    divider = divider_of(min(abs(delta0), abs(delta1), a), _DIVIDERS)
    a, b = a // divider, truncated(b, divider)
    c, d = truncated(c, divider), truncated(d, divider)
    delta0 = truncated(wrapped_int(3 * a * c), b) - b
    delta1 = 3 * delta0 + b - truncated(wrapped_int(truncated(27 * a * a, b) * d), b)
    sqrt_arg = i256(
        i256(delta1 * delta1) + wrapped_int(truncated(i256(4 * delta0 * delta0), b) * delta0)
    )
    if sqrt_arg <= 0:
        return None
    sqrt_val = isqrt(sqrt_arg)
    b_cbrt = cbrt(b) if b > 0 else -cbrt(-b)
    second_cbrt = cbrt((delta1 + sqrt_val) // 2) if delta1 > 0 else -cbrt((sqrt_val - delta1) // 2)
    c1 = truncated(wrapped_int(i256(b_cbrt * b_cbrt) // _E18 * second_cbrt), _E18)
    if c1 == 0 or a == 0:
        raise arbx.WouldRevert("the contract divides by zero at this amount")
    scaled_b = wrapped_int(_E18 * b)
    part = i256(truncated(scaled_b, c1) * delta0)
    return truncated(i256(wrapped_int(_E18 * c1) - scaled_b - part), 3 * a)


V2_0 = TwoMath(max_a=2**2 * _A_MULTIPLIER * 1000, max_gamma=2 * 10**15, steady_gamma=None)
V2_1 = TwoMath(max_a=2**2 * _A_MULTIPLIER * 1000, max_gamma=199 * 10**15, steady_gamma=2 * 10**16)
