"""What a pool source promises: to find, read, follow and encode; each promise is asynchronous."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import attrs

from arbx.errors import ArbxError, StaleState
from arbx.fields import Fields
from arbx.model import Log, Pool, PoolState
from arbx.protocols import Growing, PoolSource
from arbx.testing.case import Broken
from arbx.testing.promises.source_case import SourceCase, SourcePromise, directions
from arbx.testing.promises.swaps import (
    swaps_call_the_pool,
    swaps_can_be_encoded,
    swaps_pay_the_recipient,
)
from arbx.testing.recording import Recording

__all__ = [
    "SOURCE_PROMISES",
    "applies_without_changing_its_argument",
    "discovers_no_pool_twice",
    "discovers_pools_of_its_chain",
    "follows_the_chain_by_logs",
    "grows_as_it_discovers",
    "leaves_foreign_logs_alone",
    "reads_complete_states",
    "reads_only_what_was_asked",
    "states_round_trip_through_dump",
    "topics_are_32_bytes",
    "uses_every_topic",
]

_STRANGER = "0x" + "f0" * 20


async def topics_are_32_bytes(case: SourceCase) -> None:
    """Promise topics: a frozen set of at least one hash of 32 bytes."""
    topics = case.source.topics
    if not isinstance(topics, frozenset) or not topics:
        raise Broken(f"topics is {topics!r}, not a frozenset of at least one topic")
    for topic in topics:
        if not isinstance(topic, bytes) or len(topic) != 32:
            raise Broken(f"topic {topic!r} is not 32 bytes")


async def discovers_pools_of_its_chain(case: SourceCase) -> None:
    """Promise to discover at least one pool of the recorded chain, and none of another chain."""
    pools = await case.pools()
    if not pools:
        raise Broken("discovers no pool on the recorded chain")
    for pool in pools:
        if pool.chain_id != case.chain.chain_id:
            raise Broken(f"{pool.address} is of chain {pool.chain_id}, not {case.chain.chain_id}")


async def discovers_no_pool_twice(case: SourceCase) -> None:
    """Promise each pool once: a pool found twice would be traded against itself."""
    seen: set[str] = set()
    for pool in await case.pools():
        if pool.address in seen:
            raise Broken(f"{pool.address} is discovered twice")
        seen.add(pool.address)


async def grows_as_it_discovers(case: SourceCase) -> None:
    """Promise, of a source that is Growing, that since the first block all was created that it discovers."""
    if not isinstance(case.source, Growing):
        return
    created = await case.source.created(case.chain, since=0, block=case.block)
    missing = {pool.address: pool for pool in await case.pools() if pool not in list(created)}
    if missing:
        raise Broken(f"{', '.join(missing)} is discovered, but was never created")


async def reads_complete_states(case: SourceCase) -> None:
    """Promise states of the asked block from which each direction can be priced without I/O."""
    states = await case.states()
    if not states:
        raise Broken("reads no state of the pools that it discovers")
    for state in states:
        if state.block != case.block:
            raise Broken(f"{state.pool.address} is of block {state.block}, asked {case.block}")
        for token_in, token_out in directions(state.pool):
            try:
                curve = case.model(state.pool).curve(state.state, token_in, token_out)
                curve.amount_out(0)
            except Exception as error:
                what = f"{state.pool.address}, {token_in} -> {token_out}"
                raise Broken(f"{what} can't be priced: {type(error).__name__}: {error}") from error


async def reads_only_what_was_asked(case: SourceCase) -> None:
    """Promise the states of the pools that were asked for, and of no others."""
    pools = await case.pools()
    for asked in ([], pools[-1:], pools[:1]):
        found = await case.source.states(case.chain, asked, block=case.block)
        extra = {state.pool.address for state in found} - {pool.address for pool in asked}
        if extra or len(found) > len(asked):
            raise Broken(f"asked for {len(asked)} pools, reads {len(found)}: {sorted(extra)}")


async def states_round_trip_through_dump(case: SourceCase) -> None:
    """Promise that a read state survives a snapshot: dump, JSON, parse."""
    for state in await case.states():
        model = case.model(state.pool)
        record = json.loads(json.dumps({**_record(state.pool), "state": model.dump(state.state)}))
        again = model.parse(Fields(record))
        if again != state.state:
            raise Broken(f"{state.pool.address}: {state.state} comes back as {again}")


async def applies_without_changing_its_argument(case: SourceCase) -> None:
    """Promise that apply is pure: the state before is still what it was."""
    for recording in case.recordings:
        state = recording.before
        for log in recording.logs:
            before = copy.deepcopy(state)
            after = _applied(case.source, state, log)
            if state != before:
                raise Broken(f"apply changed the state it was given: {before} became {state}")
            if after is None:
                break
            state = after


async def follows_the_chain_by_logs(case: SourceCase) -> None:
    """
    Promise that the state by logs equals the state by read.

    A log that does not tell the whole new state may raise StaleState instead of a guess.
    """
    for recording in case.recordings:
        *_, (_, last) = _followed(case.source, recording)
        if last is not None and (last.pool, last.state) != (
            recording.after.pool,
            recording.after.state,
        ):
            raise Broken(f"by logs {last.state}, by read {recording.after.state}")


async def uses_every_topic(case: SourceCase) -> None:
    """Promise that each topic subscribed to changes a state, or calls it stale, in a recording."""
    used = set()
    for recording in case.recordings:
        before = recording.before.state
        for log, after in _followed(case.source, recording):
            if log is not None and (after is None or after.state != before):
                used.add(log.topics[0])
            before = None if after is None else after.state
    # A topic that is no hash can't be in any log; topics_are_32_bytes judges it.
    unused = {topic for topic in case.source.topics if len(topic) == 32} - used
    if unused:
        names = ", ".join(sorted("0x" + topic.hex() for topic in unused))
        raise Broken(f"no recorded log of {names} changes a state; record one, or don't subscribe")


async def leaves_foreign_logs_alone(case: SourceCase) -> None:
    """Promise that a log of another contract, or of an unknown event, is refused or ignored."""
    for recording in case.recordings:
        for log in recording.logs:
            unknown = attrs.evolve(log, topics=(b"\xee" * 32, *log.topics[1:]))
            for foreign in (attrs.evolve(log, address=_STRANGER), unknown):
                _leave_alone(case.source, recording.before, foreign)


SOURCE_PROMISES: tuple[SourcePromise, ...] = (
    topics_are_32_bytes,
    discovers_pools_of_its_chain,
    discovers_no_pool_twice,
    grows_as_it_discovers,
    reads_complete_states,
    reads_only_what_was_asked,
    states_round_trip_through_dump,
    applies_without_changing_its_argument,
    follows_the_chain_by_logs,
    uses_every_topic,
    leaves_foreign_logs_alone,
    swaps_call_the_pool,
    swaps_pay_the_recipient,
    swaps_can_be_encoded,
)


def _record(pool: Pool) -> dict[str, Any]:
    return {
        "chain_id": pool.chain_id,
        "kind": pool.kind,
        "address": pool.address,
        "tokens": [attrs.asdict(token) for token in pool.tokens],
    }


def _followed(
    source: PoolSource, recording: Recording
) -> Iterator[tuple[Log | None, PoolState | None]]:
    """Yield the state before any log, then each log with the state after it, None once stale."""
    state = copy.deepcopy(recording.before)
    yield None, copy.deepcopy(state)
    for log in recording.logs:
        after = _applied(source, state, log)
        yield log, copy.deepcopy(after)
        if after is None:
            return
        state = after


def _applied(source: PoolSource, state: PoolState, log: Log) -> PoolState | None:
    try:
        return source.apply(state, log)
    except StaleState:
        return None


def _leave_alone(source: PoolSource, state: PoolState, log: Log) -> None:
    before = copy.deepcopy(state)
    try:
        after = source.apply(copy.deepcopy(state), log)
    except ArbxError:
        return
    except Exception as error:
        raise Broken(f"a foreign log ends in {type(error).__name__}: {error}") from error
    if after.state != before.state:
        whose = "another contract" if log.address == _STRANGER else "an unknown event"
        raise Broken(f"a log of {whose} changes the state of {state.pool.address}")
