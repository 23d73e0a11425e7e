"""Metapools: one coin against the LP token of a base pool, alone or through the base pool's coins."""

from typing import Any

import attrs
from gmpy2 import mpz

from arbx_dex_curve.basepool import BasePool, BaseState
from arbx_dex_curve.ng import NgState, NgSwap
from arbx_dex_curve.stableswap import PlainSwap, StableState

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

    __slots__ = ("_base", "_deposits", "_swap", "_withdraws")

    def __init__(self, state: MetaState, base: BaseState, token_in: int, token_out: int) -> None:
        self._base = BasePool(base)
        self._deposits = token_in - 1 if token_in else None
        self._withdraws = token_out - 1 if token_out else None
        self._swap = meta_swap(state, min(token_in, 1), min(token_out, 1))

    def pays(self, amount_in: Any) -> Any:
        """Return what exchange_underlying pays for a positive input; raise WouldRevert."""
        amount = mpz(amount_in)
        if self._deposits is not None:
            amount = self._base.deposit(amount, self._deposits)
        amount = self._swap.pays(amount)
        if self._withdraws is not None:
            amount = self._base.withdraw(amount, self._withdraws)
        return amount

    def usual_in(self) -> int:
        """Return an input about as large as the pools."""
        if self._deposits is None:
            return self._swap.usual_in()
        return self._base.usual_in(self._deposits)

    def guess_in(self, amount_out: int) -> int:
        """Return about the input that pays *amount_out*: each pool guesses, from the last to the first."""
        amount = amount_out
        if self._withdraws is not None:
            amount = self._base.worth_of(amount, self._withdraws)
        amount = self._swap.guess_in(amount)
        if self._deposits is not None:
            amount = self._base.cost_of(max(amount, 0), self._deposits)
        return amount
