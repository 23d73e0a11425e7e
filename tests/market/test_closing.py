"""Enumerated cycles, against every sequence of hops."""

import itertools
import random

import numpy as np
import pytest
from pools import pool

from arbx.errors import ConfigError
from arbx.market.closing import close_cycles
from arbx.market.hops import HopGraph


def graph_of(pools, bases):
    graph = HopGraph()
    numbers = [graph.token(base) for base in bases]
    graph.add(pools)
    return graph, numbers


def random_pools(rng, count, tokens, widest):
    return [pool(n, rng.sample(range(tokens), rng.randint(2, widest))) for n in range(count)]


def exhaustive(graph, bases, length):
    """Return every cycle by its definition: closed, no pool twice, first base first, base only at the ends."""
    cycles = set()
    for hops in itertools.product(range(len(graph)), repeat=length):
        tokens = [int(graph.token_in[hop]) for hop in hops]
        paid = [int(graph.token_out[hop]) for hop in hops]
        pools = {int(graph.pool_of[hop]) for hop in hops}
        if paid != tokens[1:] + tokens[:1] or len(pools) < length or tokens[0] not in bases:
            continue
        barred = bases[: bases.index(tokens[0]) + 1]
        if not set(tokens[1:]) & set(barred):
            cycles.add(hops)
    return cycles


def listed(columns):
    rows = list(map(tuple, columns.T.tolist()))
    assert len(rows) == len(set(rows)), "a cycle is listed twice"
    return set(rows)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("length", [2, 3, 4])
def test_finds_each_cycle_once(seed, length):
    rng = random.Random(seed)
    pools = random_pools(rng, {2: 12, 3: 9, 4: 5}[length], 4, 3 if length < 4 else 2)
    bases = [t.address for t in pools[0].tokens[: 1 + seed % 2]]
    graph, numbers = graph_of(pools, bases)

    columns = close_cycles(graph, numbers, length, np.ones(len(graph), np.bool_), max_cycles=10**6)

    assert columns.dtype == np.int32
    assert listed(columns) == exhaustive(graph, numbers, length)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("length", [2, 3, 4])
def test_finds_only_the_cycles_through_new_pools_when_pools_are_added(seed, length):
    rng = random.Random(seed)
    pools = random_pools(rng, 8, 4, 3)
    bases = [t.address for t in pools[0].tokens[:2]]
    graph, numbers = graph_of(pools[:5], bases)
    first = close_cycles(graph, numbers, length, np.ones(len(graph), np.bool_), max_cycles=10**6)
    known = len(graph)
    graph.add(pools[5:])

    new = np.arange(len(graph)) >= known
    added = close_cycles(graph, numbers, length, new, max_cycles=10**6)

    whole = close_cycles(graph, numbers, length, np.ones(len(graph), np.bool_), max_cycles=10**6)
    assert listed(first) | listed(added) == listed(whole)
    assert not listed(first) & listed(added)


def test_refuses_more_walks_than_allowed():
    pools = [pool(n, (0, 1)) for n in range(50)]
    graph, numbers = graph_of(pools, [pools[0].tokens[0].address])

    with pytest.raises(ConfigError, match="max_cycles"):
        close_cycles(graph, numbers, 2, np.ones(len(graph), np.bool_), max_cycles=2_000)


def test_tells_progress_up_to_the_end(monkeypatch):
    monkeypatch.setattr("arbx.market.closing._CHUNK", 100)
    pools = [pool(n, (0, 1)) for n in range(40)]
    graph, numbers = graph_of(pools, [pools[0].tokens[0].address])
    told = []

    columns = close_cycles(
        graph,
        numbers,
        2,
        np.ones(len(graph), np.bool_),
        max_cycles=10**6,
        progress=lambda *at: told.append(at),
    )

    assert columns.shape == (2, 40 * 39)
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1] == (1600, 1600)
