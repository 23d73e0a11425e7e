"""
CryptoSwap for three coins: the math of tricrypto-ng v2.0.0.

The invariant of twocrypto.py, with N = 3. Here the cubic is written for -K0, so that its coefficients are positive
in a usual pool, and counted in 1e36/27; it is scaled by the quotient of its first two coefficients and by a power
of ten that p bears.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import attrs
from gmpy2 import mpz

import arbx
from arbx_dex_curve.checked import i256, quotient, truncated, u256
from arbx_dex_curve.cubic import cbrt, depressed_root, divider_of
from arbx_dex_curve.newton import newton_d, newton_y

__all__ = ["TRICRYPTO", "TriMath", "TriRoot"]

_A_MULTIPLIER = 10000
_E18 = mpz(10**18)
_ONE = mpz(10**36) // 27
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

    def shares(self, gamma: int) -> tuple[int, int]:
        """Return the least and the largest share of y in D (1e18) that the contract accepts."""
        return _MIN_SHARE - 1, _MAX_SHARE

    def divider(self, size: Any) -> int:
        """Return the power of ten that the cubic of a p of *size* is counted in."""
        return divider_of(size, _DIVIDERS)

    def root(self, ann: Any, gamma: Any, d: Any, xp: Sequence[Any], i: int, j: int) -> "TriRoot":
        """Prepare the direction from coin *i* to coin *j* of a pool with invariant *d*."""
        return TriRoot(ann, gamma, d, xp[3 - i - j], varies_first=i < 3 - i - j)

    def newton_d(self, ann: Any, gamma: Any, xp: Sequence[Any], k0_prev: Any) -> Any:
        """Return D of the balances *xp*, started from the K0 that the swap knows, if any."""
        falling = sorted(xp, reverse=True)
        d = newton_d(ann, gamma, falling, self._start(falling, k0_prev))
        for value in xp:
            if not _MIN_SHARE - 1 <= value * _E18 // d <= _MAX_SHARE:
                raise arbx.WouldRevert(
                    "unsafe values x[i]: the pool would be too far from balance"
                )
        return d

    def _start(self, falling: Sequence[Any], k0_prev: Any) -> Any:
        """Return the D whose K0 is *k0_prev*, 3·∛(Πx / K0), in a unit that keeps the product in a word."""
        if k0_prev == 0:
            return 3 * self.mean(falling)
        total, pair = sum(falling), u256(falling[0] * falling[1])
        unit, back = _E18, 1
        if total > 10**36:
            unit, back = 10**36, 10**12
        elif total > 10**24:
            unit, back = 10**24, 10**6
        return cbrt(u256(u256(pair // unit * falling[2]) // k0_prev * 27 * back))

    def mean(self, values: Sequence[Any]) -> Any:
        """Return the geometric mean, ∛Πx."""
        product = u256(u256(values[0] * values[1]) // _E18 * values[2]) // _E18
        return cbrt(product)

    def fee_share(self, xp: Sequence[Any], fee_gamma: Any) -> Any:
        """Return the weight of mid_fee in 1e18, γ_f / (γ_f + 1 - 27·Πx / (Σx)³)."""
        total = sum(xp)
        k = 3 * _E18 * xp[0] // total
        k = k * 3 * xp[1] // total
        k = k * 3 * xp[2] // total
        return quotient(fee_gamma * _E18, u256(fee_gamma + _E18 - k)) if fee_gamma else k


class _Cubic(NamedTuple):
    a: Any
    b: Any
    c: Any
    d: Any


class TriRoot:
    """
    Know the balance of one coin for each balance of the second; the third is fixed.

    The divisions by the two known balances are in the order of the coins, so it matters which of them varies.
    What does not depend on it is computed once.
    """

    __slots__ = (
        "_ann", "_bend", "_d", "_d_squared", "_end", "_fixed", "_fixed_head", "_fixed_tail", "_gamma",
        "_gamma_squared", "_in_range", "_lean", "_varies_first", "least_x", "least_y", "most_x",
    )  # fmt: skip

    def __init__(self, ann: Any, gamma: Any, d: Any, fixed: Any, *, varies_first: bool) -> None:
        if not _MIN_D <= d <= _MAX_D:
            raise arbx.WouldRevert("unsafe value D: the pool is too small or too large")
        self._ann, self._gamma, self._d, self._d_squared = ann, gamma, d, d * d
        self._fixed, self._varies_first = fixed, varies_first
        # ⌊1e18·x / D⌋ is in range exactly for these
        self.least_x, self.most_x = -(-_MIN_SHARE * d // _E18), ((_MAX_SHARE + 1) * d - 1) // _E18
        self.least_y = -((1 - _MIN_SHARE) * d // _E18)
        self._in_range = self.least_x <= fixed <= self.most_x
        self._gamma_squared = gamma * gamma
        self._bend = mpz(10**36) // 9 + 2 * _E18 * gamma // 27
        self._lean = mpz(10**36) // 9 + gamma * (gamma + 4 * _E18) // 27
        self._end = (_E18 + gamma) ** 2 // 27
        self._fixed_head = self._head(fixed) if fixed and not varies_first else mpz(0)
        self._fixed_tail = d * d // 27 // fixed * d if fixed and varies_first else mpz(0)

    def balance(self, x: Any) -> tuple[Any, Any]:
        """Return the third coin's balance in its range, and K0: 0 where Newton's method had to find it."""
        y, k0 = self.solve(x)
        # after Newton's method the least share is a unit more, as for x
        if not (self.least_y if k0 else self.least_x) <= y <= self.most_x:
            raise arbx.WouldRevert("unsafe value for y: the pool would be too far from balance")
        return y, k0

    def solve(self, x: Any) -> tuple[Any, Any]:
        """Return the third coin's balance, whatever it is, and K0."""
        if not (self._in_range and self.least_x <= x <= self.most_x):
            raise arbx.WouldRevert("unsafe values x[i]: the pool would be too far from balance")
        cubic = self._cubic(x)
        found = _scaled_root(cubic)
        if found is None:
            return newton_y(self._ann, self._gamma, (x, self._fixed), self._d), 0
        y = truncated(i256(self._full(x) * found), cubic.a)
        return y, u256(truncated(i256(_E18 * found), cubic.a))

    def _head(self, first: Any) -> Any:
        """Return α·D²/27x, what the first known balance leaves of α·t, in 1e36/27."""
        pull = i256(self._d_squared // first * self._gamma_squared * self._ann)
        return pull // (27**2 * _A_MULTIPLIER)

    def _full(self, x: Any) -> Any:
        """Return y at K0 = 1, D³ / (27·Πx)."""
        if self._varies_first:
            return self._fixed_tail // x
        return self._d_squared // 27 // x * self._d // self._fixed

    def _cubic(self, x: Any) -> _Cubic:
        """Return the coefficients, scaled so that their products fit a word."""
        pulled = self._head(x) // self._fixed if self._varies_first else self._fixed_head // x
        beyond = truncated(self._gamma_squared * (x + self._fixed - self._d), self._d) * self._ann
        a, b, d = _ONE, self._bend - pulled, self._end
        c = self._lean + truncated(beyond, 27 * _A_MULTIPLIER)
        if b == 0:
            raise arbx.WouldRevert("the contract divides by zero at this amount")
        unit = divider_of(abs(truncated(3 * a * c, b) - b), _DIVIDERS)
        if a > abs(b):
            times = abs(truncated(a, b))
            a, b, c, d = (value * times for value in (a, b, c, d))
        else:
            over = abs(truncated(b, a))
            a, b, c, d = (truncated(value, over) for value in (a, b, c, d))
        return _Cubic(*(truncated(value, unit) for value in (a, b, c, d)))


def _scaled_root(cubic: _Cubic) -> Any | None:
    """Return a·K0, or None where the contract turns to Newton."""
    a, b, c, d = cubic
    triple = i256(3 * a * c)
    p = truncated(triple, b) - b
    end = truncated(i256(truncated(i256(27 * a * a), b) * d), b)
    q = i256(truncated(i256(3 * triple), b) - 2 * b - end)
    root = depressed_root(b, p, q, i256)
    return None if root is None else truncated(i256(b + truncated(i256(b * p), root) - root), 3)


TRICRYPTO = TriMath()
