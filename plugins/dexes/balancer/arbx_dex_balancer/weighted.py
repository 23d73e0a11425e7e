"""
Weighted pools: ``out = Bo · (1 - (Bi / (Bi + a)) ** (wi / wo))``.

WeightedMath._calcOutGivenIn (V2) and computeOutGivenExactIn (V3): the base is rounded up, the exponent down, the
power up, the product down.
"""

from typing import Final

import gmpy2
from gmpy2 import mpz

import arbx
from arbx_dex_balancer.curve import Bound
from arbx_dex_balancer.fixed import ONE, ceil_div
from arbx_dex_balancer.logexp import power_up

__all__ = ["WeightedTrade"]

MAX_IN_RATIO: Final = 3 * 10**17
# What powUp adds, relative to the true power, at the least: 1e-14 less LogExpMath's error of under 3e-16, with
# room to spare. balancer-bounds.md derives it.
POW_EXCESS_E18: Final = 9_600
SHORTCUTS: Final = (ONE, 2 * ONE, 4 * ONE)
SHIFT: Final = mpz(1) << 128
UNIT: Final = SHIFT * ONE
DEN: Final = UNIT * ONE
DOWN: Final = gmpy2.context(precision=128, round=gmpy2.RoundDown)


class WeightedTrade:
    """Trade one token of a weighted pool for another, in 18-decimal units after the fee."""

    __slots__ = (
        "_balance_in", "_balance_out", "_excess", "_exponent", "_flat", "_kappa", "_limit", "_scaled_in",
        "_shortcuts", "_steep", "_touch", "_wide_in",
    )  # fmt: skip

    def __init__(
        self,
        balance_in: int,
        weight_in: int,
        balance_out: int,
        weight_out: int,
        *,
        shortcuts: bool,
        floors: tuple[int, int] = (0, 0),
    ) -> None:
        self._balance_in, self._balance_out = balance_in, balance_out
        self._scaled_in = -balance_in * ONE
        self._exponent = weight_in * ONE // weight_out
        self._shortcuts = shortcuts
        self._excess = 0 if shortcuts and self._exponent in SHORTCUTS else POW_EXCESS_E18
        self._kappa = mpz(ONE + self._excess)
        self._wide_in, self._flat = mpz(balance_in), mpz(balance_out) * ONE
        self._steep = mpz(balance_out) * self._exponent
        self._touch = self._tangent_from_zero()
        self._limit = self._largest(*floors)

    def limit(self) -> int:
        """Return ``_MAX_IN_RATIO`` (30 %) of the balance, less where the other balance would fall too low."""
        return self._limit

    def out(self, amount: int) -> int:
        """Return ``balanceOut.mulDown(base.powUp(exponent).complement())``."""
        base = -(self._scaled_in // (self._balance_in + amount))
        power = power_up(base, self._exponent, shortcuts=self._shortcuts)
        return self._balance_out * (ONE - power) // ONE if power < ONE else 0

    def near(self, wanted: int) -> int:
        """Return the least amount whose base gives a power small enough, by bisection on the base."""
        most = ONE - ceil_div(wanted * ONE, self._balance_out)
        if most <= 0:
            raise arbx.InsufficientLiquidity(f"the pool holds less than {wanted} (18 decimals)")
        base = self._largest_base(most)
        return ceil_div(self._balance_in * ONE, base) - self._balance_in

    def bound(self, amount: int) -> Bound:
        """
        Return the tangent of ``Bo·(1 - κ·p(a))`` at *amount*, with p(a) rounded down.

        p is convex, so ``p(z) >= p̃·(1 - e·(z - a)/(Bi + a))`` for every z and every p̃ in (0, p(a)].
        """
        amount = max(mpz(amount), self._touch)
        total = self._balance_in + amount
        power = self._power_down(total) * self._kappa
        steep = power * self._steep
        flat = (UNIT - power) * total
        return Bound(steep, self._flat * flat - steep * amount, DEN * total)

    def ceiling(self) -> tuple[int, int, int]:
        """
        Return (a, b, c): ``Bo·(1 - (Bi/(Bi + z))**e) <= a·z/(b + c·z)`` for every z, equal in value and slope at 0.

        With t = z/Bi and e >= 1, ``(1 + t)**-e >= (1 - (e-1)·t/2) / (1 + (e+1)·t/2)``; with e <= 1 Bernoulli's
        ``(1 + t)**e <= 1 + e·t`` does. balancer-bounds.md has the proof.
        """
        exponent = self._exponent
        bend = exponent if exponent <= ONE else (exponent + ONE) // 2
        return self._balance_out * exponent, self._balance_in * ONE, bend

    def _power_down(self, total: mpz) -> mpz:
        """Return (Bi / total) ** e times 2**128, rounded down."""
        log = DOWN.log(DOWN.div(self._wide_in, total))
        power = DOWN.exp(DOWN.div(DOWN.mul(log, self._exponent), ONE))
        return mpz(DOWN.floor(DOWN.mul(power, SHIFT)))

    def _tangent_from_zero(self) -> int:
        """
        Return where the tangent goes through the origin: powUp's excess makes the function start below zero.

        With u = a/Bi the tangent's offset is ``Bo·(e·(e+1)/2·u² - excess)``, so u = √(2·excess / (e·(e+1))).
        """
        if self._excess == 0:
            return 0
        square = 2 * self._excess * ONE * ONE * ONE // (self._exponent * (self._exponent + ONE))
        return ceil_div(self._balance_in * int(gmpy2.isqrt(square) + 1), ONE)

    def _largest_base(self, most: int) -> int:
        """Return a base whose power is at most *most* while the next one's is not."""
        low = high = self._root(most)
        # One unit of the power is base/(e·power) units of the base, and powUp is off by a few.
        step = 1 + low * ONE // (self._exponent * most)
        if self._fits(low, most):
            high = min(low + step, ONE)
            while high < ONE and self._fits(high, most):
                low, step = high, step * 4
                high = min(low + step, ONE)
        else:
            low = max(high - step, 1)
            while low > 1 and not self._fits(low, most):
                high, step = low, step * 4
                low = max(high - step, 1)
        while high - low > 1:
            middle = (low + high) // 2
            if self._fits(middle, most):
                low = middle
            else:
                high = middle
        return low

    def _fits(self, base: int, most: int) -> bool:
        try:
            return power_up(base, self._exponent, shortcuts=self._shortcuts) <= most
        except arbx.WouldRevert:  # below every base that the 30 % limit allows
            return True

    def _root(self, most: int) -> int:
        true = max(most - 1, 1) * ONE // (ONE + 10_000) if self._excess else most
        log = DOWN.log(DOWN.div(true, ONE))
        root = DOWN.exp(DOWN.div(DOWN.mul(log, ONE), self._exponent))
        return min(max(int(DOWN.mul(root, ONE)), 1), ONE - 1)

    def _largest(self, floor_in: int, floor_out: int) -> int:
        """Apply V3's 2026 rule: neither balance may be below its minimum (TokenBalanceBelowMin)."""
        limit = self._balance_in * MAX_IN_RATIO // ONE
        if self._balance_in < floor_in or self._balance_out < floor_out:
            return 0
        spare = self._balance_out - floor_out
        if floor_out == 0 or limit == 0 or self.out(limit) <= spare:
            return limit
        low, high = 0, limit  # out(low) <= spare < out(high)
        while high - low > 1:
            middle = (low + high) // 2
            if self.out(middle) <= spare:
                low = middle
            else:
                high = middle
        return low
