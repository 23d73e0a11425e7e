"""Observe a block: discover the sources' pools and read their full states."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import attrs

from arbx.chain.reader import BlockRef, Chain
from arbx.errors import ArbxError, ChainError, ConfigError, PluginError
from arbx.model import Pool, PoolState
from arbx.plugins.boundary import answer_of, blame, blamed
from arbx.protocols import Growing, PoolSource, Selective

__all__ = ["Observation", "discover", "observe", "read_states"]

T = TypeVar("T")

_READS = 3


@attrs.frozen
class Observation:
    """
    What the sources reported at one block.

    *pools* holds each source's pools, those without a state (created, but not yet initialised)
    included; *failures* names the sources that were left out; *skipped* holds, by source and address, why a pool has
    no state, where the source tells.
    """

    chain_id: int
    block: BlockRef
    pools: Mapping[str, tuple[Pool, ...]]
    states: tuple[PoolState, ...]
    failures: tuple[PluginError, ...] = ()
    skipped: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)

    @property
    def owners(self) -> dict[str, str]:
        """Return the name of the source of each pool, by the pool's address."""
        return {pool.address: name for name, pools in self.pools.items() for pool in pools}


async def observe(
    sources: Mapping[str, PoolSource],
    chain: Chain,
    *,
    block: int | None = None,
    timeout_s: float = 300,
) -> Observation:
    """
    Return every source's pools and their states at *block*, by default the newest.

    A source that fails is left out and named; a chain that fails raises ChainError, as no source
    is to blame for it. A pool that two sources find belongs to the first.
    """
    for _ in range(_READS):
        at = await chain.block(block)
        found, failures = await discover(sources, chain, at.number, timeout_s=timeout_s)
        states, more = await read_states(sources, found, chain, at.number, timeout_s=timeout_s)
        if (await chain.block(at.number)).hash == at.hash:
            skipped, late = _skipped(sources)
            told = (*failures, *more, *late)
            return Observation(chain.chain_id, at, found, states, told, skipped)
    raise ChainError(
        f"{chain.name}: block {at.number} was replaced {_READS} times while it was read; "
        "name an older one"
    )


async def read_states(
    sources: Mapping[str, PoolSource],
    pools: Mapping[str, Sequence[Pool]],
    chain: Chain,
    block: int,
    *,
    timeout_s: float = 300,
) -> tuple[tuple[PoolState, ...], tuple[PluginError, ...]]:
    """Return the states of the named pools of each source, and who failed."""

    async def one(name: str) -> Sequence[PoolState]:
        return list(await sources[name].states(chain, pools[name], block=block))

    answers, failures = await _each(
        [name for name in pools if pools[name]], one, "states", timeout_s
    )
    return tuple(state for states in answers.values() for state in states), failures


async def discover(
    sources: Mapping[str, PoolSource],
    chain: Chain,
    block: int,
    *,
    since: Mapping[str, int] = MappingProxyType({}),
    timeout_s: float = 300,
) -> tuple[dict[str, tuple[Pool, ...]], tuple[PluginError, ...]]:
    """
    Return each source's pools at *block*, and who failed.

    *since* names by source a block from which only new pools are asked for, of sources that are Growing.
    """

    async def one(name: str) -> Sequence[Pool]:
        source, first = sources[name], since.get(name)
        if first is not None and isinstance(source, Growing):
            return list(await source.created(chain, since=first, block=block))
        return list(await source.discover(chain, block=block))

    answers, failures = await _each(sources, one, "discover", timeout_s)
    seen: set[str] = set()
    found: dict[str, tuple[Pool, ...]] = {}
    for name, pools in answers.items():
        fresh = {pool.address: pool for pool in pools if pool.address not in seen}
        seen |= fresh.keys()
        found[name] = tuple(fresh.values())
    return found, failures


def _skipped(
    sources: Mapping[str, PoolSource],
) -> tuple[dict[str, dict[str, str]], tuple[PluginError, ...]]:
    skipped: dict[str, dict[str, str]] = {}
    failures: list[PluginError] = []
    for name, source in sources.items():
        try:
            with blame(name, "skipped"):
                rows = dict(source.skipped) if isinstance(source, Selective) else {}
                told = {str(address): str(why) for address, why in rows.items()}
        except ArbxError as error:
            failures.append(
                error if isinstance(error, PluginError) else blamed(name, "skipped", error)
            )
        else:
            skipped |= {name: told} if told else {}
    return skipped, tuple(failures)


async def _each(
    names: Iterable[str], work: Callable[[str], Awaitable[T]], where: str, timeout_s: float
) -> tuple[dict[str, T], tuple[PluginError, ...]]:
    answers: dict[str, T] = {}
    failures: list[PluginError] = []
    for name in names:
        try:
            answers[name] = await answer_of(name, where, work(name), timeout_s=timeout_s)
        except (ChainError, ConfigError):  # nothing that the plugin could do about
            raise
        except ArbxError as error:
            failures.append(
                error if isinstance(error, PluginError) else blamed(name, where, error)
            )
    return answers, tuple(failures)
