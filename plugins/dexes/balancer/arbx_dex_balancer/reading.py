"""Read the full state of V2 pools at one block."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import arbx
from arbx_dex_balancer.fixed import ONE, mul_down
from arbx_dex_balancer.identity import Identity
from arbx_dex_balancer.parsing import parse_late
from arbx_dex_balancer.states import MAX_DECIMALS, StableState, WeightedState

__all__ = ["read_states"]

Row = list[tuple[Any, ...] | None]
NOBODY: Final = "0x" + "0" * 40
CLOCK: Final = "0xca11bde05977b3631167028862be2a173976ca11"  # Multicall3, on every chain


async def read_states(
    chain: arbx.ChainReader,
    vault: str,
    pools: Sequence[arbx.Pool],
    identities: Sequence[Identity],
    block: int,
) -> list[WeightedState | StableState | str]:
    """Return the state of each pool, or the reason why it has none at *block*."""
    clock = arbx.Call(CLOCK, "getCurrentBlockTimestamp()", ("uint256",))
    questions = [list(_questions(vault, identity)) for identity in identities]
    first = [clock, *(call for calls in questions for call in calls)]
    (now, *answers) = await chain.call_many(first, block=block)
    rows = list(_cut(answers, [len(calls) for calls in questions]))
    rate_calls = [
        list(_rate_questions(identity, row))
        for identity, row in zip(identities, rows, strict=True)
    ]
    told = await chain.call_many([call for calls in rate_calls for call in calls], block=block)
    rates = _cut(told, [len(calls) for calls in rate_calls])
    return [
        _state(pool, identity, row, rate, now)
        for pool, identity, row, rate in zip(pools, identities, rows, rates, strict=True)
    ]


def _questions(vault: str, identity: Identity) -> Iterator[arbx.Call]:
    """Yield what is asked of every pool, then what its family answers."""
    pool_id, pool = bytes.fromhex(identity.pool_id[2:]), identity.address
    answer = ("address[]", "uint256[]", "uint256")
    yield arbx.Call(vault, "getPoolTokens(bytes32)", answer, (pool_id,))
    yield arbx.Call(pool, "getSwapFeePercentage()", ("uint256",))
    yield arbx.Call(pool, "getPausedState()", ("bool", "uint256", "uint256"))
    if identity.generation.family == "weighted":
        yield arbx.Call(pool, "getNormalizedWeights()", ("uint256[]",))
        return
    yield arbx.Call(pool, "getAmplificationParameter()", ("uint256", "bool", "uint256"))
    if identity.generation.composable:
        yield arbx.Call(pool, "getActualSupply()", ("uint256",))
        yield arbx.Call(pool, "getRateProviders()", ("address[]",))


def _rate_questions(identity: Identity, row: Row) -> Iterator[arbx.Call]:
    """Yield, for each token with a rate provider, its cached rate and the provider's own."""
    for token, provider in _providers(identity, row):
        cached = ("uint256", "uint256", "uint256", "uint256")
        yield arbx.Call(identity.address, "getTokenRateCache(address)", cached, (token,))
        yield arbx.Call(provider, "getRate()", ("uint256",))


def _providers(identity: Identity, row: Row) -> list[tuple[str, str]]:
    answer = row[5] if identity.generation.composable else None
    if answer is None:
        return []
    providers = [provider.lower() for provider in answer[0]]
    pairs = zip(identity.tokens, providers, strict=False)
    return [(token, provider) for token, provider in pairs if provider != NOBODY]


def _cut(answers: Sequence[tuple[Any, ...] | None], lengths: Sequence[int]) -> Iterator[Row]:
    start = 0
    for length in lengths:
        yield list(answers[start : start + length])
        start += length


def _state(
    pool: arbx.Pool, identity: Identity, row: Row, rates: Row, now: tuple[Any, ...] | None
) -> WeightedState | StableState | str:
    try:
        fields = _fields(pool, identity, row)
        if identity.generation.composable:
            fields |= _composable(fields, identity, row, rates, now)
        return parse_late(arbx.Fields({"state": fields}))
    except arbx.InvalidState as error:
        return str(error)


def _fields(pool: arbx.Pool, identity: Identity, row: Row) -> dict[str, Any]:
    """Return the state's fields that every generation has; the scaling factors still without rates."""
    for call, answer in zip(_questions("", identity), row, strict=True):
        if answer is None:
            raise arbx.InvalidState(call.signature, "is not answered")
    told: list[tuple[Any, ...]] = [answer for answer in row if answer is not None]
    (_, balances, _), (fee,), (paused, *_), own = told[:4]
    if paused:
        raise arbx.InvalidState("getPausedState()", "tells that the pool is paused")
    decimals = [token.decimals for token in pool.tokens]
    fields: dict[str, Any] = {
        "pool": identity.generation.name,
        "pool_id": identity.pool_id,
        "swap_fee": fee,
        "balances": list(balances),
        "token_decimals": decimals,
    }
    if identity.generation.family == "weighted":
        return {**fields, "weights": list(own[0])}
    if own[1]:
        raise arbx.InvalidState("amp", "changes from block to block until its ramp ends")
    factors = [ONE * 10 ** (MAX_DECIMALS - _known(d)) for d in decimals]
    return {**fields, "amp": own[0], "amp_precision": own[2], "scaling_factors": factors}


def _known(decimals: int | None) -> int:
    if decimals is None or decimals > MAX_DECIMALS:
        raise arbx.InvalidState("decimals", f"are {decimals}, not 0 to {MAX_DECIMALS}")
    return decimals


def _composable(
    fields: dict[str, Any],
    identity: Identity,
    row: Row,
    rates: Row,
    now: tuple[Any, ...] | None,
) -> dict[str, Any]:
    """Return the fields that the pool's own token and the tokens' rates bring."""
    supply = row[4]
    if now is None or supply is None:
        raise arbx.InvalidState(
            "rates", "are unknown: the chain has no Multicall3 to tell the time"
        )
    by_token = {}
    providers = _providers(identity, row)
    for (token, _), cached, fresh in zip(providers, rates[0::2], rates[1::2], strict=True):
        # A swap refreshes an expired cache first (_cacheTokenRatesIfNecessary).
        expired = cached is not None and now[0] > cached[3]
        answer = fresh if expired else cached
        if answer is None:
            raise arbx.InvalidState("rates", f"are unknown for token {token}")
        by_token[token] = answer[0]
    told = [by_token.get(token, ONE) for token in identity.tokens]
    scaled = zip(fields["scaling_factors"], told, strict=True)
    return {
        "bpt_index": identity.bpt_index,
        "actual_supply": supply[0],
        "rates": told,
        "scaling_factors": [mul_down(factor, rate) for factor, rate in scaled],
    }
