"""Which calls bring the full state of a CryptoSwap pool, also while A and gamma are being ramped."""

from collections.abc import Sequence
from typing import Any

from gmpy2 import mpz

from arbx import Call, WouldRevert
from arbx_dex_curve.calls import next_block
from arbx_dex_curve.cryptomodel import CRYPTO
from arbx_dex_curve.ramp import Clock, Ramp
from arbx_dex_curve.table import UINT, Plan, Reading, Table, Unreadable

__all__ = ["crypto_plan"]

_WORDS = ("A", "gamma", "D", "mid_fee", "out_fee", "fee_gamma", "virtual_price")
_RAMP = (
    "initial_A_gamma()",
    "future_A_gamma()",
    "initial_A_gamma_time()",
    "future_A_gamma_time()",
)
_LOW = 2**128 - 1
_E18 = 10**18


def crypto_plan(pool: str, generation: str, decimals: Sequence[int]) -> Plan:
    """Read a CryptoSwap pool, with the virtual price and LP supply that decide about "Loss"."""
    coins = len(decimals)
    scales = (
        [Call(pool, "price_scale()", UINT)]
        if coins == 2
        else [Call(pool, "price_scale(uint256)", UINT, (k,)) for k in range(coins - 1)]
    )
    calls = (
        *(Call(pool, "balances(uint256)", UINT, (k,)) for k in range(coins)),
        *(Call(pool, f"{word}()", UINT) for word in _WORDS),
        *(Call(pool, name, UINT) for name in _RAMP),
        Call(pool, "totalSupply()", UINT),
        *scales,
    )

    def build(table: Table, clock: Clock | None) -> Reading:
        state = {
            "pool": generation,
            **{word: table.one(pool, f"{word}()") for word in _WORDS},
            "lp_total_supply": table.one(pool, "totalSupply()"),
            "price_scale": [table.one(pool, call.signature, *call.args) for call in scales],
            "balances": [table.one(pool, "balances(uint256)", k) for k in range(coins)],
            "precisions": [10 ** (18 - digits) for digits in decimals],
        }
        ramped = _ramped(table, pool, state, clock)
        return Reading(state, False) if ramped is None else Reading(state | ramped, True)

    return Plan(calls, build)


def _ramped(
    table: Table, pool: str, state: dict[str, Any], clock: Clock | None
) -> dict[str, int] | None:
    """Return what a swap in the next block meets instead of the state's numbers; None where nothing ramps."""
    ends_s = table.maybe(pool, "future_A_gamma_time()")
    if not ends_s or (clock is not None and clock.now_s > ends_s):
        return None
    now_s, next_s = next_block(clock, f"{pool} ramps A and gamma until {ends_s}")
    starts_s = table.one(pool, "initial_A_gamma_time()")
    initial, future = (table.one(pool, name) for name in _RAMP[:2])
    a = Ramp(initial >> 128, future >> 128, starts_s, ends_s)
    gamma = Ramp(initial & _LOW, future & _LOW, starts_s, ends_s)
    on_ramp = a.mean_at(now_s), gamma.mean_at(now_s)
    if on_ramp != (state["A"], state["gamma"]):
        raise Unreadable(
            f"{pool} answers A = {state['A']} and gamma = {state['gamma']}, its ramp gives {on_ramp}"
        )
    changed = {"A": a.mean_at(next_s), "gamma": gamma.mean_at(next_s)}
    if next_s < ends_s:
        changed["D"] = _invariant(pool, {**state, **changed})
    if next_s <= ends_s:
        # tweak_price insists on a profit ("Loss") after the ramp only: any virtual price is enough
        changed["virtual_price"] = 1
    return changed


def _invariant(pool: str, state: dict[str, Any]) -> int:
    """Return newton_D of the balances: while it ramps, exchange computes D anew before it swaps."""
    scales = (_E18, *state["price_scale"])
    rows = zip(state["balances"], state["precisions"], scales, strict=True)
    xp = [mpz(balance) * precision * scale // _E18 for balance, precision, scale in rows]
    try:
        math = CRYPTO[state["pool"]]
        return int(math.newton_d(mpz(state["A"]), mpz(state["gamma"]), xp, 0))
    except (WouldRevert, ZeroDivisionError):
        raise Unreadable(
            f"{pool} has no invariant for the A and gamma of the next block"
        ) from None
