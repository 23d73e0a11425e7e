"""The curve models: a state and a direction give a curve."""

from collections.abc import Iterator
from typing import Any, Final

import arbx
from arbx_dex_balancer.bpt import ExitTrade, JoinTrade
from arbx_dex_balancer.curve import JoinCurve, PairCurve, SwapCurve
from arbx_dex_balancer.even import EvenCurve
from arbx_dex_balancer.fixed import ONE
from arbx_dex_balancer.gate import V3_MINIMUM_TRADE, Gate, v2_gate, v3_gate
from arbx_dex_balancer.parsing import parse_late, parse_stable, parse_v3, parse_weighted
from arbx_dex_balancer.stable import StableTrade
from arbx_dex_balancer.states import (
    V2_BITS,
    V3_BITS,
    StableState,
    State,
    V3State,
    WeightedState,
    check_priceable,
    dump,
)
from arbx_dex_balancer.weighted import WeightedTrade

__all__ = ["curve", "models"]


def curve(state: State, token_in: int, token_out: int) -> SwapCurve:
    """Return the curve of one direction of a pool."""
    n = len(state.balances)
    if token_in == token_out or not (0 <= token_in < n and 0 <= token_out < n):
        raise arbx.InvalidState(
            "token_in, token_out",
            f"are {token_in} and {token_out}; the pool has {n} tokens, from 0",
        )
    check_priceable(state)
    if isinstance(state, WeightedState):
        return _weighted(state, token_in, token_out)
    if isinstance(state, StableState):
        if state.bpt_index in (token_in, token_out):
            return _through_bpt(state, token_in, token_out)
        return _stable(state, token_in, token_out)
    return _v3(state, token_in, token_out)


def _weighted(state: WeightedState, token_in: int, token_out: int) -> SwapCurve:
    factors, balances, weights = state.scaling_factors, state.balances, state.weights
    scaled = (
        balances[token_in] * factors[token_in] // ONE,
        balances[token_out] * factors[token_out] // ONE,
    )
    weight_in, weight_out, shortcuts = (
        weights[token_in],
        weights[token_out],
        state.generation.shortcuts,
    )
    trade = WeightedTrade(scaled[0], weight_in, scaled[1], weight_out, shortcuts=shortcuts)
    gate = v2_gate(state.swap_fee, factors[token_in], factors[token_out])
    room = _room(balances[token_in], V2_BITS)
    if shortcuts and weight_in == weight_out:
        return EvenCurve(trade, gate, room, scaled)
    return PairCurve(trade, gate, room)


def _stable(state: StableState, token_in: int, token_out: int) -> SwapCurve:
    factors = state.scaling_factors
    gate = v2_gate(state.swap_fee, factors[token_in], factors[token_out])
    room = _room(state.balances[token_in], V2_BITS)
    trade = StableTrade(
        state.reserves, _position(state, token_in), _position(state, token_out), gate.enter(room)
    )
    return PairCurve(trade, gate, room)


def _through_bpt(state: StableState, token_in: int, token_out: int) -> SwapCurve:
    factors, supply, fee_e18 = state.scaling_factors, state.actual_supply, state.swap_fee
    assert supply is not None  # parse_stable asks for it beside bpt_index
    gate = Gate(ONE, factors[token_in], factors[token_out])
    room = _room(state.balances[token_in], V2_BITS)
    within = gate.enter(room)
    if token_out == state.bpt_index:
        held = state.balances[token_out]
        index = _position(state, token_in)
        join = JoinTrade(
            state.reserves, index, supply=supply, fee_e18=fee_e18, room=within, held=held
        )
        return JoinCurve(join, gate, room)
    index = _position(state, token_out)
    leaving = ExitTrade(state.reserves, index, supply=supply, fee_e18=fee_e18, room=within)
    return SwapCurve(leaving, gate, room)


def _v3(state: V3State, token_in: int, token_out: int) -> SwapCurve:
    factors, rates = state.scaling_factors, state.rates
    gate = v3_gate(
        state.swap_fee, factors[token_in], rates[token_in], factors[token_out], rates[token_out]
    )
    room = _room(state.balances[token_in], V3_BITS)
    if state.weights is None:
        limits = state.generation.limits_imbalance
        trade = StableTrade(
            state.reserves, token_in, token_out, gate.enter(room), limited_ratio=limits
        )
        return SwapCurve(trade, gate, room)
    return SwapCurve(_v3_weighted(state, token_in, token_out), gate, room)


def _v3_weighted(state: V3State, token_in: int, token_out: int) -> WeightedTrade:
    assert state.weights is not None
    keeps = state.generation.keeps_minimum
    # MinTokenBalanceLib.computeMinTokenBalances: 1e6, or one unit of a token with fewer than 12 decimals
    minimum = [max(V3_MINIMUM_TRADE, factor) for factor in state.scaling_factors]
    return WeightedTrade(
        state.live[token_in] + (1 if keeps else 0),
        state.weights[token_in],
        state.live[token_out],
        state.weights[token_out],
        shortcuts=True,
        floors=(minimum[token_in], minimum[token_out]) if keeps else (0, 0),
    )


def _position(state: StableState, token: int) -> int:
    """Return the token's index once the pool's own token is dropped (_skipBptIndex)."""
    return token - 1 if state.bpt_index is not None and token > state.bpt_index else token


def _room(balance: int, bits: int) -> int:
    return (1 << bits) - 1 - balance


def models() -> Iterator[arbx.CurveModel]:
    """Yield the four kinds."""
    yield arbx.CurveModel("balancer_weighted", parse_weighted, curve, dump, _WEIGHTED)
    yield arbx.CurveModel("balancer_stable", parse_stable, curve, dump, _STABLE)
    yield arbx.CurveModel("balancer_v2_late", parse_late, curve, dump, _LATE)
    yield arbx.CurveModel("balancer_v3", parse_v3, curve, dump, _V3)


def _example(kind: str, state: dict[str, Any]) -> dict[str, Any]:
    tokens = [
        {"address": f"0x{digit * 40}", "symbol": symbol, "decimals": 6}
        for digit, symbol in (("a", "AAA"), ("b", "BBB"))
    ]
    return {"chain_id": 1, "block": None, "kind": kind, "dex": "balancer", "address": f"0x{'c' * 40}",
            "tokens": tokens, "state": state}  # fmt: skip


_WEIGHTED: Final = _example(
    "balancer_weighted",
    {"pool": "WeightedPool v4 (20230320)", "weights": [str(8 * 10**17), str(2 * 10**17)],
     "swap_fee": str(10**15), "balances": [str(4 * 10**13), str(10**13)]},
)  # fmt: skip
_STABLE: Final = _example(
    "balancer_stable",
    {"pool": "StablePool v2 (20220609)", "amp": 200_000, "amp_precision": 1000, "swap_fee": str(4 * 10**14),
     "balances": [str(10**13), str(12 * 10**12)], "scaling_factors": [str(10**30)] * 2, "bpt_index": None},
)  # fmt: skip
_LATE: Final = {**_WEIGHTED, "kind": "balancer_v2_late"}
_V3: Final = _example(
    "balancer_v3",
    {"pool": "V3 WeightedPool (20241205)", "weights": [str(5 * 10**17)] * 2, "swap_fee": str(3 * 10**15),
     "balances": [str(10**13), str(2 * 10**13)], "scaling_factors": [str(10**12)] * 2, "rates": [str(ONE)] * 2},
)  # fmt: skip
