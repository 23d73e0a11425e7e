"""Sizing shared among forked processes."""

import os
from collections import Counter

import pytest

from arbx.market.workers import MANY, share

ITEMS = list(range(MANY + 3))


def squares(items):
    return [item * item for item in items], Counter({"odd": sum(item % 2 for item in items)})


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_answers_in_order_and_counts_what_failed(workers):
    done, failures = share(squares, ITEMS, workers)

    assert done == [item * item for item in ITEMS]
    assert failures == Counter({"odd": len(ITEMS) // 2})


def test_stays_in_this_process_when_there_is_little_to_do():
    done, _ = share(lambda items: ([os.getpid()] * len(items), Counter()), [1, 2, 3], 2)

    assert done == [os.getpid()] * 3


def test_many_items_are_shared():
    done, _ = share(lambda items: ([os.getpid()] * len(items), Counter()), ITEMS, 2)

    assert done[0] == os.getpid()
    assert done[1] not in (0, os.getpid())
    assert set(done) == {done[0], done[1]}


def test_does_the_part_of_a_worker_that_dies():
    parent = os.getpid()

    def dies_elsewhere(items):
        if os.getpid() != parent:
            os._exit(1)
        return squares(items)

    done, failures = share(dies_elsewhere, ITEMS, 2)

    assert done == [item * item for item in ITEMS]
    assert failures["odd"] == len(ITEMS) // 2
