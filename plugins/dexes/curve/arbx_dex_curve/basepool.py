"""What a metapool does with its base pool: deposit one coin, withdraw one coin (StableSwap3Pool)."""

from typing import Any

import attrs
from gmpy2 import mpz

import arbx
from arbx_dex_curve.checked import quotient, u256
from arbx_dex_curve.invariant import get_d, get_y_d
from arbx_dex_curve.stableswap import FEE_DENOMINATOR, PRECISION, StableState, virtual

__all__ = ["BasePool", "BaseState"]


@attrs.frozen
class BaseState(StableState):
    """A base pool: a classic pool and the supply of its LP token."""

    lp_total_supply: int
    virtual_price_e18: int


class BasePool:
    """Know D of the base pool; answer add_liquidity and remove_liquidity_one_coin for one coin."""

    __slots__ = ("_d0", "_fee", "_state", "_supply", "_xp")

    def __init__(self, state: BaseState) -> None:
        n = len(state.balances)
        self._state, self._xp = state, virtual(state.balances, state.rates)
        self._d0 = get_d(state.generation, self._xp, mpz(state.amp))
        self._supply = mpz(state.lp_total_supply)
        # The imbalance fee: fee·N / (4·(N - 1)).
        self._fee = mpz(state.fee_e10) * n // (4 * (n - 1))

    def deposit(self, amount_in: Any, coin: int) -> Any:
        """
        Return the LP tokens that add_liquidity mints for one coin: supply·(D2 - D0) / D0.

        D2 is the invariant after the imbalance fee, taken from each coin's distance to its ideal balance. A
        deposit too small to make D grow reverts in the contract; it mints 0 here.
        """
        old, d0 = self._state.balances, self._d0
        new = list(map(mpz, old))
        new[coin] = u256(new[coin] + amount_in)
        d1 = self._d(new)
        if d1 <= d0:
            return mpz(0)
        for k, balance in enumerate(old):
            ideal = quotient(d1 * balance, d0)
            new[k] = u256(new[k] - u256(self._fee * abs(ideal - new[k])) // FEE_DENOMINATOR)
        d2 = self._d(new)
        return quotient(self._supply * max(d2 - d0, mpz(0)), d0)

    def withdraw(self, lp_amount: Any, coin: int) -> Any:
        """
        Return what remove_liquidity_one_coin pays (_calc_withdraw_one_coin).

        dy = (xp'_i - y(D1) - 1) / precision_i, where xp' are the balances less the imbalance fee. An amount too
        small for the rounding reverts in the contract; it pays 0 here.
        """
        state, xp, d0 = self._state, self._xp, self._d0
        if lp_amount > self._supply:
            raise arbx.InsufficientLiquidity("the base pool has not issued that many LP tokens")
        d1 = d0 - quotient(u256(lp_amount * d0), self._supply)
        new_y = get_y_d(state.generation, xp, mpz(state.amp), d1, coin)
        reduced = []
        for k, value in enumerate(xp):
            ideal = quotient(value * d1, d0)
            expected = ideal - new_y if k == coin else value - ideal
            if expected < 0:
                return mpz(0)
            reduced.append(value - u256(self._fee * expected) // FEE_DENOMINATOR)
        y = get_y_d(state.generation, reduced, mpz(state.amp), d1, coin)
        precision = state.rates[coin] // PRECISION
        return max(reduced[coin] - y - 1, mpz(0)) // precision

    def usual_in(self, coin: int) -> int:
        """Return the deposit that is worth the whole pool four times."""
        return int(4 * self._d0 * PRECISION // self._state.rates[coin])

    def worth_of(self, amount: int, coin: int) -> int:
        """Return about the LP tokens that withdraw *amount*."""
        return int(mpz(amount) * self._state.rates[coin] * self._supply // (PRECISION * self._d0))

    def cost_of(self, lp_amount: int, coin: int) -> int:
        """Return about the deposit that mints *lp_amount*."""
        return int(
            mpz(lp_amount) * self._d0 * PRECISION // (self._state.rates[coin] * self._supply)
        )

    def _d(self, balances: list[Any]) -> Any:
        state = self._state
        xp = [
            u256(rate * value) // PRECISION
            for rate, value in zip(state.rates, balances, strict=True)
        ]
        return get_d(state.generation, xp, mpz(state.amp))
