"""What a source promise is told: the source, its recorded chain, and what prices its pools."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import permutations

import attrs

from arbx.model import Pool, PoolState
from arbx.protocols import ChainReader, PoolSource
from arbx.provider import CurveModel
from arbx.testing.case import Broken
from arbx.testing.recording import Recording

__all__ = ["SourceCase", "SourcePromise", "directions"]


@attrs.frozen
class SourceCase:
    """
    One source under test, on a recorded chain.

    *targets* are the contracts that a swap may call; empty: the pool itself.
    """

    source: PoolSource
    chain: ChainReader
    block: int
    models: Mapping[str, CurveModel]
    recordings: tuple[Recording, ...]
    targets: frozenset[str] = frozenset()
    names_recipient: bool = True

    async def pools(self) -> list[Pool]:
        """Return the pools that the source discovers."""
        return list(await self.source.discover(self.chain, block=self.block))

    async def states(self) -> list[PoolState]:
        """Return the states that the source reads of them."""
        return list(await self.source.states(self.chain, await self.pools(), block=self.block))

    def model(self, pool: Pool) -> CurveModel:
        """Return the model that prices the pool."""
        if pool.kind not in self.models:
            raise Broken(f"{pool.address} is of kind {pool.kind!r}, which make_models() has not")
        return self.models[pool.kind]


SourcePromise = Callable[[SourceCase], Awaitable[None]]


def directions(pool: Pool) -> Iterator[tuple[int, ...]]:
    """Return each ordered pair of the pool's tokens."""
    return permutations(range(len(pool.tokens)), 2)
