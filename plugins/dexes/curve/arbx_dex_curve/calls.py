"""Which calls bring the full state of a StableSwap pool, and how their answers become a record of its kind."""

from collections.abc import Sequence
from typing import Any

from arbx import Call
from arbx_dex_curve.generations import PLAIN
from arbx_dex_curve.ramp import Clock, Ramp
from arbx_dex_curve.table import UINT, Plan, Reading, Table, Unreadable

__all__ = [
    "amplification",
    "balance_calls",
    "balances",
    "next_block",
    "ng_plan",
    "parameter_calls",
    "parameters",
    "plain_plan",
    "ramp_calls",
    "rates_of",
]

_RAMP = ("initial_A()", "future_A()", "initial_A_time()", "future_A_time()")
_PARAMETERS = ("A()", "A_precise()", "fee()", "admin_fee()")


def balance_calls(pool: str, coins: int) -> list[Call]:
    """Ask for each balance; the oldest pools index by int128."""
    return [
        Call(pool, f"balances({word})", UINT, (k,))
        for k in range(coins)
        for word in ("uint256", "int128")
    ]


def ramp_calls(pool: str) -> list[Call]:
    """Ask where A comes from and where it goes; sUSD, which can't ramp, does not answer."""
    return [Call(pool, name, UINT) for name in _RAMP]


def parameter_calls(pool: str) -> list[Call]:
    """Ask for A and the fees."""
    return [*(Call(pool, name, UINT) for name in _PARAMETERS), *ramp_calls(pool)]


def balances(table: Table, pool: str, coins: int) -> list[int]:
    """Return the balances."""
    return [
        table.first(pool, ("balances(uint256)", (k,)), ("balances(int128)", (k,)))
        for k in range(coins)
    ]


def parameters(
    table: Table, pool: str, precision: int, clock: Clock | None
) -> tuple[dict[str, Any], bool]:
    """Return A for the next block and the fees, and whether A is being ramped."""
    amp, ramps = amplification(table, pool, precision, clock)
    fields = {
        "a_precise": amp,
        "a_precision": precision,
        "fee": table.one(pool, "fee()"),
        "admin_fee": table.one(pool, "admin_fee()"),
    }
    return fields, ramps


def amplification(
    table: Table, pool: str, precision: int, clock: Clock | None
) -> tuple[int, bool]:
    """
    Return A as a swap in the next block meets it, and whether it is being ramped.

    The ramp is only believed where it gives the A that the pool answers at the block that was read. A ramp is
    monotone: once A is what it will be, it stays so, whatever the time is.
    """
    told: int = table.one(pool, "A()" if precision == 1 else "A_precise()")
    future, ends_s = table.maybe(pool, "future_A()"), table.maybe(pool, "future_A_time()")
    if ends_s is None or future in (None, told):
        return told, False
    starts = table.one(pool, "initial_A()"), table.one(pool, "initial_A_time()")
    ramp = Ramp(starts[0], future, starts[1], ends_s)
    now_s, next_s = next_block(clock, f"{pool} ramps A until {ends_s}")
    if ramp.at(now_s) != told:
        raise Unreadable(f"{pool} answers A = {told}, its ramp gives {ramp.at(now_s)}")
    return ramp.at(next_s), True


def next_block(clock: Clock | None, what: str) -> tuple[int, int]:
    """Return the time of the block that was read, and of the next; raise Unreadable where they aren't known."""
    if clock is None:
        raise Unreadable(f"{what}, and without Multicall3 the block's time is not known")
    if clock.next_s is None:
        raise Unreadable(f"{what}: set block_time_s, the seconds from one block to the next")
    return clock.now_s, clock.next_s


def rates_of(decimals: Sequence[int]) -> list[int]:
    """Return what makes virtual units of 18 decimals of each coin."""
    return [10 ** (36 - digits) for digits in decimals]


def plain_plan(pool: str, generation: str, decimals: Sequence[int]) -> Plan:
    """Read a classic pool; its rates follow from its tokens' decimals."""
    calls = (*balance_calls(pool, len(decimals)), *parameter_calls(pool))

    def build(table: Table, clock: Clock | None) -> Reading:
        common, ramps = parameters(table, pool, PLAIN[generation].a_precision, clock)
        state = {
            "pool": generation,
            **common,
            "balances": balances(table, pool, len(decimals)),
            "rates": rates_of(decimals),
        }
        return Reading(state, ramps)

    return Plan(calls, build)


def ng_plan(pool: str, factory: str | None) -> Plan:
    """
    Read a StableSwap-NG pool: get_balances leaves the admin's share out, stored_rates moves with the tokens.

    Rates of oracles and vaults, and balances of rebasing coins, move without an event of the pool.
    """
    calls = [
        *parameter_calls(pool),
        Call(pool, "get_balances()", ("uint256[]",)),
        Call(pool, "stored_rates()", ("uint256[]",)),
        Call(pool, "offpeg_fee_multiplier()", UINT),
    ]
    asked = "get_pool_asset_types(address)"
    if factory is not None:
        calls.append(Call(factory, asked, ("uint8[]",), (pool,)))

    def build(table: Table, clock: Clock | None) -> Reading:
        common, ramps = parameters(table, pool, 100, clock)
        held = list(table.one(pool, "get_balances()"))
        types = table.maybe(factory, asked, pool) if factory is not None else None
        # Unknown types count as oracles: then no event is believed to tell the whole state.
        types = list(types or [1] * len(held))
        state = {
            "pool": "CurveStableSwapNG",
            **common,
            "offpeg_fee_multiplier": table.one(pool, "offpeg_fee_multiplier()"),
            "balances": held,
            "rates": list(table.one(pool, "stored_rates()")),
            "asset_types": types,
        }
        return Reading(state, ramps or any(types))

    return Plan(tuple(calls), build)
