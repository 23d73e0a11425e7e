"""The current states of the pools in the graph, their curves and the bounds of their hops."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from arbx.errors import UnknownKind
from arbx.kernel.types import Curve
from arbx.market.hops import HopGraph
from arbx.market.rates import DEAD, HopRate, hop_rate
from arbx.market.screen import HopRates
from arbx.model import Pool, PoolState
from arbx.plugins.boundary import describe

__all__ = ["PricesPools", "Quotes"]

_Bools = npt.NDArray[np.bool_]


class PricesPools(Protocol):
    """Price pools, as ``arbx.Host`` does."""

    def state(self, record: Mapping[str, Any]) -> PoolState:
        """Return the state of the pool that a record describes."""

    def price(self, state: PoolState, token_in: int, token_out: int) -> Curve:
        """Return the curve of one direction of a pool."""


class Quotes:
    """Hold what is known of each pool; price a hop when a cycle first needs it."""

    def __init__(self, host: PricesPools, graph: HopGraph) -> None:
        self.rates = HopRates()
        self.dropped: dict[str, str] = {}
        self.failures: dict[str, str] = {}
        self._host, self._graph = host, graph
        self._states: dict[str, PoolState] = {}
        self._curves: dict[int, Curve] = {}
        self._stale: _Bools = np.empty(0, np.bool_)

    def __len__(self) -> int:
        return len(self._states) - len(self.failures)

    @property
    def skipped(self) -> Counter[str]:
        """Count the pools that are not priced, by kind or by what failed."""
        return Counter(self.dropped.values())

    def read(self, records: Iterable[Mapping[str, Any] | PoolState]) -> list[PoolState]:
        """Return the states that differ from what is known; raise before anything is changed."""
        fresh: dict[str, PoolState] = {}
        unknown: dict[str, str] = {}
        for record in records:
            try:
                state = record if isinstance(record, PoolState) else self._host.state(record)
            except UnknownKind:
                assert not isinstance(record, PoolState)
                unknown[str(record.get("address"))] = str(record.get("kind"))
                continue
            fresh[state.pool.address] = state
        self.dropped.update(unknown)
        return [state for state in fresh.values() if not self._is_known(state)]

    def accept(self, states: Iterable[PoolState]) -> list[int]:
        """
        Take new states over: their hops are to be priced again, pools that the graph lacks are added.

        Return the hops of pools that came back with other tokens.
        """
        states = list(states)
        missing = [state for state in states if self._graph.number(state.pool) is None]
        gone = [hop for state in missing for hop in self.retire(state.pool.address)]
        self._graph.add(state.pool for state in missing)
        self.rates.grow(len(self._graph))
        self._stale = np.pad(self._stale, (0, len(self._graph) - len(self._stale)))
        for state in states:
            number = self._graph.number(state.pool)
            assert number is not None  # it was added above
            self._graph.pools[number] = state.pool
            hops = self._graph.hops_of(number)
            self._stale[hops.start : hops.stop] = True
            self._states[state.pool.address] = state
            self.dropped.pop(state.pool.address, None)
            self.failures.pop(state.pool.address, None)
        return gone

    def retire(self, address: str) -> list[int]:
        """Forget a pool: its hops pay nothing any more; return them."""
        self.dropped.pop(address, None)
        self.failures.pop(address, None)
        state = self._states.pop(address, None)
        number = None if state is None else self._graph.number(state.pool)
        if number is None:
            return []
        hops = self._graph.hops_of(number)
        self._stale[hops.start : hops.stop] = False
        self._kill(hops)
        return list(hops)

    def price(self, used: _Bools) -> _Bools:
        """Price the stale hops that cycles use; return which hops have changed."""
        dirty: _Bools = self._stale & used
        hops = np.flatnonzero(dirty).tolist()
        rates = [self._priced(hop) for hop in hops]
        self.rates.set(hops, rates)
        self._stale &= ~dirty
        for hop in hops:
            number, _, _ = self._graph.ends(hop)
            if self._graph.pools[number].address in self.failures:
                dead = self._graph.hops_of(number)
                dirty[dead.start : dead.stop] = True
                self._kill(dead)
        return dirty

    def curve(self, hop: int) -> Curve:
        """Return the curve of a priced hop."""
        return self._curves[hop]

    def quote(self, hop: int) -> Curve | None:
        """Return the curve of any hop, also of one that no cycle uses; None where it has none now."""
        number, token_in, token_out = self._graph.ends(hop)
        address = self._graph.pools[number].address
        state = self._states.get(address)
        if state is None or address in self.failures or self._graph.number(state.pool) != number:
            return None
        if not self._stale[hop] and hop in self._curves:
            return self._curves[hop]
        try:
            return self._host.price(state, token_in, token_out)
        except Exception:  # noqa: BLE001  # a plugin's code: what can't be priced has no quote
            return None

    def _is_known(self, state: PoolState) -> bool:
        known = self._states.get(state.pool.address)
        return known is not None and known.state == state.state and known.pool == state.pool

    def _priced(self, hop: int) -> HopRate:
        number, token_in, token_out = self._graph.ends(hop)
        pool = self._graph.pools[number]
        if pool.address in self.failures:
            return DEAD
        try:
            curve = self._host.price(self._states[pool.address], token_in, token_out)
            rate = hop_rate(curve)
        except Exception as error:  # noqa: BLE001  # a plugin's code: it costs its own pool only
            self._fail(pool, error)
            return DEAD
        self._curves[hop] = curve
        return rate

    def _fail(self, pool: Pool, error: Exception) -> None:
        """Drop a pool that can't be priced, by name; it comes back with its next state."""
        self.dropped[pool.address] = f"{pool.kind} (failed)"
        self.failures[pool.address] = f"{pool.kind} {pool.address}: {describe(error)}"

    def _kill(self, hops: range) -> None:
        self.rates.set(hops, [DEAD] * len(hops))
        for hop in hops:
            self._curves.pop(hop, None)
