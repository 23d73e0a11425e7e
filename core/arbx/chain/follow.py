"""Follow the chain: states from logs, and from a full read after a reorganisation."""

from collections.abc import Iterable, Mapping

import attrs

from arbx.chain.newcomers import Newcomers
from arbx.chain.observation import Observation, read_states
from arbx.chain.reader import BlockRef, Chain
from arbx.errors import ArbxError, ChainError, PluginError, StaleState
from arbx.model import Log, Pool, PoolState
from arbx.plugins.boundary import FailureCounter, blame, blamed
from arbx.protocols import PoolSource

__all__ = ["Follower", "Update"]

_ATTEMPTS = 3
_QUARANTINE = "failed three times in a row, and is not asked until the next look for new pools"


@attrs.frozen
class Update:
    """
    What a block changed.

    *changed* are new states, *removed* the addresses of pools that have none any more.

    *reread* tells that the states come from a full read, because the chain was reorganised; *discovered* are
    pools that were not known before, with a state or still without.
    """

    block: BlockRef
    changed: tuple[PoolState, ...] = ()
    removed: tuple[str, ...] = ()
    reread: bool = False
    failures: tuple[PluginError, ...] = ()
    discovered: tuple[Pool, ...] = ()


class Follower:
    """
    Keep the states of an observation current.

    Every *rediscover_blocks*, unless 0, the sources look for new pools in the background; what they find is read at
    the next block.

    ::

        follower = Follower(sources, chain, await observe(sources, chain))
        update = await follower.advance()
        market.remove(update.removed)
        found = market.update(update.changed)
    """

    def __init__(
        self,
        sources: Mapping[str, PoolSource],
        chain: Chain,
        start: Observation,
        *,
        rediscover_blocks: int = 0,
    ) -> None:
        self._sources, self._chain = sources, chain
        self._block = start.block
        self._pools = {pool.address: pool for pools in start.pools.values() for pool in pools}
        self._owner = start.owners
        self._states = {state.pool.address: state for state in start.states}
        self._newcomers = Newcomers(sources, chain, start, every_blocks=rediscover_blocks)
        # to be read at the next block, and at the next one after a look
        self._unread: dict[str, Pool] = {}
        broken = {failure.plugin for failure in start.failures}
        self._lost = {a: pool for a, pool in self._pools.items() if self._owner[a] in broken}
        self._discovered: list[Pool] = []
        self._failed: list[PluginError] = []
        self._counter = FailureCounter()

    @property
    def owners(self) -> Mapping[str, str]:
        """Return the name of the source of each pool, by the pool's address."""
        return dict(self._owner)

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
        self._welcome()
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
        """Look for new pools now, wait, and return those that were found, at the block of the states."""
        await self._newcomers.look_now(self._block.number)
        self._welcome()
        return await self._apply(self._block, ())

    async def close(self) -> None:
        """Give up looking for new pools."""
        await self._newcomers.close()

    def _welcome(self) -> None:
        """Take over what a look has found; pools of a source that could not be read get another chance."""
        found = self._newcomers.found()
        if found is None:
            return
        self._failed += found.failures
        for name, pools in found.pools.items():
            for pool in pools:
                if pool.address not in self._pools:
                    self._pools[pool.address] = self._unread[pool.address] = pool
                    self._owner[pool.address] = name
                    self._discovered.append(pool)
        self._unread |= self._lost
        self._lost = {}
        for name in self._counter.quarantined:
            self._counter.release(name)

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
        unsure |= self._unread
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
        return self._arrived(target, states, (*failures, *more))

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
        target = await self._chain.block(number)
        states, failures = await self._read({}, self._pools, number)
        return attrs.evolve(self._arrived(target, states, failures), reread=True)

    async def _read(
        self, states: Mapping[str, PoolState], pools: Mapping[str, Pool], number: int
    ) -> tuple[dict[str, PoolState], tuple[PluginError, ...]]:
        # A pool that can't be read has no state: a stale one would be traded on.
        wanted: dict[str, list[Pool]] = {}
        for address, pool in pools.items():
            wanted.setdefault(self._owner[address], []).append(pool)
        asked = {n: some for n, some in wanted.items() if n not in self._counter.quarantined}
        read, failures = await read_states(self._sources, asked, self._chain, number)
        broken = {failure.plugin for failure in failures}
        for name in asked.keys() - broken:
            self._counter.succeeded(name)
        for name in wanted.keys() - asked.keys() | broken & wanted.keys():
            self._lost |= {pool.address: pool for pool in wanted[name]}
        fallen = [name for name in sorted(broken) if self._counter.failed(name)]
        failures += tuple(PluginError(name, "states", _QUARANTINE) for name in fallen)
        kept = {address: state for address, state in states.items() if address not in pools}
        return kept | {state.pool.address: state for state in read}, failures

    def _arrived(
        self, target: BlockRef, states: dict[str, PoolState], failures: Iterable[PluginError]
    ) -> Update:
        """Take the states of a block over, all at once: an await that fails must not leave half of it behind."""
        before, self._states, self._block = self._states, states, target
        changed = (
            state
            for address, state in states.items()
            if address not in before or before[address].state != state.state
        )
        update = Update(
            target,
            tuple(changed),
            tuple(sorted(before.keys() - states.keys())),
            failures=(*self._failed, *failures),
            discovered=tuple(self._discovered),
        )
        self._unread, self._discovered, self._failed = {}, [], []
        self._newcomers.look(target.number)
        return update


def _pool_of(log: Log, pools: Mapping[str, Pool]) -> str | None:
    if log.address in pools:
        return log.address
    if len(log.topics) < 2:
        return None
    # Uniswap V4's manager and Balancer's vault log for all their pools: the first indexed value is
    # the pool's id (of which, at Balancer, the first 20 bytes are the pool's address).
    pool_id = "0x" + log.topics[1].hex()
    return next((name for name in (pool_id, pool_id[:42]) if name in pools), None)
