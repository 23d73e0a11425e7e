"""Execute found cycles for real, on the local chain."""

from collections.abc import Mapping

from arbx.model import Call, Hop, Opportunity, PoolState
from arbx.protocols import PoolSource
from arbx.testing.localchain.market import SeededMarket
from arbx.testing.localchain.trader import transfer

__all__ = ["cycle_calls", "execute", "leg_calls"]


def leg_calls(
    hop: Hop, amount_in: int, amount_out: int, state: PoolState, source: PoolSource, recipient: str
) -> list[Call]:
    """Return the calls that take one leg, the swap's own among them; a V2 pair must be paid first."""
    pool = hop.pool
    swap = list(source.swap(state, hop.token_in, hop.token_out, amount_in, amount_out, recipient))
    if not pool.kind.endswith("_v2"):
        return swap
    return [transfer(pool.tokens[hop.token_in].address, pool.address, amount_in), *swap]


def cycle_calls(
    opportunity: Opportunity,
    states: Mapping[str, PoolState],
    sources: Mapping[str, PoolSource],
    recipient: str,
) -> list[Call]:
    """
    Return the calls that take the cycle, leg by leg, as the sources encode them.

    *states* and *sources* are by the pool's address.
    """
    calls: list[Call] = []
    for hop, amount_in, amount_out in opportunity.legs():
        address = hop.pool.address
        calls += leg_calls(
            hop, amount_in, amount_out, states[address], sources[address], recipient
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
