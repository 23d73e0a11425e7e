"""Close cycles: enumerate, with vectorised joins on token numbers, every cycle through new hops."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from arbx.errors import ConfigError
from arbx.market.hops import HopGraph, Ints

__all__ = ["Progress", "close_cycles"]

Progress = Callable[[int, int], None]
_Bools = npt.NDArray[np.bool_]
_Indices = npt.NDArray[np.intp]

# Walks that are joined at once: some ten megabytes of columns.
_CHUNK = 1 << 18


def close_cycles(
    graph: HopGraph,
    bases: Sequence[int],
    length: int,
    new: _Bools,
    *,
    max_cycles: int,
    progress: Progress | None = None,
) -> Ints:
    """
    Return the cycles of *length* hops through a base token that use a hop marked in *new*: (length, n) hop numbers.

    Each cycle is there once, starting at the first of *bases* that it touches, and uses no pool twice. A walk that
    comes back to its base token half way is two cycles, one after the other; each is listed by itself, and both
    sized apart pay at least as much, so such walks are left out.
    """
    joins = [
        join
        for rank in range(len(bases))
        for join in _joins(graph, _roles(graph, bases, rank, length), new)
    ]
    total = sum(join.walks for join in joins)
    if total > max_cycles:
        raise ConfigError(
            f"{total:,.0f} walks of {length} hops through the base tokens are more than max_cycles = "
            f"{max_cycles:,}; take a shorter max_length, fewer pools, or raise max_cycles"
        )
    done, parts = 0.0, [np.empty((length, 0), np.int32)]
    for join in joins:
        for seeds, walks in join.chunks():
            parts.append(join.rows(graph, seeds))
            done += walks
            if progress is not None:
                progress(int(done), int(total))
    return np.concatenate(parts, axis=1)


@attrs.frozen(eq=False)
class _Join:
    """Walks whose first new hop is at *position*: start there, extend to the right, then to the left."""

    position: int
    seeds: Ints
    roles: tuple[_Bools, ...]
    walks_of_seed: npt.NDArray[np.float64]

    @property
    def walks(self) -> float:
        """Return how many walks there are; those that use a pool twice are counted too."""
        return float(self.walks_of_seed.sum())

    def chunks(self) -> Iterator[tuple[Ints, float]]:
        """Yield seeds in groups of about _CHUNK walks."""
        group = (np.cumsum(self.walks_of_seed) // _CHUNK).astype(np.intp)
        edges = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(self.seeds)]
        for start, stop in pairwise(edges):
            if stop > start:
                yield self.seeds[start:stop], float(self.walks_of_seed[start:stop].sum())

    def rows(self, graph: HopGraph, seeds: Ints) -> Ints:
        """Return the walks from these seeds that use no pool twice."""
        columns: dict[int, Ints] = {self.position: seeds}
        for at in range(self.position + 1, len(self.roles)):
            nexts = _Adjacency.of(graph.token_in, self.roles[at], graph.tokens)
            columns = _extend(graph, columns, nexts, graph.token_out[columns[at - 1]], at)
        for at in range(self.position - 1, -1, -1):
            nexts = _Adjacency.of(graph.token_out, self.roles[at], graph.tokens)
            columns = _extend(graph, columns, nexts, graph.token_in[columns[at + 1]], at)
        return np.stack([columns[at] for at in range(len(self.roles))])


@attrs.frozen(eq=False)
class _Adjacency:
    """The hops of one role, grouped by the token at which they are joined."""

    hops: Ints
    first: _Indices

    @classmethod
    def of(cls, token_of: Ints, role: _Bools, tokens: int) -> "_Adjacency":
        hops = np.flatnonzero(role).astype(np.int32)
        hops = hops[np.argsort(token_of[hops], kind="stable")]
        counts = np.bincount(token_of[hops], minlength=tokens)
        return cls(hops, np.concatenate([np.zeros(1, np.intp), np.cumsum(counts)]))

    def joined(self, tokens: Ints) -> tuple[_Indices, Ints]:
        """Return for each pair (row, hop at the row's token): the row, the hop."""
        counts = self.first[tokens + 1] - self.first[tokens]
        rows = np.repeat(np.arange(len(tokens)), counts)
        before = np.cumsum(counts) - counts
        within = np.arange(len(rows)) - before[rows]
        return rows, self.hops[self.first[tokens[rows]] + within]


def _extend(
    graph: HopGraph, columns: dict[int, Ints], nexts: _Adjacency, tokens: Ints, at: int
) -> dict[int, Ints]:
    rows, hops = nexts.joined(tokens)
    pools = graph.pool_of[hops]
    fresh = np.ones(len(rows), np.bool_)
    for column in columns.values():
        fresh &= graph.pool_of[column][rows] != pools
    rows, hops = rows[fresh], hops[fresh]
    return {**{key: column[rows] for key, column in columns.items()}, at: hops}


def _roles(graph: HopGraph, bases: Sequence[int], rank: int, length: int) -> list[_Bools]:
    """Return for each position which hops may stand there in a cycle of base number *rank*."""
    base = bases[rank]
    barred = np.zeros(graph.tokens, np.bool_)
    barred[list(bases[: rank + 1])] = True
    free_in, free_out = ~barred[graph.token_in], ~barred[graph.token_out]
    start = (graph.token_in == base) & free_out
    end = (graph.token_out == base) & free_in
    return [start, *[free_in & free_out] * (length - 2), end]


def _joins(graph: HopGraph, roles: list[_Bools], new: _Bools) -> Iterator[_Join]:
    """Split the walks by the position of their first new hop, so that each is found once."""
    for position in range(len(roles)):
        allowed = _pruned(
            graph,
            [
                role & ~new if at < position else role & new if at == position else role
                for at, role in enumerate(roles)
            ],
        )
        seeds = np.flatnonzero(allowed[position]).astype(np.int32)
        if len(seeds):
            walks = _walks(graph, allowed, position)[seeds]
            yield _Join(position, seeds, tuple(allowed), walks)


def _pruned(graph: HopGraph, roles: list[_Bools]) -> list[_Bools]:
    """Drop the hops that no walk from the first to the last position can use."""
    roles = list(roles)
    for at in range(1, len(roles)):
        roles[at] = roles[at] & _tokens_of(graph, graph.token_out, roles[at - 1])[graph.token_in]
    for at in range(len(roles) - 2, -1, -1):
        roles[at] = roles[at] & _tokens_of(graph, graph.token_in, roles[at + 1])[graph.token_out]
    return roles


def _tokens_of(graph: HopGraph, token_of: Ints, role: _Bools) -> _Bools:
    marked = np.zeros(graph.tokens, np.bool_)
    marked[token_of[role]] = True
    return marked


def _walks(graph: HopGraph, roles: list[_Bools], position: int) -> npt.NDArray[np.float64]:
    """Return for each hop how many walks of these roles have it at *position*."""
    ahead: npt.NDArray[Any] = np.ones(len(graph))
    for role in reversed(roles[position + 1 :]):
        counts = np.bincount(graph.token_in[role], ahead[role], graph.tokens)
        ahead = counts[graph.token_out]
    behind: npt.NDArray[Any] = np.ones(len(graph))
    for role in roles[:position]:
        counts = np.bincount(graph.token_out[role], behind[role], graph.tokens)
        behind = counts[graph.token_in]
    walks: npt.NDArray[np.float64] = ahead * behind
    return walks
