"""
Stable pools: what one balance gains, another loses, at a constant invariant D.

StableMath._calcOutGivenIn (V2) and computeOutGivenExactIn (V3): ``out = Bo - y(Bi + a) - 1``, where y is the
balance of the other token, rounded up.
"""

from collections.abc import Callable, Sequence
from typing import Final

import gmpy2
from gmpy2 import mpz

import arbx
from arbx_dex_balancer.curve import Bound
from arbx_dex_balancer.fixed import UINT256
from arbx_dex_balancer.stablemath import AMP_PRECISION, newton_balance

__all__ = ["Reserves", "StableTrade"]

# Fraction bits of the lines' point: a balance next to nothing would be coarse in whole units.
BITS: Final = 32
# V3 StableMath.MAX_IMBALANCE_RATIO
MAX_IMBALANCE_RATIO: Final = 10_000


class Reserves:
    """
    Hold what the trades of one stable pool at one state share: balances, amplification, and D, computed once.

    *early* tells V3, which multiplies by the amplification's precision before it divides, from V2.
    """

    __slots__ = ("_d", "_solve", "amp", "balances", "early")

    def __init__(
        self,
        amp: int,
        balances: Sequence[int],
        solve: Callable[[int, Sequence[int]], int],
        *,
        early: bool,
    ) -> None:
        self.amp, self.balances, self.early = amp, tuple(balances), early
        self._solve = solve
        self._d: int | None = None

    @property
    def d(self) -> int:
        """Return the invariant; raise WouldRevert where the contract fails to compute it."""
        if self._d is None:
            self._d = self._solve(self.amp, self.balances)
        return self._d


class StableTrade:
    """Trade one token of a stable pool for another, in 18-decimal units after the fee."""

    __slots__ = (
        "_amp_n",
        "_b",
        "_balance_in",
        "_balance_out",
        "_before",
        "_d",
        "_factor_in",
        "_factors",
        "_index_in",
        "_index_out",
        "_k",
        "_limit",
        "_limited_ratio",
        "_out_c",
        "_ready",
        "_reserves",
        "_rest",
        "_room",
        "_square",
    )  # fmt: skip

    def __init__(
        self,
        reserves: Reserves,
        index_in: int,
        index_out: int,
        room: int,
        *,
        limited_ratio: bool = False,
    ) -> None:
        self._reserves, self._index_in, self._index_out = reserves, index_in, index_out
        self._room, self._limited_ratio = room, limited_ratio
        self._limit: int | None = None
        self._ready = False

    def limit(self) -> int:
        """Return up to where the contract's 256 bits, and the allowed imbalance, reach."""
        if self._limit is None:
            self._prepare()
            self._limit = self._largest()
        return self._limit

    def out(self, amount: int) -> int:
        """Return ``balances[out] - finalBalanceOut - 1``, which is negative for the smallest amounts."""
        if not self._ready:
            self._prepare()
        balance = self._balance_in + amount
        product = self._product(balance)
        if not product:
            return 0
        if self._reserves.early:
            c = -(-self._square * AMP_PRECISION // (self._amp_n * product)) * self._balance_out
        else:
            c = -(-self._square // (self._amp_n * product)) * self._out_c
        y = newton_balance(self._square, c, self._d, self._b + balance)
        paid: int = self._balance_out - y - 1
        return paid

    def near(self, wanted: int) -> int:
        """Solve the invariant for the balance that enters, then correct by the contract's own rounding."""
        self._prepare()
        y = self._balance_out - wanted - 1
        if y <= 0:
            raise arbx.InsufficientLiquidity(f"the pool holds less than {wanted} (18 decimals)")
        amount = max((self._other(y << BITS) >> BITS) - self._balance_in, mpz(1))
        most = self.limit()
        steep, _, den = self.bound(min(amount, most))
        for _ in range(3 if steep else 0):
            amount = min(amount, most)
            moved = -(-(wanted - self.out(int(amount))) * den // steep)
            amount = max(amount + moved, mpz(1))
            if -1 <= moved <= 1:
                break
        return int(amount)

    def bound(self, amount: int) -> Bound:
        """
        Return the tangent of the invariant's level line at the point next to *amount*.

        g(x, y) = Ann·(S + x + y - D) + D - K/(x·y) is concave and g >= 0 at every balance the contract leaves,
        so ``y >= y1 - (g1 + gx·(x - x1)) / gy`` for any (x1, y1).
        """
        if not self._ready:
            self._prepare()
        x = (self._balance_in + amount) << BITS
        y = self._other(x)
        if y >> BITS == 0:  # next to nothing is left, and the tangent is as good as flat
            return Bound(0, self._balance_out - 1, 1)
        d, amp_n = self._d << BITS, self._amp_n
        q = AMP_PRECISION * (self._k // (x * y))
        level = amp_n * ((self._rest << BITS) + x + y - d) + AMP_PRECISION * d - q
        steep = (amp_n * x + q) * y
        den = (amp_n * y + q) * x
        above = ((self._balance_out - 1) << BITS) - y
        offset = above * den + level * x * y - steep * (amount << BITS)
        return Bound(steep << BITS, offset, den << BITS)

    def _other(self, balance: mpz) -> mpz:
        """Return, rounded down, the balance that D leaves beside *balance* and the rest; all times 2**BITS."""
        b = ((self._rest - self._d) << BITS) + balance
        b += (self._d * AMP_PRECISION << BITS) // self._amp_n
        c = self._k * AMP_PRECISION // (self._amp_n * balance)
        return (gmpy2.isqrt(b * b + 4 * c) - b) // 2

    def _product(self, balance: mpz) -> mpz:
        """Return P_D, floored after each token in the pool's order."""
        product = (
            self._before * (balance * self._factor_in) // self._d
            if self._index_in
            else balance * self._factor_in
        )
        for factor in self._factors:
            product = product * factor // self._d
        return product

    def _prepare(self) -> None:
        if self._ready:
            return
        reserves = self._reserves
        balances = [mpz(balance) for balance in reserves.balances]
        n, d = len(balances), mpz(reserves.d)
        index_in, index_out = self._index_in, self._index_out
        self._d, self._square, self._amp_n = d, d * d, mpz(reserves.amp * n)
        self._balance_in, self._balance_out = balances[index_in], balances[index_out]
        self._factor_in, self._factors = (
            mpz(n),
            [balance * n for balance in balances[index_in + 1 :]],
        )
        before = balances[0] * n
        for balance in balances[1:index_in]:
            before = before * balance * n // d
        self._before = before
        self._rest = sum(balances) - self._balance_in - self._balance_out
        step = (
            d * AMP_PRECISION // self._amp_n
            if reserves.early
            else d // self._amp_n * AMP_PRECISION
        )
        self._b = self._rest + step
        self._out_c = AMP_PRECISION * self._balance_out
        others = mpz(n) ** n
        for index, balance in enumerate(balances):
            if index not in (index_in, index_out):
                others *= balance
        self._k = (d ** (n + 1) << 3 * BITS) // others
        self._ready = True

    def _largest(self) -> int:
        most = self._room
        if not self._allowed(0):
            return 0
        if self._allowed(most):
            return most
        low, high = 0, most
        while high - low > 1:
            middle = (low + high) // 2
            if self._allowed(middle):
                low = middle
            else:
                high = middle
        return low

    def _allowed(self, amount: int) -> bool:
        """Tell whether the contract's arithmetic takes *amount*; it takes less wherever it takes more."""
        return self._fits(amount) and (not self._limited_ratio or self._balanced(amount))

    def _fits(self, amount: int) -> bool:
        balances = list(self._reserves.balances)
        balances[self._index_in] += amount
        n, d = len(balances), int(self._d)
        product = balances[0] * n
        for balance in balances[1:]:
            product = product * balance * n
            if product >= UINT256:
                return False
            product //= d
        square = d * d * (AMP_PRECISION if self._reserves.early else 1)
        if product * self._amp_n >= UINT256 or square >= UINT256:
            return False
        if amount or not product:
            return True
        # c and the first y are largest where nothing has entered yet
        return self._out_fits(product)

    def _out_fits(self, product: int) -> bool:
        if self._reserves.early:
            c = -(-self._square * AMP_PRECISION // (self._amp_n * product)) * self._balance_out
        else:
            c = -(-self._square // (self._amp_n * product)) * self._out_c
        y = -(-(self._square + c) // (self._d + self._b + self._balance_in))
        return bool(c < UINT256 and y * y + c < UINT256)

    def _balanced(self, amount: int) -> bool:
        """Tell whether the worse of before and after is within MAX_IMBALANCE_RATIO (V3 StablePool v3)."""
        balances = self._reserves.balances
        out = max(self.out(amount), 0) if amount else 0
        high = max(*balances, balances[self._index_in] + amount)
        low = min(*balances, balances[self._index_out] - out)
        return bool(low > 0 and high // low < MAX_IMBALANCE_RATIO)
