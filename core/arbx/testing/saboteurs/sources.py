"""Pool sources that break one promise each."""

from collections.abc import Sequence

import attrs

from arbx.model import Call, Log, Pool, PoolState
from arbx.protocols import ChainReader
from arbx.testing.reference import ProductState
from arbx.testing.reference_source import FEE_CHANGED, SYNC, ReferenceSource

__all__ = ["SOURCE_SABOTEURS"]


class SubscribesToASelector(ReferenceSource):
    """Give four bytes of a hash, which no log carries."""

    @property
    def topics(self) -> frozenset[bytes]:
        """Return one selector too many."""
        return frozenset({SYNC, FEE_CHANGED, SYNC[:4]})


class LivesOnAnotherChain(ReferenceSource):
    """Believe that every chain is number 10."""

    def found(self, pools: list[Pool]) -> list[Pool]:
        """Return the right pools on the wrong chain."""
        return [attrs.evolve(pool, chain_id=10) for pool in pools]


class SeesDouble(ReferenceSource):
    """Page through a factory with overlapping pages."""

    def found(self, pools: list[Pool]) -> list[Pool]:
        """Return the last pool twice."""
        return [*pools, *pools[-1:]]


class KnowsTheNewestOnly(ReferenceSource):
    """Tell of one new pool, however many there are."""

    async def created(self, chain: ChainReader, *, since: int, block: int) -> Sequence[Pool]:
        """Return the last pool."""
        return (await self.discover(chain, block=block))[-1:]


class ReadsTheBlockBefore(ReferenceSource):
    """Answer with states of another block than the asked one."""

    def read(self, states: list[PoolState]) -> list[PoolState]:
        """Return states of the block before."""
        return [attrs.evolve(state, block=(state.block or 0) - 1) for state in states]


class ReadsEverything(ReferenceSource):
    """Read the whole factory, whatever is asked."""

    async def states(
        self, chain: ChainReader, pools: Sequence[Pool], *, block: int
    ) -> Sequence[PoolState]:
        """Return the states of all pools."""
        return await super().states(chain, await self.discover(chain, block=block), block=block)


@attrs.frozen
class _WithBlock(ProductState):
    seen: int = 0


class KeepsWhatDumpForgets(ReferenceSource):
    """Keep something in the state that dump doesn't write."""

    def read(self, states: list[PoolState]) -> list[PoolState]:
        """Return states with one field more."""
        return [
            attrs.evolve(s, state=_WithBlock(**attrs.asdict(s.state), seen=s.block or 0))
            for s in states
        ]


class WritesInPlace(ReferenceSource):
    """Write the new reserves into the state that it was given."""

    def apply(self, state: PoolState, log: Log) -> PoolState:
        """Return the state after the log, which is now also the state before."""
        after = super().apply(state, log)
        object.__setattr__(state, "state", after.state)
        return after


class MixesUpReserves(ReferenceSource):
    """Take the first word of Sync for the second reserve."""

    def apply(self, state: PoolState, log: Log) -> PoolState:
        """Return the state with its new reserves swapped."""
        after = super().apply(state, log)
        if log.topics[0] != SYNC:
            return after
        reserves = {"reserve0": after.state.reserve1, "reserve1": after.state.reserve0}
        return attrs.evolve(after, state=attrs.evolve(after.state, **reserves))


class IgnoresFeeChanges(ReferenceSource):
    """Subscribe to FeeChanged, and do nothing about it."""

    def apply(self, state: PoolState, log: Log) -> PoolState:
        """Return the state before where the fee changes."""
        return state if log.topics[0] == FEE_CHANGED else super().apply(state, log)


class ListensToEverybody(ReferenceSource):
    """Don't look whose log it is."""

    def apply(self, state: PoolState, log: Log) -> PoolState:
        """Return the state after any contract's log."""
        return super().apply(state, attrs.evolve(log, address=state.pool.address))


class CallsARouter(ReferenceSource):
    """Send the swap to a router that nobody named."""

    def encoded(self, pool: str, amounts: tuple[int, int], recipient: str) -> Call:
        """Return the call with another target."""
        return super().encoded("0x" + "7a" * 20, amounts, recipient)


class PaysThePool(ReferenceSource):
    """Send what the swap pays back to the pool."""

    def encoded(self, pool: str, amounts: tuple[int, int], recipient: str) -> Call:
        """Return the call with another recipient."""
        return super().encoded(pool, amounts, pool)


class PassesTheAmountAsText(ReferenceSource):
    """Encode what no ABI coder takes."""

    def encoded(self, pool: str, amounts: tuple[int, int], recipient: str) -> Call:
        """Return the call with text for numbers."""
        call = super().encoded(pool, amounts, recipient)
        return attrs.evolve(call, args=tuple(map(str, call.args)))


SOURCE_SABOTEURS: dict[str, tuple[type[ReferenceSource], ...]] = {
    "topics_are_32_bytes": (SubscribesToASelector,),
    "discovers_pools_of_its_chain": (LivesOnAnotherChain,),
    "discovers_no_pool_twice": (SeesDouble,),
    "grows_as_it_discovers": (KnowsTheNewestOnly,),
    "reads_complete_states": (ReadsTheBlockBefore,),
    "reads_only_what_was_asked": (ReadsEverything,),
    "states_round_trip_through_dump": (KeepsWhatDumpForgets,),
    "applies_without_changing_its_argument": (WritesInPlace,),
    "follows_the_chain_by_logs": (MixesUpReserves,),
    "uses_every_topic": (IgnoresFeeChanges,),
    "leaves_foreign_logs_alone": (ListensToEverybody,),
    "swaps_call_the_pool": (CallsARouter,),
    "swaps_pay_the_recipient": (PaysThePool,),
    "swaps_can_be_encoded": (PassesTheAmountAsText,),
}
