"""Metapools: one coin against the LP token of a base pool, alone or through the base pool's coins."""

from typing import Any

import attrs
from gmpy2 import mpz

import arbx
from arbx_dex_curve.basepool import BasePool, BaseState
from arbx_dex_curve.deposits import DepositLines
from arbx_dex_curve.lines import after, lifted
from arbx_dex_curve.ng import NgState, NgSwap
from arbx_dex_curve.stableswap import PlainSwap, StableState
from arbx_dex_curve.withdrawals import WithdrawalLines

__all__ = ["CACHE_EXPIRES_S", "MetaState", "PriceCache", "UnderlyingSwap", "meta_swap"]

CACHE_EXPIRES_S = 10 * 60  # BASE_CACHE_EXPIRES


@attrs.frozen
class MetaState:
    """
    A metapool's own pool of two coins, its base pool, and the level at which it is traded.

    *pool* has the rates that exchange uses now: the cached virtual price while it is younger than ten minutes
    (classic) or the live one (NG). *base* is None at level "meta", where only its virtual price matters; *cache*
    is None for NG.
    """

    level: str
    pool: StableState | NgState
    base: BaseState | None
    cache: "PriceCache | None" = None


@attrs.frozen
class PriceCache:
    """What a classic metapool remembers of its base pool (_vp_rate), and what it would read now."""

    cached_e18: int
    updated_s: int
    block_timestamp: int
    live_e18: int

    def rate(self) -> int:
        """Return the virtual price that exchange uses: a new one after ten minutes."""
        expired = self.block_timestamp > self.updated_s + CACHE_EXPIRES_S
        return self.live_e18 if expired else self.cached_e18


def meta_swap(state: MetaState, token_in: int, token_out: int) -> PlainSwap | NgSwap:
    """Return the swap between the coin and the LP token themselves (exchange)."""
    if isinstance(state.pool, NgState):
        return NgSwap(state.pool, token_in, token_out)
    return PlainSwap(state.pool, token_in, token_out)


class UnderlyingSwap:
    """
    Pay as exchange_underlying pays between the coin (0) and a coin of the base pool (1 + k).

    A base coin in is first deposited in the base pool and its LP tokens are sold; a base coin out is withdrawn
    with the LP tokens that were bought.
    """

    __slots__ = ("_base", "_before", "_behind", "_coin", "_deposits", "_most", "_swap")

    def __init__(self, state: MetaState, base: BaseState, token_in: int, token_out: int) -> None:
        self._base = BasePool(base)
        self._deposits, self._coin = token_in > 0, max(token_in, token_out) - 1
        self._swap = meta_swap(state, min(token_in, 1), min(token_out, 1))
        paying = state.pool.balances[0] if self._deposits else base.balances[self._coin]
        self._most = mpz(paying)
        self._before: DepositLines | None = None
        self._behind: WithdrawalLines | None = None

    def pays(self, amount_in: Any) -> Any:
        """Return what exchange_underlying pays for a positive input; raise WouldRevert."""
        if self._deposits:
            return self._swap.pays(self._base.deposit(mpz(amount_in), self._coin))
        return self._base.withdraw(self._swap.pays(mpz(amount_in)), self._coin)

    def line(self, amount_in: int) -> arbx.Line:
        """Return a line that exchange_underlying never exceeds, touching it near *amount_in*."""
        around = self._deposit_line if self._deposits else self._withdrawal_line
        try:
            found = around(mpz(amount_in))
        except arbx.WouldRevert:
            found = None
        # Nothing pays more than the pool that pays last has.
        return arbx.Line(mpz(0), self._most, mpz(1)) if found is None else found

    def _deposit_line(self, amount_in: Any) -> arbx.Line | None:
        if self._before is None:
            self._before = DepositLines(self._base, self._coin)
        if amount_in > self._before.reach:
            return None
        minted, first = self._before.touching(amount_in)
        return lifted(after(self._swap.line(minted), first), self._before.reach, self._most)

    def _withdrawal_line(self, amount_in: Any) -> arbx.Line | None:
        if self._behind is None:
            self._behind = WithdrawalLines(self._base, self._coin)
        bought = self._swap.pays(amount_in) if amount_in else mpz(0)
        second = self._behind.line(bought)
        return None if second is None else after(second, self._swap.line(amount_in))

    def touches(self, amount_in: int) -> bool:
        """Tell whether the line near *amount_in* is tight: of a usual amount, where the metapool's own line is."""
        if amount_in > self.usual_in():
            return False
        sold = self._base.deposit(mpz(amount_in), self._coin) if self._deposits else amount_in
        return isinstance(self._swap, PlainSwap) or self._swap.touches(int(sold))

    def usual_in(self) -> int:
        """Return an input about as large as the pools."""
        if self._deposits:
            return self._base.usual_in(self._coin)
        return self._swap.usual_in()

    def guess_in(self, amount_out: int) -> int:
        """Return about the input that pays *amount_out*: each pool guesses, from the last to the first."""
        if self._deposits:
            sold = self._swap.guess_in(amount_out)
            return self._base.cost_of(max(sold, 0), self._coin)
        return self._swap.guess_in(self._base.worth_of(amount_out, self._coin))
