"""The inverted index, against a scan."""

import numpy as np
import pytest

from arbx.market.cycles import CycleTable


@pytest.mark.parametrize("seed", range(20))
def test_index_finds_the_cycles_that_a_scan_finds(seed):
    rng = np.random.default_rng(seed)
    table, hops = CycleTable(3), 40
    for size in rng.integers(0, 300, 8):
        hops += 3
        table.append(rng.integers(0, hops, (3, size), dtype=np.int32))
        dirty = np.zeros(hops, np.bool_)
        dirty[rng.integers(0, hops, rng.integers(0, hops))] = True

        touched = table.touching(dirty)

        assert touched.tolist() == np.flatnonzero(dirty[table.columns].any(axis=0)).tolist()


def test_numbers_stay_when_cycles_are_added():
    table = CycleTable(2)
    table.append(np.array([[1, 2], [3, 4]], np.int32))
    before = table.columns.copy()

    table.append(np.array([[5], [6]], np.int32))

    assert table.columns[:, :2].tolist() == before.tolist()
    assert len(table) == 3
