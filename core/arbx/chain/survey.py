"""Ask every endpoint how it is, beside all failover."""

import asyncio
import time
from collections.abc import Sequence

import attrs

from arbx.chain.answers import as_quantity
from arbx.chain.endpoint import Endpoint
from arbx.errors import ChainError

__all__ = ["Health", "survey"]


@attrs.frozen
class Health:
    """What one endpoint says of itself; *trouble* is why it says nothing."""

    name: str
    chain_id: int = 0
    block: int = 0
    latency_s: float = 0.0
    trouble: str = ""


async def survey(endpoints: Sequence[Endpoint]) -> tuple[Health, ...]:
    """Ask all at once for their chain and newest block; *latency_s* is of the second request, when connected."""
    return tuple(await asyncio.gather(*map(_health, endpoints)))


async def _health(endpoint: Endpoint) -> Health:
    try:
        chain_id = await endpoint.ask("eth_chainId", (), as_quantity)
        started = time.perf_counter()
        block = await endpoint.ask("eth_blockNumber", (), as_quantity)
    except ChainError as error:
        return Health(endpoint.name, trouble=str(error))
    return Health(endpoint.name, chain_id, block, time.perf_counter() - started)
