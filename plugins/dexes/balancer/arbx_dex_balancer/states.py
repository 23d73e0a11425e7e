"""What is known of a Balancer pool at one block, and how records spell it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import attrs

import arbx
from arbx_dex_balancer.fixed import ONE
from arbx_dex_balancer.generations import Generation, generation_of
from arbx_dex_balancer.stable import Reserves
from arbx_dex_balancer.stablemath import AMP_PRECISION, invariant, invariant_rounded_up

__all__ = [
    "MAX_DECIMALS",
    "V2_BITS",
    "V3_BITS",
    "StableState",
    "State",
    "V3State",
    "WeightedState",
    "check_priceable",
    "compressed",
    "dump",
    "moving",
]

MAX_DECIMALS: Final = 18
MAX_UINT16: Final = 2**16 - 1
V2_BITS: Final = 112
V3_BITS: Final = 128


@attrs.frozen
class WeightedState:
    """A weighted pool of V2: raw balances, weights and fee with 18 decimals; *decimals* of each token."""

    pool: str | None
    weights: tuple[int, ...]
    swap_fee: int
    balances: tuple[int, ...]
    decimals: tuple[int, ...]
    pool_id: str | None = None

    @property
    def generation(self) -> Generation:
        """Return whose rounding applies."""
        return generation_of(self.pool, 2, "weighted", bpt=False, where="state.pool")

    @property
    def scaling_factors(self) -> tuple[int, ...]:
        """Return ``10**(18 - decimals)`` with 18 decimals."""
        return tuple(ONE * 10 ** (MAX_DECIMALS - decimals) for decimals in self.decimals)


@attrs.frozen
class StableState:
    """
    A stable pool of V2: raw balances of the registered tokens, the pool's own token among them or not.

    *amp* is already times 1000; *scaling_factors* include the rates; *actual_supply* is what joins and exits
    count with: the virtual supply and the protocol's due share.
    """

    pool: str | None
    amp: int
    swap_fee: int
    balances: tuple[int, ...]
    scaling_factors: tuple[int, ...]
    bpt_index: int | None = None
    rates: tuple[int, ...] | None = None
    actual_supply: int | None = None
    pool_id: str | None = None

    @property
    def generation(self) -> Generation:
        """Return whose rounding applies."""
        return generation_of(
            self.pool, 2, "stable", bpt=self.bpt_index is not None, where="state.pool"
        )

    @cached_property
    def reserves(self) -> Reserves:
        """Return the scaled balances without the pool's own token, shared by all directions."""
        balances = tuple(
            balance * factor // ONE
            for index, (balance, factor) in enumerate(
                zip(self.balances, self.scaling_factors, strict=True)
            )
            if index != self.bpt_index
        )
        solve = invariant_rounded_up if self.generation.rounds_up else invariant
        return Reserves(self.amp, balances, solve, early=False)


@attrs.frozen
class V3State:
    """A pool of the V3 Vault: raw and live balances, rates, fee, and weights or amplification."""

    pool: str | None
    balances: tuple[int, ...]
    live: tuple[int, ...]
    scaling_factors: tuple[int, ...]
    rates: tuple[int, ...]
    swap_fee: int
    weights: tuple[int, ...] | None = None
    amp: int | None = None

    @property
    def generation(self) -> Generation:
        """Return whose checks apply."""
        family = "stable" if self.weights is None else "weighted"
        return generation_of(self.pool, 3, family, bpt=False, where="state.pool")

    @cached_property
    def reserves(self) -> Reserves:
        """Return the live balances of a stable pool, shared by all directions."""
        assert self.amp is not None  # parse gives weights or amp
        return Reserves(self.amp, self.live, invariant, early=True)


State = WeightedState | StableState | V3State


def compressed(weights: tuple[int, ...]) -> bool:
    """Tell whether a LiquidityBootstrappingPool stores these weights: in 16 bits, so they sum to one only nearly."""
    sixteenths = [(weight * MAX_UINT16 + ONE // 2) // ONE for weight in weights]
    exact = all(
        abs(weight * MAX_UINT16 - part * ONE) <= MAX_UINT16
        for weight, part in zip(weights, sixteenths, strict=True)
    )
    return exact and abs(sum(sixteenths) - MAX_UINT16) <= len(weights)


def check_priceable(state: State) -> None:
    """Refuse, by field, what exists on the chain but no formula here prices."""
    if not any(state.balances):
        raise arbx.InvalidState("state.balances[0]", "is 0, as all are: the pool is empty")
    weights = None if isinstance(state, StableState) else state.weights
    if weights is not None and sum(weights) != ONE:
        raise arbx.InvalidState(
            "state.weights",
            f"sum to {sum(weights)}, not to 1e18: a liquidity bootstrapping pool is not supported",
        )


def dump(state: State) -> dict[str, Any]:
    """Return the state as the parsers read it, integers as decimal strings."""
    if isinstance(state, WeightedState):
        return _dumped(state, weights=state.weights, token_decimals=list(state.decimals))
    if isinstance(state, StableState):
        return _dumped(
            state,
            amp=state.amp,
            amp_precision=AMP_PRECISION,
            scaling_factors=state.scaling_factors,
            bpt_index=state.bpt_index,
            rates=state.rates,
            actual_supply=state.actual_supply,
        )
    own = (
        {"amp": state.amp, "amp_precision": AMP_PRECISION}
        if state.weights is None
        else {"weights": state.weights}
    )
    return _dumped(
        state,
        balances_live_scaled18=state.live,
        scaling_factors=state.scaling_factors,
        rates=state.rates,
        **own,
    )


def _dumped(state: State, **own: Any) -> dict[str, Any]:
    fields = {
        "pool": state.pool,
        "pool_id": getattr(state, "pool_id", None),
        "swap_fee": state.swap_fee,
        "balances": state.balances,
        **own,
    }
    return {name: _plain(value) for name, value in fields.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(entry) for entry in value]
    return str(value) if isinstance(value, int) and value >= 2**53 else value


def moving(rates: Sequence[int] | None) -> bool:
    """
    Tell whether a token's rate is one that its provider moves, without an event of the Vault or the pool.

    >>> moving((10**18, 10**18)), moving((10**18, 1_150_000_000_000_000_000)), moving(None)
    (False, True, False)
    """
    return any(rate != ONE for rate in rates or ())
