"""Execute found cycles for real, on the local chain."""

from collections.abc import Mapping

from arbx.model import Call, Opportunity, PoolState
from arbx.protocols import PoolSource
from arbx.testing.localchain.market import SeededMarket
from arbx.testing.localchain.trader import transfer

__all__ = ["cycle_calls", "execute"]


def cycle_calls(
    opportunity: Opportunity,
    states: Mapping[str, PoolState],
    sources: Mapping[str, PoolSource],
    recipient: str,
) -> list[Call]:
    """
    Return the calls that take the cycle, leg by leg, as the sources encode them.

    *states* and *sources* are by the pool's address. A V2 pair must be paid before it is asked.
    """
    calls: list[Call] = []
    for hop, amount_in, amount_out in opportunity.legs():
        pool = hop.pool
        if pool.kind.endswith("_v2"):
            calls.append(transfer(pool.tokens[hop.token_in].address, pool.address, amount_in))
        calls += sources[pool.address].swap(
            states[pool.address], hop.token_in, hop.token_out, amount_in, amount_out, recipient
        )
    return calls


def execute(
    market: SeededMarket,
    opportunity: Opportunity,
    states: Mapping[str, PoolState],
    sources: Mapping[str, PoolSource],
) -> int:
    """Take the cycle in one mined transaction; return what the trader's balance grew by, in wei."""
    token, trader = opportunity.cycle.token.address, market.trader
    before = trader.balance(token)
    trader.run(cycle_calls(opportunity, states, sources, trader.address))
    return trader.balance(token) - before
