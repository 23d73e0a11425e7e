"""Read and write pools as JSON lines, and offer such a file as a source of pools."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, TextIO

import attrs

from arbx.errors import ArbxError, ConfigError, InvalidState, SnapshotError, UnknownKind
from arbx.jsonl import json_line, numbered_lines, shown
from arbx.model import Call, Log, Pool, PoolState
from arbx.protocols import ChainReader, PoolSource
from arbx.provider import Context, Provider

__all__ = ["Snapshot", "SnapshotSource", "provider", "read_snapshot", "write_snapshot"]

_CURE = "correct the line, or leave such pools out with --skip-bad"
# JSON numbers above this lose digits in other people's readers.
_SAFE_INTEGER = 2**53


class ReadsRecords(Protocol):
    """Read a record into a pool's state, as ``arbx.Host`` does."""

    def state(self, record: Mapping[str, Any]) -> PoolState:
        """Return the state of the pool that a record describes."""


class WritesRecords(Protocol):
    """Write a pool's state as a record, as ``arbx.Host`` does."""

    def record(self, state: PoolState) -> dict[str, Any]:
        """Return the snapshot line that *state* reads back from."""


@attrs.frozen
class Snapshot:
    """
    The pools of one file.

    *skipped* counts pools by kinds that no selected plugin prices, *bad* says what is wrong with the lines left out.
    """

    states: tuple[PoolState, ...]
    skipped: Counter[str]
    bad: tuple[str, ...] = ()


def read_snapshot(
    path: str | PathLike[str], host: ReadsRecords, *, skip_bad: bool = False
) -> Snapshot:
    """
    Read the pools of a JSON-lines file (plain or gzip; ``-`` is standard input).

    A line that can't be used raises SnapshotError with file, line and field; with *skip_bad* it is left out and
    reported in the result. Empty lines mean nothing; kinds without a plugin are counted.
    """
    reader = _Reader(shown(path), host)
    bad: list[str] = []
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        try:
            reader.take(number, line)
        except SnapshotError as error:
            if not skip_bad:
                raise SnapshotError(f"{error}; {_CURE}") from error
            bad.append(str(error))
    return Snapshot(tuple(reader.states), reader.skipped, tuple(bad))


def write_snapshot(
    states: Iterable[PoolState], host: WritesRecords, file: str | PathLike[str] | TextIO
) -> int:
    """Write one line for each pool, to a path or an open text file; return how many."""
    import json

    count = 0
    with _writable(file) as out:
        for state in states:
            record = _spelled(host.record(state))
            out.write(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n")
            count += 1
    return count


@attrs.frozen
class SnapshotSource:
    """A file of pools as a PoolSource: what it read is what there is; nothing changes and nothing is traded."""

    recorded: Mapping[str, PoolState] = attrs.field(repr=False)
    name: str = "snapshot"

    @property
    def topics(self) -> frozenset[bytes]:
        """Return no topics: a recorded pool never changes."""
        return frozenset()

    async def discover(self, chain: ChainReader, *, block: int) -> Sequence[Pool]:
        """Return the pools of the file, whatever the block."""
        return [state.pool for state in self.recorded.values()]

    async def states(
        self, chain: ChainReader, pools: Sequence[Pool], *, block: int
    ) -> Sequence[PoolState]:
        """Return the states as they were recorded."""
        return [self.recorded[pool.address] for pool in pools if pool.address in self.recorded]

    def apply(self, state: PoolState, log: Log) -> PoolState:
        """Return the state unchanged."""
        return state

    def swap(
        self,
        state: PoolState,
        token_in: int,
        token_out: int,
        amount_in: int,
        amount_out: int,
        recipient: str,
    ) -> Sequence[Call]:
        """Refuse: the pools of a file are for study, not for trading."""
        raise ConfigError(
            f"source {self.name!r} is a snapshot: its pools can't be traded; "
            'use the exchange\'s own source, e.g. use = "uniswap-v2"'
        )


def provider(host: ReadsRecords) -> Provider[PoolSource]:
    """
    Offer the built-in ``snapshot`` source; its settings are *path* and, optionally, *skip_bad*.

    The states are parsed by the selected plugins, hence the host.
    """

    def build(settings: Mapping[str, Any], context: Context) -> PoolSource:
        path, skip_bad = _settings(settings, context.name)
        snapshot = read_snapshot(path, host, skip_bad=skip_bad)
        return SnapshotSource(
            {state.pool.address: state for state in snapshot.states}, context.name
        )

    return Provider(
        "snapshot",
        build,
        summary="pools recorded in a JSON-lines file",
        examples=({"path": "pools.jsonl"},),
    )


class _Reader:
    """Turn lines into states and see that they fit together: one chain, each pool once."""

    def __init__(self, name: str, host: ReadsRecords) -> None:
        self.states: list[PoolState] = []
        self.skipped: Counter[str] = Counter()
        self._name, self._host = name, host
        self._line_of: dict[str, int] = {}

    def take(self, number: int, line: bytes) -> None:
        place = f"{self._name}, line {number}"
        record = json_line(line, place)
        try:
            state = self._host.state(record)
        except UnknownKind:
            self.skipped[str(record.get("kind"))] += 1
            return
        except InvalidState as error:
            raise SnapshotError(f"{place}, {error.field}: {error.why}") from error
        except ArbxError as error:
            raise SnapshotError(f"{place}: {error}") from error
        self._check(state.pool, place)
        self._line_of[state.pool.address] = number
        self.states.append(state)

    def _check(self, pool: Pool, place: str) -> None:
        before = self._line_of.get(pool.address)
        if before is not None:
            raise SnapshotError(
                f"{place}, address: pool {pool.address} is on line {before} already"
            )
        if self.states and self.states[0].pool.chain_id != pool.chain_id:
            first = self.states[0].pool.chain_id
            raise SnapshotError(
                f"{place}, chain_id: is {pool.chain_id}, the pools before are on chain {first}"
            )


@contextmanager
def _writable(file: str | PathLike[str] | TextIO) -> Iterator[TextIO]:
    if not isinstance(file, (str, PathLike)):
        yield file
        return
    try:
        with Path(file).open("w", encoding="utf-8") as out:
            yield out
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SnapshotError(f"{file}: can't be written: {why}; check the path") from error


def _spelled(value: Any) -> Any:
    """Return a JSON value in which integers that other readers would round are decimal strings."""
    if isinstance(value, Mapping):
        return {key: _spelled(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(entry) for entry in value]
    large = isinstance(value, int) and abs(value) > _SAFE_INTEGER
    return str(value) if large else value


def _settings(settings: Mapping[str, Any], name: str) -> tuple[str, bool]:
    path, skip_bad = settings.get("path"), settings.get("skip_bad", False)
    unknown = sorted(set(settings) - {"path", "skip_bad"})
    if unknown:
        raise ConfigError(f"settings of {name!r}: {unknown[0]!r} is not one of path, skip_bad")
    if not isinstance(path, (str, PathLike)) or not path:
        raise ConfigError(
            f'settings of {name!r}: path: is missing; give a file: path = "pools.jsonl"'
        )
    if not isinstance(skip_bad, bool):
        raise ConfigError(f"settings of {name!r}: skip_bad: is {skip_bad!r}, not true or false")
    return str(path), skip_bad
