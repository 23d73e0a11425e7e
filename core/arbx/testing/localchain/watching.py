"""Observe the mixed market with one plugin's source, and anew with one that knows nothing yet."""

from collections.abc import Iterable
from typing import Any

import attrs

from arbx.chain import Chain, Follower, Observation, observe
from arbx.host import Host
from arbx.model import PoolState
from arbx.protocols import PoolSource
from arbx.testing.localchain.mixed import MixedMarket

__all__ = ["Watch", "values"]


def values(states: Iterable[PoolState]) -> dict[str, Any]:
    """Return what each pool's curve is made of, by address: two states of different blocks may be equal in it."""
    return {state.pool.address: state.state for state in states}


@attrs.frozen
class Watch:
    """The source that *provider* builds for the mixed market."""

    provider: str
    host: Host
    chain: Chain
    market: MixedMarket

    def source(self, **settings: Any) -> PoolSource:
        """Build the source, with other settings where they are given."""
        provided = dict(self.market.sources().values())
        return self.host.build_source(self.provider, {**provided[self.provider], **settings})

    async def observe(self, source: PoolSource | None = None, **settings: Any) -> Observation:
        """Return what a source sees now, by default a new one."""
        chosen = self.source(**settings) if source is None else source
        return await observe({self.provider: chosen}, self.chain)

    def follower(self, source: PoolSource, seen: Observation) -> Follower:
        """Follow the chain from what *source* has seen."""
        return Follower({self.provider: source}, self.chain, seen)

    async def read_again(self, **settings: Any) -> dict[str, Any]:
        """Return the states as a source reads them that knows nothing yet."""
        seen = await self.observe(**settings)
        if seen.failures:
            raise seen.failures[0]
        return values(seen.states)
