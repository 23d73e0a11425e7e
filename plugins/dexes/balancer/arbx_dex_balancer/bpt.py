"""
Joins and exits of a composable stable pool through swaps of its own token (BPT).

ComposableStablePool._swapWithBpt: a swap into BPT is a join with one token, a swap out of BPT an exit to one
token. The fee is taken from the part that unbalances the pool, not from the amount given.
"""

from collections.abc import Callable
from typing import Final

import attrs
from gmpy2 import mpz

import arbx
from arbx_dex_balancer.curve import Bound
from arbx_dex_balancer.fixed import ONE, complement, div_down, div_up, mul_down, mul_up
from arbx_dex_balancer.stable import Reserves
from arbx_dex_balancer.stablemath import (
    AMP_PRECISION,
    balance_v2,
    invariant,
    invariant_slack,
    last_invariant,
)

__all__ = ["ExitTrade", "JoinTrade"]

BITS: Final = 64
COARSE: Final = 32
NEWTON_STEPS: Final = 24


@attrs.frozen
class Tangent:
    """``level + by_balance·(x - x1) + by_d·(D - D1) >= 0`` for every balance x and invariant D of the pool."""

    level: int
    by_balance: int
    by_d: int


def _tangent(reserves: Reserves, index: int, balance: int, d: int) -> Tangent:
    """
    Return the gradient of ``g(x, D) = Ann·(S + x - D) + D - Dⁿ⁺¹/(nⁿ·Π·x)``, which is concave.

    The last term is rounded down, which only lifts g.
    """
    n = len(reserves.balances)
    others, rest = mpz(n) ** n, 0
    for position, other in enumerate(reserves.balances):
        if position != index:
            others *= other
            rest += other
    amp_n = reserves.amp * n << BITS
    precision = AMP_PRECISION << BITS
    q = precision * mpz(d) ** (n + 1) // (others * balance)
    level = amp_n * (rest + balance - d) + precision * d - q
    return Tangent(
        level * balance * d,
        (amp_n * balance + q) * d,
        (precision - amp_n) * d * balance - (n + 1) * q * balance,
    )


def _largest(out: Callable[[int], int], most: int, cap: int) -> int:
    """Return the largest amount up to *most* that the contract takes and pays from what it holds."""

    def taken(amount: int) -> bool:
        try:
            return out(amount) <= cap
        except arbx.WouldRevert:
            return False

    if taken(most):
        return most
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if taken(middle):
            low = middle
        else:
            high = middle
    return low


def _near(out: Callable[[int], int], trade: "JoinTrade | ExitTrade", wanted: int) -> int:
    """Follow tangents up from zero: those of a concave function meet *wanted* before the function does."""
    amount, most = 1, trade.limit()
    for _ in range(NEWTON_STEPS):
        missing = wanted - out(amount)
        if missing <= 0 or amount >= most:
            break
        steep, _, den = trade.bound(amount)
        if steep == 0:
            break
        amount = min(amount + int(-(-missing * den // steep)), most)
    return amount


class JoinTrade:
    """Swap a token into BPT: StableMath._calcBptOutGivenExactTokensIn."""

    __slots__ = (
        "_balance_in",
        "_fee_e18",
        "_held",
        "_index_in",
        "_limit",
        "_reserves",
        "_room",
        "_slack",
        "_supply",
    )

    def __init__(
        self, reserves: Reserves, index_in: int, *, supply: int, fee_e18: int, room: int, held: int
    ) -> None:
        self._reserves, self._index_in, self._supply = reserves, index_in, supply
        self._fee_e18, self._room, self._held = fee_e18, room, held
        self._balance_in = reserves.balances[index_in]
        self._limit: int | None = None
        self._slack: int | None = None

    def limit(self) -> int:
        """Return what the contract takes before its arithmetic overflows or the Vault's BPT runs out."""
        if self._limit is None:
            if self._reserves.d <= 0:
                raise arbx.WouldRevert("the invariant is 0")
            self._limit = _largest(self.expected, self._room, self._held)
        return self._limit

    def out(self, amount: int) -> int:
        """Return ``bptTotalSupply.mulDown(newInvariant / currentInvariant - 1)``."""
        entered = self._untaxed(amount)
        if entered is None:
            return 0
        # _updateInvariantAfterJoinExit: the invariant of all that came in, the fee too, must be found as well
        if entered != amount:
            invariant(self._reserves.amp, self._after(amount))
        return self._minted(invariant(self._reserves.amp, self._after(entered)))

    def expected(self, amount: int) -> int:
        """Return what is minted, from the last iterate where the contract's iteration does not come to rest."""
        entered = self._untaxed(amount)
        if entered is None:
            return 0
        if entered != amount:
            last_invariant(self._reserves.amp, self._after(amount))  # refuses what overflows
        return self._minted(last_invariant(self._reserves.amp, self._after(entered))[0])

    def near(self, wanted: int) -> int:
        """Return an amount close to the least that mints *wanted*."""
        return _near(self.expected, self, wanted)

    def bound(self, amount: int) -> Bound:
        """
        Return the tangent of ``supply·(D(l + φ·a)/D0 - 1)``, φ = 1 - fee·(1 - l/S).

        Slack: what enters without fee while it is below 1e-18 of the balance, and the Newton iteration's error.
        """
        reserves, held, total = self._reserves, self._balance_in, sum(self._reserves.balances)
        d0 = reserves.d
        phi, unit = (ONE - self._fee_e18) * total + self._fee_e18 * held, ONE * total
        x1 = held + (self._untaxed(amount) or 0)
        d1, _ = last_invariant(reserves.amp, self._after(x1 - held))
        level, by_balance, by_d = attrs.astuple(_tangent(reserves, self._index_in, x1, d1))
        # D <= d1 + (level + by_balance·(held + φ·a + spare - x1)) / -by_d + newton
        spare, newton = held // ONE + 1, self._newton_slack()
        den = -by_d * unit * d0
        at_zero = level + by_balance * (held + spare - x1) - by_d * (d1 + newton - d0)
        return Bound(self._supply * by_balance * phi, self._supply * at_zero * unit, den)

    def _newton_slack(self) -> int:
        """Return invariant_slack for every amount up to the limit: x/D grows with x, the other ratios fall."""
        if self._slack is None:
            reserves = self._reserves
            after = self._after(self._untaxed(self.limit()) or 0)
            largest = [reserves.d] * len(after)
            largest[self._index_in] = last_invariant(reserves.amp, after)[0]
            self._slack = invariant_slack(after, largest)
        return self._slack

    def _minted(self, d: int) -> int:
        ratio = div_down(d, self._reserves.d)
        return mul_down(self._supply, ratio - ONE) if ratio > ONE else 0

    def _after(self, entered: int) -> list[int]:
        balances = list(self._reserves.balances)
        balances[self._index_in] += entered
        return balances

    def _untaxed(self, amount: int) -> int | None:
        """Return what is left of *amount* after the fee; None where it is too small for the contract."""
        held, total = self._balance_in, sum(self._reserves.balances)
        ideal = 0
        for index, balance in enumerate(self._reserves.balances):
            grown = div_down(held + amount, held) if index == self._index_in else ONE
            ideal += mul_down(grown, div_down(balance, total))
        if div_down(held + amount, held) <= ideal:
            return amount
        if ideal < ONE:  # SUB_OVERFLOW: the floored weights outweigh what enters
            return None
        free = mul_down(held, ideal - ONE)
        return free + mul_down(amount - free, ONE - self._fee_e18)


class ExitTrade:
    """Swap BPT out into a token: StableMath._calcTokenOutGivenExactBptIn."""

    __slots__ = (
        "_balance_out",
        "_fee_e18",
        "_index_out",
        "_limit",
        "_reserves",
        "_room",
        "_supply",
        "_tax",
    )

    def __init__(
        self, reserves: Reserves, index_out: int, *, supply: int, fee_e18: int, room: int
    ) -> None:
        self._reserves, self._index_out, self._supply = reserves, index_out, supply
        self._fee_e18, self._room = fee_e18, room
        self._balance_out = reserves.balances[index_out]
        self._tax = complement(div_down(self._balance_out, sum(reserves.balances)))
        self._limit: int | None = None

    def limit(self) -> int:
        """Return how much of the supply can leave before the contract's arithmetic overflows."""
        if self._limit is None:
            if self._reserves.d <= 0:
                raise arbx.WouldRevert("the invariant is 0")
            most = _largest(self.out, min(self._room, self._supply), self._balance_out)
            self._limit = _largest(self._afterwards, most, self._balance_out)
        return self._limit

    def _afterwards(self, amount: int) -> int:
        """Return what leaves; raise WouldRevert where the invariant of what is left overflows."""
        paid = self.out(amount)
        if paid >= self._balance_out:
            raise arbx.WouldRevert("nothing of the token is left (BAL#004)")
        # _updateInvariantAfterJoinExit
        balances = list(self._reserves.balances)
        balances[self._index_out] -= paid
        last_invariant(self._reserves.amp, balances)
        return paid

    def out(self, amount: int) -> int:
        """Return what leaves: untaxed in proportion to the token's weight, the rest less the fee."""
        reserves = self._reserves
        left = self._left(amount)
        gross = self._balance_out - balance_v2(
            reserves.amp, reserves.balances, left, self._index_out
        )
        if gross <= 0:
            return 0
        taxable = mul_up(gross, self._tax)
        return gross - taxable + mul_down(taxable, ONE - self._fee_e18)

    def near(self, wanted: int) -> int:
        """Return an amount close to the least that pays *wanted*."""
        return _near(self.out, self, wanted)

    def bound(self, amount: int) -> Bound:
        """Return the tangent of ``(1 - tax·fee)·(l - y(D0·(1 - a/supply)))``."""
        reserves, held, supply, d0 = (
            self._reserves,
            self._balance_out,
            self._supply,
            self._reserves.d,
        )
        d1 = self._left(amount)
        y1 = max(balance_v2(reserves.amp, reserves.balances, d1, self._index_out), 1)
        keep, unit = ONE * ONE - self._tax * self._fee_e18, ONE * ONE
        if y1 >> COARSE == 0:  # whole units are too coarse for a slope; nearly all has left
            return Bound(0, held * keep, unit)
        level, by_balance, by_d = attrs.astuple(_tangent(reserves, self._index_out, y1, d1))
        # y >= y1 - (level + by_d·(D - d1)) / by_balance, and D >= d0 - d0·a/supply
        at_zero = (held - y1) * by_balance + level + by_d * (d0 - d1)
        return Bound(-by_d * d0 * keep, at_zero * keep * supply, by_balance * unit * supply)

    def _left(self, amount: int) -> int:
        left = mul_up(div_up(self._supply - amount, self._supply), self._reserves.d)
        if left == 0:
            raise arbx.WouldRevert("no invariant is left (BAL#004)")
        return left
