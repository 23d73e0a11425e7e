"""The market: pool states in, opportunities out, block after block."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from arbx.errors import ConfigError
from arbx.market.closing import Progress
from arbx.market.hops import HopGraph
from arbx.market.quotes import PricesPools, Quotes
from arbx.market.search import Key, Search, least_by_base
from arbx.market.sizing import best_first
from arbx.market.valuation import Valuation
from arbx.model import Opportunity, PoolState, Token
from arbx.public import public

__all__ = ["Counts", "Market"]


@attrs.frozen
class Counts:
    """
    Count what is in the market, the cycles that the last update *screened* and *sized*, and what pays.

    *cycles* leaves out those through an empty pool, whose hops pay nothing.
    """

    pools: int
    hops: int
    cycles: int
    screened: int
    sized: int
    found: int


@public
class Market:
    """
    Find the cycles that pay, and keep them current as pools change.

    Cycles of two to *max_length* hops start and end in one of *base_tokens*; one that touches several of them is
    listed for the first. A cycle is an opportunity when its gross profit is at least *min_profit*, in units of its
    base token (one number, or one for each token). With *exact* the profit of each is proven to be the greatest,
    where the kernel's budget allows. Opportunities are grouped by base token, in the order given, because
    profits in different tokens can't be compared; in each group the best is first.

    With more than one of *workers* a long update is shared among so many processes.

    *host* prices pools: ``state(record)`` and ``price(state, token_in, token_out)``, as ``arbx.Host`` does.
    """

    def __init__(
        self,
        host: PricesPools,
        base_tokens: Sequence[str],
        max_length: int = 3,
        *,
        min_profit: int | Mapping[str, int] = 1,
        exact: bool = False,
        max_cycles: int = 20_000_000,
        workers: int = 1,
    ) -> None:
        if max_length not in (2, 3, 4):
            raise ConfigError(f"max_length: is {max_length!r}; cycles have 2, 3 or 4 hops")
        graph = HopGraph()
        bases = {address: graph.token(address) for address in _addresses(base_tokens)}
        self._graph, self._exact = graph, exact
        self._ranks = {address: rank for rank, address in enumerate(bases)}
        self._quotes = Quotes(host, graph)
        self._search = Search(
            graph,
            self._quotes,
            list(bases.values()),
            max_length,
            least=least_by_base(bases, min_profit),
            exact=exact,
            max_cycles=max_cycles,
            workers=workers,
        )

    @property
    def skipped(self) -> Counter[str]:
        """Count the pools that no selected plugin prices, by kind, and those that failed."""
        return self._quotes.skipped

    @property
    def failures(self) -> tuple[str, ...]:
        """Say for each pool and cycle that was dropped because a curve failed what happened."""
        return (*self._quotes.failures.values(), *self._search.failures)

    @property
    def counts(self) -> Counts:
        """Return how much is in the market, and what the last update went through."""
        return Counts(
            pools=len(self._quotes),
            hops=len(self._graph),
            cycles=sum(self._quotes.rates.alive(table.columns) for table in self._search.tables),
            screened=self._search.screened,
            sized=self._search.sized,
            found=len(self._search.found()),
        )

    @property
    def sizing_s(self) -> float:
        """Return how much of the last update went into sizing."""
        return self._search.sizing_s

    def update(
        self,
        records: Iterable[Mapping[str, Any] | PoolState],
        *,
        top: int | None = None,
        progress: Progress | None = None,
    ) -> list[Opportunity]:
        """
        Take new or changed pools in; return the opportunities among the cycles that use one of them.

        Records are snapshot lines as mappings, or PoolStates. States that are known already change nothing. Pools
        of an unknown kind are counted in ``skipped``; a record that is wrong raises, and then nothing has changed.
        *top* keeps the best of each base token. *progress* is told (done, all) while cycles are enumerated.
        """
        gone = self._quotes.accept(self._quotes.read(records))
        used = self._search.close(progress)
        dirty = self._quotes.price(used)
        dirty[gone] = True
        return self._best(self._search.search(dirty), top)

    def remove(self, addresses: Iterable[str]) -> None:
        """Forget pools, and the opportunities that use them; unknown addresses are ignored."""
        dirty = np.zeros(len(self._graph), np.bool_)
        for address in addresses:
            dirty[self._quotes.retire(address.lower())] = True
        self._search.search(dirty)

    def opportunities(self, top: int | None = None) -> list[Opportunity]:
        """Return all opportunities as of the last update; *top* keeps the best of each base token."""
        return self._best(self._search.found(), top)

    def valuation(self, weth: str, *, depth_wei: int = 10**18) -> Valuation:
        """Return what tokens are worth in wei by the pools as of the last update; good until the next."""
        return Valuation(self._graph, self._quotes, weth.lower(), depth_wei=depth_wei)

    def _best(self, keys: Iterable[Key], top: int | None) -> list[Opportunity]:
        groups: dict[int, list[Key]] = {}
        for key in keys:
            token = self._search.opportunity(key).cycle.token
            groups.setdefault(self._ranks[token.address], []).append(key)
        refine = self._search.refined if self._exact else None
        return [
            opportunity
            for _, group in sorted(groups.items())
            for opportunity in best_first(self._search.opportunity, group, top=top, refine=refine)
        ]


def _addresses(base_tokens: Sequence[str]) -> list[str]:
    """Return the base tokens' addresses in lower case, once each."""
    if isinstance(base_tokens, str):
        raise ConfigError(f"base_tokens: is one string; give a list: [{base_tokens!r}]")
    if not base_tokens:
        raise ConfigError('base_tokens: is empty; give at least one address: ["0x…"]')
    lowered = [address.lower() for address in base_tokens]
    for address in lowered:
        try:
            Token(address)
        except ValueError as error:
            raise ConfigError(f"base_tokens: {error}") from error
    return list(dict.fromkeys(lowered))
