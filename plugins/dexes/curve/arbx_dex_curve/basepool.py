"""What a metapool does with its base pool: deposit one coin, withdraw one coin (StableSwap3Pool)."""

from typing import Any, NamedTuple

import attrs
from gmpy2 import mpz

import arbx
from arbx_dex_curve.checked import quotient, u256
from arbx_dex_curve.generations import ProductForm
from arbx_dex_curve.invariant import get_d, get_y_d
from arbx_dex_curve.stableswap import FEE_DENOMINATOR, PRECISION, StableState, virtual

__all__ = ["BasePool", "BaseState", "Deposit", "Withdrawal"]


@attrs.frozen
class BaseState(StableState):
    """A base pool: a classic pool and the supply of its LP token."""

    lp_total_supply: int
    virtual_price_e18: int


class Deposit(NamedTuple):
    """Hold the virtual balances before the imbalance fee, their invariant, and both after it."""

    given: tuple[Any, ...]
    d1: Any
    charged: tuple[Any, ...]
    d2: Any


class Withdrawal(NamedTuple):
    """Hold the invariant that is left, the virtual balances less the imbalance fee, and what stays of the coin."""

    d1: Any
    charged: tuple[Any, ...]
    y: Any


class BasePool:
    """Know D of the base pool; answer add_liquidity and remove_liquidity_one_coin for one coin."""

    __slots__ = ("amp", "d0", "fee", "state", "supply", "xp")

    def __init__(self, state: BaseState) -> None:
        n = len(state.balances)
        self.state, self.xp = state, virtual(state.balances, state.rates)
        self.amp = mpz(state.amp)
        self.d0 = get_d(state.generation, self.xp, self.amp)
        self.supply = mpz(state.lp_total_supply)
        # The imbalance fee: fee·N / (4·(N - 1)).
        self.fee = mpz(state.fee_e10) * n // (4 * (n - 1))

    def deposit(self, amount_in: Any, coin: int) -> Any:
        """
        Return the LP tokens that add_liquidity mints for one coin: supply·(D2 - D0) / D0.

        D2 is the invariant after the imbalance fee. A deposit too small to make D grow reverts in the contract; it
        mints 0 here.
        """
        return self.minted(self.deposited(amount_in, coin))

    def minted(self, made: Deposit | None) -> Any:
        """Return the LP tokens that a deposit mints."""
        if made is None:
            return mpz(0)
        return quotient(self.supply * max(made.d2 - self.d0, mpz(0)), self.d0)

    def deposited(self, amount_in: Any, coin: int) -> Deposit | None:
        """
        Return the pool after a deposit; None where it does not grow.

        The fee is taken from each coin's distance to its ideal balance.
        """
        old, d0 = self.state.balances, self.d0
        given = list(map(mpz, old))
        given[coin] = u256(given[coin] + amount_in)
        grown = self._virtual(given)
        d1 = self._d(grown)
        if d1 <= d0:
            return None
        left = [
            u256(new - u256(self.fee * abs(quotient(d1 * balance, d0) - new)) // FEE_DENOMINATOR)
            for new, balance in zip(given, old, strict=True)
        ]
        charged = self._virtual(left)
        return Deposit(grown, d1, charged, self._d(charged))

    def withdraw(self, lp_amount: Any, coin: int) -> Any:
        """
        Return what remove_liquidity_one_coin pays (_calc_withdraw_one_coin).

        dy = (xp'_i - y(D1) - 1) / precision_i, where xp' are the balances less the imbalance fee. An amount too
        small for the rounding reverts in the contract; it pays 0 here.
        """
        made = self.withdrawn(lp_amount, coin)
        if made is None:
            return mpz(0)
        precision = self.state.rates[coin] // PRECISION
        return max(made.charged[coin] - made.y - 1, mpz(0)) // precision

    def withdrawn(self, lp_amount: Any, coin: int) -> Withdrawal | None:
        """Return the pool after a withdrawal; None where it is too small for the rounding."""
        if lp_amount > self.supply:
            raise arbx.InsufficientLiquidity("the base pool has not issued that many LP tokens")
        xp, d0 = self.xp, self.d0
        d1 = d0 - quotient(u256(lp_amount * d0), self.supply)
        new_y = self.balance_left(xp, d1, coin)
        charged = []
        for k, value in enumerate(xp):
            ideal = quotient(value * d1, d0)
            expected = ideal - new_y if k == coin else value - ideal
            if expected < 0:
                return None
            charged.append(value - u256(self.fee * expected) // FEE_DENOMINATOR)
        return Withdrawal(d1, tuple(charged), self.balance_left(charged, d1, coin))

    def balance_left(self, xp: Any, d: Any, coin: int) -> Any:
        """Return the balance of *coin* that belongs to the others and the invariant *d*."""
        return get_y_d(self.state.generation, xp, self.amp, d, coin)

    @property
    def units(self) -> tuple[Any, ...]:
        """Return how many virtual units a raw unit of each coin is."""
        return tuple(mpz(rate) // PRECISION for rate in self.state.rates)

    @property
    def is_plain(self) -> bool:
        """Tell whether the virtual balances and get_D are those that the proofs of lines are about."""
        generation = self.state.generation
        return bool(
            generation.a_precision == 1
            and generation.product_form is ProductForm.PER_COIN
            and all(rate % PRECISION == 0 for rate in self.state.rates)
            and self.supply > 0
            and min(self.xp) > 0
        )

    def usual_in(self, coin: int) -> int:
        """Return the deposit that is worth the whole pool four times."""
        return int(4 * self.d0 * PRECISION // self.state.rates[coin])

    def worth_of(self, amount: int, coin: int) -> int:
        """Return about the LP tokens that withdraw *amount*."""
        return int(mpz(amount) * self.state.rates[coin] * self.supply // (PRECISION * self.d0))

    def cost_of(self, lp_amount: int, coin: int) -> int:
        """Return about the deposit that mints *lp_amount*."""
        return int(mpz(lp_amount) * self.d0 * PRECISION // (self.state.rates[coin] * self.supply))

    def _virtual(self, balances: list[Any]) -> tuple[Any, ...]:
        return tuple(
            u256(rate * value) // PRECISION
            for rate, value in zip(self.state.rates, balances, strict=True)
        )

    def _d(self, xp: tuple[Any, ...]) -> Any:
        return get_d(self.state.generation, xp, self.amp)
