"""Read records of Balancer pools into states, strictly: every refusal names the field."""

from typing import Final

import arbx
from arbx_dex_balancer.fixed import ONE
from arbx_dex_balancer.stablemath import AMP_PRECISION
from arbx_dex_balancer.states import (
    MAX_DECIMALS,
    V2_BITS,
    V3_BITS,
    StableState,
    V3State,
    WeightedState,
    compressed,
)

__all__ = ["parse_late", "parse_stable", "parse_v3", "parse_weighted"]

MIN_WEIGHT: Final = 10**16
MAX_WEIGHTED_TOKENS: Final = 8
MAX_STABLE_TOKENS: Final = 5
MAX_AMP_V2: Final = 5_000
MAX_AMP_V3: Final = 50_000
MAX_SCALING: Final = 10**54  # 1e36 for a token without decimals, times a rate of at most 1e18


def parse_weighted(record: arbx.Fields) -> WeightedState:
    """Return the state of a weighted pool's record, or raise InvalidState with the field's name."""
    state = record.fields("state")
    balances = _balances(state, V2_BITS, MAX_WEIGHTED_TOKENS)
    parsed = WeightedState(
        pool=_optional_text(state, "pool"),
        weights=_weights(state, len(balances)),
        swap_fee=state.integer("swap_fee", 0, ONE - 1),
        balances=balances,
        decimals=_decimals(record, state, len(balances)),
        pool_id=_pool_id(state),
    )
    assert parsed.generation  # refuses an unknown one now, not when the first curve is built
    return parsed


def parse_stable(record: arbx.Fields) -> StableState:
    """Return the state of a stable pool's record, or raise InvalidState with the field's name."""
    state = record.fields("state")
    bpt = state.has("bpt_index")
    balances = _balances(state, V2_BITS, MAX_STABLE_TOKENS + bpt, least=2 + bpt)
    n = len(balances)
    parsed = StableState(
        pool=_optional_text(state, "pool"),
        amp=_amp(state, MAX_AMP_V2),
        swap_fee=state.integer("swap_fee", 0, ONE - 1),
        balances=balances,
        scaling_factors=_bounded(state, "scaling_factors", n, MAX_SCALING),
        bpt_index=state.integer("bpt_index", 0, n - 1) if bpt else None,
        rates=_bounded(state, "rates", n, MAX_SCALING) if state.has("rates") else None,
        actual_supply=state.uint("actual_supply", lo=1) if bpt else None,
        pool_id=_pool_id(state),
    )
    assert parsed.generation  # as above
    return parsed


def parse_late(record: arbx.Fields) -> WeightedState | StableState:
    """Return the state of a V2 pool of either family: weighted where the record has weights."""
    weighted = _is_weighted(record.fields("state"))
    return parse_weighted(record) if weighted else parse_stable(record)


def parse_v3(record: arbx.Fields) -> V3State:
    """Return the state of a V3 pool's record, or raise InvalidState with the field's name."""
    state = record.fields("state")
    weighted = _is_weighted(state)
    balances = _balances(state, V3_BITS, MAX_WEIGHTED_TOKENS if weighted else MAX_STABLE_TOKENS)
    n = len(balances)
    factors = _bounded(state, "scaling_factors", n, 10**MAX_DECIMALS)
    rates = _bounded(state, "rates", n, MAX_SCALING)
    if state.has("balances_live_scaled18"):
        live = state.uints("balances_live_scaled18", n, bits=V3_BITS, lo=1 if any(balances) else 0)
    else:
        live = tuple(b * f * r // ONE for b, f, r in zip(balances, factors, rates, strict=True))
    parsed = V3State(
        pool=_optional_text(state, "pool"),
        balances=balances,
        live=live,
        scaling_factors=factors,
        rates=rates,
        swap_fee=state.integer("swap_fee", 0, ONE - 1),
        weights=_weights(state, n) if weighted else None,
        amp=None if weighted else _amp(state, MAX_AMP_V3),
    )
    assert parsed.generation  # as above
    return parsed


def _is_weighted(state: arbx.Fields) -> bool:
    if state.has("weights") or state.has("amp"):
        return state.has("weights")
    raise arbx.InvalidState(state.at("weights"), "is missing, and so is amp")


def _balances(state: arbx.Fields, bits: int, most: int, least: int = 2) -> tuple[int, ...]:
    """Return the balances: all above 0, or all 0 in a pool that nobody has joined yet."""
    balances = state.uints("balances", bits=bits)
    if any(balances) and not all(balances):
        index = balances.index(0)
        raise arbx.InvalidState(f"{state.at('balances')}[{index}]", "is 0 while others are not")
    if not least <= len(balances) <= most:
        raise arbx.InvalidState(
            state.at("balances"), f"has {len(balances)} entries, not {least} to {most}"
        )
    return balances


def _weights(state: arbx.Fields, n: int) -> tuple[int, ...]:
    weights = state.uints("weights", n, bits=64)
    for index, weight in enumerate(weights):
        if not MIN_WEIGHT <= weight <= ONE:
            raise arbx.InvalidState(
                f"{state.at('weights')}[{index}]", f"is {weight}, not within 1e16 and 1e18"
            )
    if sum(weights) != ONE and not compressed(weights):
        raise arbx.InvalidState(state.at("weights"), f"sum to {sum(weights)}, not to 1e18")
    return weights


def _amp(state: arbx.Fields, most: int) -> int:
    state.integer("amp_precision", AMP_PRECISION, AMP_PRECISION)
    return state.integer("amp", AMP_PRECISION, most * AMP_PRECISION)


def _bounded(state: arbx.Fields, name: str, n: int, most: int) -> tuple[int, ...]:
    values = state.uints(name, n, lo=1)
    for index, value in enumerate(values):
        if value > most:
            raise arbx.InvalidState(f"{state.at(name)}[{index}]", f"is {value}, above {most}")
    return values


def _decimals(record: arbx.Fields, state: arbx.Fields, n: int) -> tuple[int, ...]:
    if state.has("token_decimals"):
        fields = [
            arbx.Fields({"token_decimals": d}, "state") for d in state.list("token_decimals", n)
        ]
        return tuple(field.integer("token_decimals", 0, MAX_DECIMALS) for field in fields)
    tokens = [
        arbx.Fields(token, f"tokens[{index}]")
        for index, token in enumerate(record.list("tokens", n))
    ]
    return tuple(token.integer("decimals", 0, MAX_DECIMALS) for token in tokens)


def _optional_text(state: arbx.Fields, name: str) -> str | None:
    return state.text(name) if state.has(name) else None


def _pool_id(state: arbx.Fields) -> str | None:
    pool_id = _optional_text(state, "pool_id")
    if pool_id is None:
        return None
    if (
        len(pool_id) != 66
        or pool_id[:2] != "0x"
        or not set(pool_id[2:]) <= set("0123456789abcdef")
    ):
        raise arbx.InvalidState(
            state.at("pool_id"), f"is {pool_id[:70]!r}, not a lower-case 0x id of 32 bytes"
        )
    return pool_id
