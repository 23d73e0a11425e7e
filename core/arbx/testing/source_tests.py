"""The conformance tests of a pool source, to inherit from."""

import asyncio
from collections.abc import Collection, Sequence
from typing import ClassVar

from arbx.protocols import ChainReader, PoolSource
from arbx.provider import CurveModel
from arbx.testing.promises import sources, swaps
from arbx.testing.promises.source_case import SourceCase, SourcePromise
from arbx.testing.recording import Recording

__all__ = ["PoolSourceTests"]


class PoolSourceTests:
    """
    Inherit this, return your source, a recorded chain, and recordings of what logs did to a pool.

    *swap_targets* are the contracts that a swap may call, where that is not the pool (a vault, a
    router); *names_recipient* is False for contracts that always pay their caller.
    """

    swap_targets: ClassVar[Collection[str]] = ()
    names_recipient: ClassVar[bool] = True

    def make_source(self) -> PoolSource:
        """Return the source under test."""
        raise NotImplementedError(f"{type(self).__name__} gives no make_source")

    def make_chain(self) -> ChainReader:
        """Return the chain that it reads, such as a FakeChain."""
        raise NotImplementedError(f"{type(self).__name__} gives no make_chain")

    def make_models(self) -> Sequence[CurveModel]:
        """Return the models that price the source's pools."""
        raise NotImplementedError(f"{type(self).__name__} gives no make_models")

    def make_recordings(self) -> Sequence[Recording]:
        """Return recordings which together hold a log of every topic."""
        raise NotImplementedError(f"{type(self).__name__} gives no make_recordings")

    def keep(self, promise: SourcePromise) -> None:
        """Hold the source to the promise."""
        asyncio.run(self._keep(promise))

    def test_topics_are_32_bytes(self) -> None:
        self.keep(sources.topics_are_32_bytes)

    def test_discovers_pools_of_its_chain(self) -> None:
        self.keep(sources.discovers_pools_of_its_chain)

    def test_discovers_no_pool_twice(self) -> None:
        self.keep(sources.discovers_no_pool_twice)

    def test_grows_as_it_discovers(self) -> None:
        self.keep(sources.grows_as_it_discovers)

    def test_reads_complete_states(self) -> None:
        self.keep(sources.reads_complete_states)

    def test_reads_only_what_was_asked(self) -> None:
        self.keep(sources.reads_only_what_was_asked)

    def test_states_round_trip_through_dump(self) -> None:
        self.keep(sources.states_round_trip_through_dump)

    def test_applies_without_changing_its_argument(self) -> None:
        self.keep(sources.applies_without_changing_its_argument)

    def test_follows_the_chain_by_logs(self) -> None:
        self.keep(sources.follows_the_chain_by_logs)

    def test_uses_every_topic(self) -> None:
        self.keep(sources.uses_every_topic)

    def test_leaves_foreign_logs_alone(self) -> None:
        self.keep(sources.leaves_foreign_logs_alone)

    def test_swaps_call_the_pool(self) -> None:
        self.keep(swaps.swaps_call_the_pool)

    def test_swaps_pay_the_recipient(self) -> None:
        self.keep(swaps.swaps_pay_the_recipient)

    def test_swaps_can_be_encoded(self) -> None:
        self.keep(swaps.swaps_can_be_encoded)

    async def _keep(self, promise: SourcePromise) -> None:
        chain = self.make_chain()
        case = SourceCase(
            source=self.make_source(),
            chain=chain,
            block=await chain.block_number(),
            models={model.kind: model for model in self.make_models()},
            recordings=tuple(self.make_recordings()),
            targets=frozenset(self.swap_targets),
            names_recipient=self.names_recipient,
        )
        await promise(case)
