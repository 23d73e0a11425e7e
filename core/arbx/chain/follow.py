"""Follow the chain: states from logs, and from a full read after a reorganisation."""

from collections.abc import Iterable, Mapping

import attrs

from arbx.chain.observation import Observation, observe, read_states
from arbx.chain.reader import BlockRef, Chain
from arbx.errors import ArbxError, ChainError, PluginError, StaleState
from arbx.model import Log, Pool, PoolState
from arbx.plugins.boundary import blame, blamed
from arbx.protocols import PoolSource

__all__ = ["Follower", "Update"]

_ATTEMPTS = 3


@attrs.frozen
class Update:
    """
    What a block changed.

    *changed* are new states, *removed* the addresses of pools that have none any more.

    *reread* tells that the states come from a full read, because the chain was reorganised.
    """

    block: BlockRef
    changed: tuple[PoolState, ...] = ()
    removed: tuple[str, ...] = ()
    reread: bool = False
    failures: tuple[PluginError, ...] = ()


class Follower:
    """
    Keep the states of an observation current.

    ::

        follower = Follower(sources, chain, await observe(sources, chain))
        update = await follower.advance()
        market.remove(update.removed)
        found = market.update(update.changed)
    """

    def __init__(
        self, sources: Mapping[str, PoolSource], chain: Chain, start: Observation
    ) -> None:
        self._sources, self._chain = sources, chain
        self._begin(start)

    @property
    def block(self) -> BlockRef:
        """Return the block of the states."""
        return self._block

    @property
    def states(self) -> Mapping[str, PoolState]:
        """Return the states by the pool's address."""
        return dict(self._states)

    async def advance(self, number: int | None = None) -> Update:
        """Go to a block, by default the newest, and return what has changed since."""
        for _ in range(_ATTEMPTS):
            target = await self._chain.block(number)
            if target.hash == self._block.hash:
                return Update(target)
            if not await self._follows(target):
                return await self._reread(target.number)
            logs = await self._logs(self._block.number + 1, target.number)
            if (await self._chain.block(target.number)).hash == target.hash:
                return await self._apply(target, logs)
        raise ChainError(
            f"{self._chain.name}: block {target.number} was replaced {_ATTEMPTS} times while it "
            "was read; stay a block or two behind the newest"
        )

    async def rediscover(self) -> Update:
        """Discover again, at the block of the states, and return the pools that are new."""
        before = self._states
        seen = await observe(self._sources, self._chain, block=self._block.number)
        self._begin(seen)
        return self._difference(before, seen.failures)

    def _begin(self, seen: Observation) -> None:
        self._block = seen.block
        self._pools = {pool.address: pool for pools in seen.pools.values() for pool in pools}
        self._owner = seen.owners
        self._states = {state.pool.address: state for state in seen.states}

    async def _follows(self, target: BlockRef) -> bool:
        if target.number <= self._block.number:
            return False
        if target.number == self._block.number + 1:
            return target.parent_hash == self._block.hash
        return (await self._chain.block(self._block.number)).hash == self._block.hash

    async def _logs(self, first: int, last: int) -> list[Log]:
        # Not limited to the pools' addresses: a Balancer or Uniswap V4 pool logs from another one.
        topics = sorted(set().union(*(source.topics for source in self._sources.values())))
        if not topics or not self._pools:
            return []
        return await self._chain.logs(topics=topics, from_block=first, to_block=last)

    async def _apply(self, target: BlockRef, logs: Iterable[Log]) -> Update:
        before = self._states
        states = dict(before)
        # no log tells what a fleeting state has become
        unsure = {name: state.pool for name, state in before.items() if state.fleeting}
        failures: list[PluginError] = []
        for log in logs:
            address = _pool_of(log, self._pools)
            if address is None or address in unsure:
                continue
            if address not in states:  # created without a state: this log may have given it one
                unsure[address] = self._pools[address]
                continue
            after = self._after(states[address], log)
            if isinstance(after, PoolState):
                states[address] = after
                continue
            unsure[address] = self._pools[address]  # the pool is read again instead
            if after is not None:
                failures.append(after)
        states, more = await self._read(states, unsure, target.number)
        # only now, all at once: an await that fails must not leave half of a block behind
        self._states, self._block = states, target
        return self._difference(before, (*failures, *more))

    def _after(self, state: PoolState, log: Log) -> PoolState | PluginError | None:
        """Return the state after *log*, the plugin's failure, or None where only reading the pool tells."""
        name = self._owner[state.pool.address]
        source = self._sources[name]
        if log.topics[0] not in source.topics:  # another source's event of the same contract
            return state
        try:
            with blame(name, "apply"):
                return source.apply(state, log)
        except StaleState:  # the plugin's lawful answer, not a failure
            return None
        except PluginError as error:
            return error
        except ArbxError as error:
            return blamed(name, "apply", error)

    async def _reread(self, number: int) -> Update:
        before = self._states
        target = await self._chain.block(number)
        states, failures = await self._read({}, self._pools, number)
        self._states, self._block = states, target
        return attrs.evolve(self._difference(before, failures), reread=True)

    async def _read(
        self, states: Mapping[str, PoolState], pools: Mapping[str, Pool], number: int
    ) -> tuple[dict[str, PoolState], tuple[PluginError, ...]]:
        # A pool that can't be read has no state: a stale one would be traded on.
        wanted = {
            name: [pool for address, pool in pools.items() if self._owner[address] == name]
            for name in self._sources
        }
        read, failures = await read_states(self._sources, wanted, self._chain, number)
        kept = {address: state for address, state in states.items() if address not in pools}
        return kept | {state.pool.address: state for state in read}, failures

    def _difference(
        self, before: Mapping[str, PoolState], failures: Iterable[PluginError] = ()
    ) -> Update:
        changed = (
            state
            for address, state in self._states.items()
            if address not in before or before[address].state != state.state
        )
        removed = tuple(sorted(before.keys() - self._states.keys()))
        return Update(self._block, tuple(changed), removed, failures=tuple(failures))


def _pool_of(log: Log, pools: Mapping[str, Pool]) -> str | None:
    if log.address in pools:
        return log.address
    if len(log.topics) < 2:
        return None
    # Uniswap V4's manager and Balancer's vault log for all their pools: the first indexed value is
    # the pool's id (of which, at Balancer, the first 20 bytes are the pool's address).
    pool_id = "0x" + log.topics[1].hex()
    return next((name for name in (pool_id, pool_id[:42]) if name in pools), None)
