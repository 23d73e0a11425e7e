"""
The CryptoSwap invariant for three coins (tricrypto-ng's CurveCryptoMathOptimized3, v2.0.0).

The same invariant as twocrypto's; its cubic in K0 has other scalings.
"""

from collections.abc import Sequence
from typing import Any

import attrs
from gmpy2 import isqrt, mpz

import arbx
from arbx_dex_curve.checked import i256, quotient, truncated, u256, wrapped_int
from arbx_dex_curve.cubic import cbrt, divider_of
from arbx_dex_curve.newton import newton_d, newton_y

__all__ = ["TRICRYPTO", "TriMath"]

_A_MULTIPLIER = 10000
_E18 = mpz(10**18)
_MIN_D, _MAX_D = 10**17, 10**33
_MIN_SHARE, _MAX_SHARE = 10**16, 10**20
_DIVIDERS = (
    *((10 ** (18 + down), 10**down) for down in range(30, 5, -4)),
    (10**20, 10**2),
)


@attrs.frozen
class TriMath:
    """The three-coin math and its ranges."""

    coins: int = 3
    min_a: int = 3**3 * _A_MULTIPLIER // 100
    max_a: int = 3**3 * _A_MULTIPLIER * 1000
    min_gamma: int = 10**10
    max_gamma: int = 5 * 10**16

    def get_y(self, ann: Any, gamma: Any, x: Sequence[Any], d: Any, j: int) -> tuple[Any, Any]:
        """
        Return y and K0 for coin *j* (get_y): Cardano's formula, or Newton where its root is not real.

        K0 is 0 after Newton.
        """
        if not _MIN_D <= d <= _MAX_D:
            raise arbx.WouldRevert("unsafe value D: the pool is too small or too large")
        others = [value for k, value in enumerate(x) if k != j]
        for value in others:
            if not _MIN_SHARE <= u256(value * _E18) // d <= _MAX_SHARE:
                raise arbx.WouldRevert(
                    "unsafe values x[i]: the pool would be too far from balance"
                )
        found = _root(ann, gamma, others[0], others[1], d)
        if found is None:
            y, k0 = newton_y(ann, gamma, others, d), 0
        else:
            root_k0, a = found
            volume = i256(truncated(d * d // 27, others[1]) * d) // others[0]
            y, k0 = truncated(i256(volume * root_k0), a), truncated(i256(_E18 * root_k0), a)
            u256(k0)
        least = _MIN_SHARE if found is None else _MIN_SHARE - 1
        if not least <= u256(u256(y) * _E18) // d <= _MAX_SHARE:
            raise arbx.WouldRevert("unsafe value for y: the pool would be too far from balance")
        return y, k0

    def newton_d(self, ann: Any, gamma: Any, xp: Sequence[Any], k0_prev: Any) -> Any:
        """Return D of the balances *xp*, started from what get_y knows (newton_D)."""
        falling = sorted(xp, reverse=True)
        d = newton_d(ann, gamma, falling, self._start(falling, k0_prev))
        for value in xp:
            if not _MIN_SHARE - 1 <= value * _E18 // d <= _MAX_SHARE:
                raise arbx.WouldRevert(
                    "unsafe values x[i]: the pool would be too far from balance"
                )
        return d

    def _start(self, falling: Sequence[Any], k0_prev: Any) -> Any:
        if k0_prev == 0:
            return 3 * self.mean(falling)
        total, pair = sum(falling), u256(falling[0] * falling[1])
        for over, scale, back in ((10**36, 10**36, 10**12), (10**24, 10**24, 10**6)):
            if total > over:
                return cbrt(u256(u256(pair // scale * falling[2]) // k0_prev * 27 * back))
        return cbrt(u256(u256(pair // _E18 * falling[2]) // k0_prev * 27))

    def mean(self, values: Sequence[Any]) -> Any:
        """Return the geometric mean (_geometric_mean)."""
        product = u256(u256(values[0] * values[1]) // _E18 * values[2]) // _E18
        return cbrt(product) if product else product

    def fee_share(self, xp: Sequence[Any], fee_gamma: Any) -> Any:
        """Return the weight of mid_fee in 1e18 (_reduction_coefficient)."""
        total = sum(xp)
        k = 3 * _E18 * xp[0] // total
        k = k * 3 * xp[1] // total
        k = k * 3 * xp[2] // total
        return quotient(fee_gamma * _E18, u256(fee_gamma + _E18 - k)) if fee_gamma else k


def _coefficients(ann: Any, gamma: Any, x_j: Any, x_k: Any, d_: Any) -> tuple[Any, Any, Any, Any]:
    """Return a, b, c, d of the cubic in K0, scaled as get_y scales them."""
    gamma2, a = gamma * gamma, 10**36 // 27
    pull = i256(wrapped_int(d_ * d_ // x_j * gamma2) * ann)
    b = (
        10**36 // 9
        + 2 * _E18 * gamma // 27
        - truncated(truncated(truncated(pull, 27**2), _A_MULTIPLIER), x_k)
    )
    push = wrapped_int(truncated(i256(gamma2 * (x_j + x_k - d_)), d_) * ann)
    c = i256(
        10**36 // 9
        + gamma * (gamma + 4 * _E18) // 27
        + truncated(truncated(push, 27), _A_MULTIPLIER)
    )
    d = (_E18 + gamma) ** 2 // 27
    if b == 0:
        raise arbx.WouldRevert("the contract divides by zero at this amount")
    divider = divider_of(abs(truncated(i256(3 * a * c), b) - b), _DIVIDERS)
    if a > abs(b):
        precision = abs(truncated(a, b))
        scaled = (wrapped_int(a * precision), *(i256(v * precision) for v in (b, c, d)))
    else:
        precision = abs(truncated(b, a))
        scaled = (a // precision, *(truncated(v, precision) for v in (b, c, d)))
    a, b, c, d = (truncated(value, divider) for value in scaled)
    return a, b, c, d


def _root(ann: Any, gamma: Any, x_j: Any, x_k: Any, d_: Any) -> tuple[Any, Any] | None:
    """Return a·K0 and a, or None where the contract turns to Newton."""
    a, b, c, d = _coefficients(ann, gamma, x_j, x_k, d_)
    ac3 = i256(3 * a * c)
    delta0 = truncated(ac3, b) - b
    delta1 = i256(
        truncated(i256(3 * ac3), b)
        - 2 * b
        - truncated(i256(truncated(i256(27 * a * a), b) * d), b)
    )
    sqrt_arg = i256(i256(delta1 * delta1) + i256(truncated(i256(4 * delta0 * delta0), b) * delta0))
    if sqrt_arg <= 0:
        return None
    sqrt_val = isqrt(sqrt_arg)
    b_cbrt = cbrt(b) if b >= 0 else -cbrt(-b)
    second_cbrt = cbrt((delta1 + sqrt_val) // 2) if delta1 > 0 else -cbrt((sqrt_val - delta1) // 2)
    c1 = truncated(i256(i256(b_cbrt * b_cbrt) // _E18 * second_cbrt), _E18)
    if c1 == 0:
        raise arbx.WouldRevert("the contract divides by zero at this amount")
    return truncated(i256(b + truncated(i256(b * delta0), c1) - c1), 3), a


TRICRYPTO = TriMath()
