"""
What a dynamic fee leaves, from above, as a quotient of two polynomials.

Along a straight line in the plane of the two balances every fee of Curve is a rational function. These never
say less than 1e10 minus the contract's rounded fee.
"""

from typing import Any, Protocol

import attrs
from gmpy2 import isqrt, mpz

from arbx_dex_curve.polynomial import Polynomial, mixed, squared, times

__all__ = ["KEEP_UNIT", "CryptoKeep", "Keep", "Ratio"]

KEEP_UNIT = 10**10
_E18, _E9 = 10**18, 10**9

Ratio = tuple[Polynomial, Polynomial]


def unit_of(x: Polynomial) -> Any:
    """Return the number that stands for one unit."""
    return x[1] if len(x) > 1 else 1


class Keep(Protocol):
    """The upper bound of 1e10 - fee at the balances x and y that a swap leaves."""

    @property
    def most(self) -> Any:
        """Return the bound of all bounds: what the least fee leaves."""

    @property
    def least(self) -> Any:
        """Return a lower bound of all: what the largest fee leaves."""

    @property
    def rest(self) -> Any:
        """Return what Σx counts beside the two coins."""

    def of(self, x: Polynomial, y: Polynomial) -> Ratio:
        """
        Return the bound as numerator and positive denominator.

        *x* is a number, or c·x0 + c·h for a unit of 1/c; *y* is counted in the same unit.
        """

    def changes(self, fraction: Any) -> Any:
        """Return *fraction* times J rounded up, where a unit of y moves the bound by at most J / (x + y + rest)."""

    def falls_beyond(self, x: Any, y: Any) -> bool:
        """Tell whether the bound nowhere exceeds its value at (x, y) for a larger x and a smaller y."""


@attrs.frozen
class CryptoKeep:
    """
    What mid·f + out·(1 - f) leaves, f = γ_f / (γ_f + 1 - K) and K = N^N·Πx / (Σx)^N.

    K and f are rounded down by the contract, which only raises the fee; one unit of 1e-10 is added, because the
    fee itself is rounded down. *others* is the coin that takes no part, if there is one.
    """

    mid_fee_e10: Any
    out_fee_e10: Any
    fee_gamma: Any
    others: tuple[Any, ...]

    @property
    def spread(self) -> Any:
        """Return how much the fee can grow."""
        return self.out_fee_e10 - self.mid_fee_e10

    @property
    def most(self) -> Any:
        """Return what the least fee of any input leaves."""
        return KEEP_UNIT + 1 - min(self.mid_fee_e10, self.out_fee_e10)

    @property
    def least(self) -> Any:
        """Return what the largest fee leaves."""
        return KEEP_UNIT - max(self.mid_fee_e10, self.out_fee_e10)

    @property
    def rest(self) -> Any:
        """Return the balance that takes no part."""
        return sum(self.others)

    def of(self, x: Polynomial, y: Polynomial) -> Ratio:
        """Return the bound (1e10 - out + 1) + (out - mid)·f."""
        whole, gap = self._unlike(x, y)
        total = mixed(whole, self.fee_gamma, gap, _E18)
        constant = KEEP_UNIT - self.out_fee_e10 + 1
        return mixed(total, constant, whole, self.spread * self.fee_gamma), total

    def _unlike(self, x: Polynomial, y: Polynomial) -> Ratio:
        """Return (Σx)^N and (Σx)^N - N^N·Πx."""
        if not self.others:
            return squared(mixed(x, 1, y, 1)), squared(mixed(x, 1, y, -1))
        other = self.others[0] * unit_of(x)
        total = mixed(x, 1, y, 1)
        total[0] += other
        cube = times(squared(total), total)
        product = times(x, y)
        return cube, [*mixed(cube[: len(product)], 1, product, -27 * other), *cube[len(product) :]]

    def changes(self, fraction: Any) -> Any:
        """
        Return *fraction* times J = 1.3·(out - mid)/√γ_f for two coins, 2.6 times for three.

        √u·γ_f / (γ_f + u)² <= 0.325/√γ_f for u = 1 - K, and |dK/dy| <= 4·√u/(x + y), or 7.8·√u/Σx.
        """
        numerator, count = (26, 10) if self.others else (13, 10)
        # 1/√γ_f with γ_f in 1e18, rounded up
        root = isqrt(mpz(self.fee_gamma))
        return -(-numerator * self.spread * _E9 * fraction // (count * max(root, 1)))

    def falls_beyond(self, x: Any, y: Any) -> bool:
        """Tell whether K only falls for a larger x and a smaller y: 2x above the mean of the rest, 2y below."""
        if not self.others:
            return bool(x >= y)
        third = self.others[0]
        return bool(2 * x >= y + third and 2 * y <= x + third)
