"""Look for pools that were created since the start, in the background."""

import asyncio
from collections.abc import Mapping

import attrs

from arbx.chain.observation import Observation, discover
from arbx.chain.reader import Chain
from arbx.errors import ArbxError, PluginError
from arbx.model import Pool
from arbx.plugins.boundary import blamed
from arbx.protocols import PoolSource

__all__ = ["Found", "Newcomers"]

# A block that was looked at may be replaced; what is this old is not.
_OVERLAP = 64


@attrs.frozen
class Found:
    """What one look found: each source's pools, old ones among them, and who failed."""

    pools: Mapping[str, tuple[Pool, ...]]
    failures: tuple[PluginError, ...] = ()


class Newcomers:
    """
    Ask the sources for their pools every so many blocks; no block waits for their answers.

    *every_blocks* of 0 means never. One look at a time: while one takes longer, none is begun. A source that is
    Growing is asked for what is new only, once it has answered.
    """

    def __init__(
        self,
        sources: Mapping[str, PoolSource],
        chain: Chain,
        start: Observation,
        *,
        every_blocks: int,
    ) -> None:
        self._sources, self._chain, self._every = sources, chain, every_blocks
        self._last = start.block.number
        self._answered = dict.fromkeys(start.pools, start.block.number)
        self._task: asyncio.Task[Found] | None = None

    def look(self, block: int) -> None:
        """Begin to look at *block*, where that is due."""
        if self._task is None and self._every and block >= self._last + self._every:
            self._begin(block)

    async def look_now(self, block: int) -> None:
        """Look at *block*, due or not, and wait for it."""
        if self._task is None:
            self._begin(block)
        assert self._task is not None  # it has begun
        await asyncio.wait([self._task])

    def found(self) -> Found | None:
        """Return what a look has found, once; None while there is nothing to tell."""
        if self._task is None or not self._task.done():
            return None
        task, self._task = self._task, None
        return task.result()

    async def close(self) -> None:
        """Give up looking."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _begin(self, block: int) -> None:
        self._last = block
        self._task = asyncio.create_task(self._looked(block))

    async def _looked(self, block: int) -> Found:
        since = {name: max(last - _OVERLAP, 0) for name, last in self._answered.items()}
        try:
            pools, failures = await discover(self._sources, self._chain, block, since=since)
        except ArbxError as error:
            # the node's fault: trading goes on with the pools that are known
            return Found({}, (blamed("discovery", "discover", error),))
        self._answered |= dict.fromkeys(pools, block)
        return Found(pools, failures)
