"""Keep the cycles and what pays among them: enumerate, screen, size."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from arbx.errors import ConfigError
from arbx.kernel import optimise
from arbx.kernel.types import Optimum
from arbx.market.closing import Progress, close_cycles
from arbx.market.cycles import CycleTable
from arbx.market.hops import HopGraph
from arbx.market.quotes import Quotes
from arbx.market.sizing import is_settled
from arbx.market.workers import share
from arbx.model import Cycle, Opportunity
from arbx.plugins.boundary import describe

__all__ = ["Key", "Search"]

Key = tuple[int, int]  # a table and a cycle's number in it
_Bools = npt.NDArray[np.bool_]


class Search:
    """
    Close cycles through base tokens and size those that can pay.

    *bases* are token numbers in order, *least* the profit from which a cycle is an opportunity, by base.
    """

    def __init__(
        self,
        graph: HopGraph,
        quotes: Quotes,
        bases: Sequence[int],
        max_length: int,
        *,
        least: Mapping[int, int],
        exact: bool,
        max_cycles: int,
        workers: int,
    ) -> None:
        self.tables = [CycleTable(length) for length in range(2, max_length + 1)]
        self._found: list[dict[int, Opportunity]] = [{} for _ in self.tables]
        self.failures: Counter[str] = Counter()
        self.screened = self.sized = 0
        self.sizing_s = 0.0
        self._used: _Bools = np.empty(0, np.bool_)
        self._graph, self._quotes, self._bases = graph, quotes, bases
        self._least, self._exact, self._max_cycles = least, exact, max_cycles
        self._workers = workers

    def close(self, progress: Progress | None) -> _Bools:
        """Enumerate the cycles through hops that are new in the graph; return which hops cycles use."""
        known, hops = len(self._used), len(self._graph)
        if known < hops:
            new = np.arange(hops) >= known
            added, left = [], self._max_cycles - sum(map(len, self.tables))
            for table in self.tables:
                cycles = close_cycles(
                    self._graph,
                    self._bases,
                    table.length,
                    new,
                    max_cycles=left,
                    progress=progress,
                )
                left -= cycles.shape[1]
                added.append(cycles)
            self._used = np.concatenate([self._used, np.zeros(hops - known, np.bool_)])
            for table, cycles in zip(self.tables, added, strict=True):
                table.append(cycles)
                self._used[cycles.ravel()] = True
        return self._used

    def search(self, dirty: _Bools) -> list[Key]:
        """Screen and size again the cycles that use a dirty hop; return the keys of those that pay."""
        self.screened = self.sized = 0
        self.sizing_s = 0.0
        if not dirty.any():
            return []
        worth = self._worth()
        return [key for at in range(len(self.tables)) for key in self._search(at, dirty, worth)]

    def found(self) -> list[Key]:
        """Return the keys of all that pays."""
        return [(at, number) for at, found in enumerate(self._found) for number in found]

    def opportunity(self, key: Key) -> Opportunity:
        """Return what pays under a key."""
        return self._found[key[0]][key[1]]

    def refined(self, key: Key) -> Opportunity:
        """Return an opportunity after an exact search, or as it was when that fails."""
        known = self.opportunity(key)
        if not is_settled(known.optimum):
            best = self._size(self.tables[key[0]].columns[:, key[1]].tolist(), exact=True)
            if best is not None:
                self._found[key[0]][key[1]] = known = Opportunity(known.cycle, best)
        return known

    def _search(self, at: int, dirty: _Bools, worth: npt.NDArray[np.float64]) -> Iterator[Key]:
        table, rates = self.tables[at], self._quotes.rates
        touched = table.touching(dirty)
        self._forget(at, touched)
        self.screened += len(touched)
        whole = len(touched) == len(table)
        columns = table.columns if whole else table.columns[:, touched]
        kept = rates.screen(columns, worth)
        columns = columns[:, kept]
        bound = rates.bound(columns)
        order = np.argsort(-bound, kind="stable")
        order = order[bound[order] >= worth[columns[0, order]]]
        self.sized += len(order)
        numbers, hops_of = touched[kept[order]].tolist(), columns[:, order].T.tolist()
        started = time.perf_counter()
        bests, failures = share(self._worthies, hops_of, self._workers)
        self.sizing_s += time.perf_counter() - started
        self.failures.update(failures)
        for number, hops, best in zip(numbers, hops_of, bests, strict=True):
            if best is not None:
                self._found[at][number] = Opportunity(self._cycle(hops), best)
                yield at, number

    def _forget(self, at: int, touched: npt.NDArray[np.intp]) -> None:
        found = self._found[at]
        listed = np.fromiter(found, np.intp, len(found))
        marked = np.zeros(len(self.tables[at]), np.bool_)
        marked[touched] = True
        for number in listed[marked[listed]].tolist():
            del found[number]

    def _worthies(self, cycles: Sequence[list[int]]) -> tuple[list[Optimum | None], Counter[str]]:
        """Return the optimum of each cycle that reaches the least profit, and the failures on the way."""
        before, self.failures = self.failures, Counter()
        bests = [self._worthy(hops) for hops in cycles]
        counted, self.failures = self.failures, before
        return bests, counted

    def _worthy(self, hops: list[int]) -> Optimum | None:
        """Return the optimum of a cycle if it reaches the least profit."""
        least = self._least[int(self._graph.token_in[hops[0]])]
        best = self._size(hops, exact=False)
        if best is not None and best.profit < least and self._exact and _can_reach(best, least):
            best = self._size(hops, exact=True)
        return best if best is not None and best.profit >= least else None

    def _size(self, hops: Iterable[int], *, exact: bool) -> Optimum | None:
        try:
            return optimise([self._quotes.curve(hop) for hop in hops], exact=exact)
        except Exception as error:  # noqa: BLE001  # a plugin's curve: it costs this cycle only
            kinds = ", ".join(hop.pool.kind for hop in self._cycle(hops).hops)
            self.failures[f"cycle of {kinds}: {describe(error)}"] += 1
            return None

    def _cycle(self, hops: Iterable[int]) -> Cycle:
        return Cycle(tuple(self._graph.hop(hop) for hop in hops))

    def _worth(self) -> npt.NDArray[np.float64]:
        """Return by hop, rounded down, the least profit in units of the token that it takes."""
        worth = np.full(self._graph.tokens, np.inf)
        for token, least in self._least.items():
            worth[token] = np.nextafter(float(least), 0.0)
        return worth[self._graph.token_in]


def _can_reach(best: Optimum, least: int) -> bool:
    return best.upper_bound is not None and best.upper_bound >= least


def least_by_base(bases: Mapping[str, int], min_profit: int | Mapping[str, int]) -> dict[int, int]:
    """Return by the base token's number the profit from which a cycle is an opportunity."""
    given = (
        {address.lower(): least for address, least in min_profit.items()}
        if isinstance(min_profit, Mapping)
        else dict.fromkeys(bases, min_profit)
    )
    unknown = sorted(set(given) - set(bases))
    if unknown:
        raise ConfigError(f"min_profit: {unknown[0]} is not one of the base tokens")
    least_of = {number: given.get(address, 1) for address, number in bases.items()}
    for least in least_of.values():
        if not isinstance(least, int) or isinstance(least, bool) or least < 1:
            raise ConfigError(
                f"min_profit: is {least!r}; give an integer of at least 1, in the base token's smallest units"
            )
    return least_of
