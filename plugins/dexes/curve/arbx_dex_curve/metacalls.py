"""Which calls bring the full state of a metapool, with its base pool as far as it matters."""

from typing import Any

import attrs
from gmpy2 import mpz

from arbx import Call, WouldRevert
from arbx_dex_curve.calls import (
    balance_calls,
    balances,
    next_block,
    parameter_calls,
    parameters,
    plain_plan,
    ramp_calls,
    rates_of,
)
from arbx_dex_curve.generations import PLAIN
from arbx_dex_curve.invariant import get_d
from arbx_dex_curve.ramp import Clock
from arbx_dex_curve.stableswap import PRECISION, virtual
from arbx_dex_curve.table import UINT, Plan, Reading, Table, Unreadable

__all__ = ["Base", "meta_plan"]

_NG = "CurveStableSwapMetaNG"


@attrs.frozen
class Base:
    """The pool below a metapool; *generation* is None where it isn't known, which only level "meta" allows."""

    address: str
    lp_token: str
    generation: str | None
    decimals: tuple[int, ...]


def meta_plan(pool: str, generation: str, level: str, base: Base, digits: int) -> Plan:
    """
    Read a metapool whose own coin has so many *digits*.

    Its state is always fleeting: the base pool's swaps and a cached price that runs out change it.
    """
    ng = generation == _NG
    below = _BaseReader(base)
    calls = (*balance_calls(pool, 2), *parameter_calls(pool), *_own_calls(pool, ng), *below.calls)

    def build(table: Table, clock: Clock | None) -> Reading:
        common, _ = parameters(table, pool, 100, clock)
        live, under = below.read(table, clock)
        state: dict[str, Any] = {
            "pool": generation,
            "level": level,
            **common,
            "balances": balances(table, pool, 2),
            "base": under if level == "underlying" else {"virtual_price": live},
        }
        own = _ng_fields(table, pool, live) if ng else _cache_fields(table, pool, digits, clock)
        return Reading(state | own, fleeting=True)

    return Plan(calls, build)


def _own_calls(pool: str, ng: bool) -> list[Call]:
    if ng:
        rates = Call(pool, "stored_rates()", ("uint256[]",))
        return [rates, Call(pool, "offpeg_fee_multiplier()", UINT)]
    return [Call(pool, "base_virtual_price()", UINT), Call(pool, "base_cache_updated()", UINT)]


def _ng_fields(table: Table, pool: str, live: int) -> dict[str, Any]:
    return {
        "rates": [table.one(pool, "stored_rates()")[0], live],
        "offpeg_fee_multiplier": table.one(pool, "offpeg_fee_multiplier()"),
    }


def _cache_fields(table: Table, pool: str, digits: int, clock: Clock | None) -> dict[str, Any]:
    if clock is None:
        raise Unreadable("without Multicall3 the age of its cached price is not known")
    return {
        "rate0": rates_of([digits])[0],
        "base_virtual_price_cached": table.one(pool, "base_virtual_price()"),
        "base_cache_updated": table.one(pool, "base_cache_updated()"),
        # the next block's: a swap there decides by it whether the cache has run out
        "block_timestamp": clock.now_s if clock.next_s is None else clock.next_s,
    }


class _BaseReader:
    """Ask a base pool for its virtual price, and for its full state where its generation is known."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self._plan = (
            None
            if base.generation is None
            else plain_plan(base.address, base.generation, base.decimals)
        )
        self.calls = (
            Call(base.lp_token, "totalSupply()", UINT),
            Call(base.address, "get_virtual_price()", UINT),
            *(self._plan.calls if self._plan else ramp_calls(base.address)),
        )

    def read(self, table: Table, clock: Clock | None) -> tuple[int, dict[str, Any]]:
        """Return the virtual price that a swap in the next block meets, and the base pool's record."""
        address = self._base.address
        live: int = table.one(address, "get_virtual_price()")
        if self._plan is None:
            self._refuse_ramp(table, clock)
            return live, {}
        reading = self._plan.build(table, clock)
        supply = table.one(self._base.lp_token, "totalSupply()")
        if reading.fleeting:
            live = self._virtual_price(reading.state, supply)
        return live, {**reading.state, "lp_total_supply": supply, "virtual_price": live}

    def _virtual_price(self, state: dict[str, Any], supply: int) -> int:
        """Return D·1e18 / supply (get_virtual_price) with the A of the state: the contract's is of this block."""
        generation = PLAIN[state["pool"]]
        xp = virtual(tuple(state["balances"]), tuple(state["rates"]))
        try:
            return int(get_d(generation, xp, mpz(state["a_precise"])) * PRECISION // supply)
        except (WouldRevert, ZeroDivisionError):
            raise Unreadable(f"its base pool {self._base.address} has no virtual price") from None

    def _refuse_ramp(self, table: Table, clock: Clock | None) -> None:
        ends_s = table.maybe(self._base.address, "future_A_time()")
        if not ends_s:
            return
        what = f"its base pool {self._base.address}, of no known generation, may ramp A until {ends_s}"
        now_s, _ = next_block(clock, what)
        if now_s < ends_s:
            raise Unreadable(f"{what}; name its generation under pools")
