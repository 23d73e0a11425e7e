"""The events that change a Curve pool, and the one of them that tells the whole change."""

import json
from functools import cache
from importlib.resources import files

import attrs

import arbx
from arbx_dex_curve.ng import NgState, NgSwap
from arbx_dex_curve.stableswap import PlainSwap, StableState

__all__ = ["TOKEN_EXCHANGE", "after_exchange", "topics"]

TOKEN_EXCHANGE = bytes.fromhex("8b3e96f2b889fa771c53c981b40daf005f63f637f1869f707052d15a3dd97140")


@cache
def topics() -> frozenset[bytes]:
    """Return topic0 of every event that changes a pool of any supported generation."""
    table = json.loads(files("arbx_dex_curve").joinpath("events.json").read_text("utf-8"))
    return frozenset(bytes.fromhex(topic) for topic in table.values())


def after_exchange(state: StableState, log: arbx.Log) -> StableState:
    """
    Return a plain pool's state after a TokenExchange, or raise StaleState.

    The event names the amounts, not the admin's share of the fee: exchange is computed again, and only where it
    pays exactly what the event says its balances are believed.
    """
    fields = arbx.event_words(log, "TokenExchange", topics=1, words=4)
    _, sold, sold_amount, bought, bought_amount = fields
    count = len(state.balances)
    if sold == bought or sold >= count or bought >= count:
        raise arbx.StaleState(f"{log.address}: TokenExchange names coins that the pool has not")
    settled = _settled(state, sold, bought, sold_amount)
    if settled is None or settled[0] != bought_amount:
        raise arbx.StaleState(
            f"{log.address}: a swap in block {log.block} paid {bought_amount}, not what the known state pays"
        )
    balances = list(state.balances)
    balances[sold], balances[bought] = settled[1], settled[2]
    return attrs.evolve(state, balances=tuple(balances))


def _settled(
    state: StableState, sold: int, bought: int, amount: int
) -> tuple[int, int, int] | None:
    try:
        if not isinstance(state, NgState):
            return PlainSwap(state, sold, bought).settled(state, amount)
        if any(state.asset_types):
            return None  # rates move without an event
        return NgSwap(state, sold, bought).settled(state, amount)
    except arbx.WouldRevert:
        return None
