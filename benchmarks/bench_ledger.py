"""Time what a sender waits for: an intent on the disk, and a look at the chain after a block."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from arbx.ledger import Ledger, Skip

SIGNER = "0x" + "ab" * 20
# an execution of three hops, signed
RAW_BYTES = 900


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(f"{tmp_path}/ledger.sqlite") as opened:
        yield opened


@pytest.fixture
def intend(ledger: Ledger) -> Callable[[], object]:
    lease, nonces = ledger.acquire(1, SIGNER), count()
    return lambda: ledger.intend(lease, next(nonces), os.urandom(RAW_BYTES), last_block=9)


def bench_intent(benchmark: Any, intend: Callable[[], object]) -> None:
    benchmark.extra_info.update(
        row="durable intent, SQLite FULL", limit_s=3e-3, note="fsync included"
    )

    benchmark.pedantic(intend, rounds=300, warmup_rounds=10)


def bench_next_nonce(benchmark: Any, ledger: Ledger, intend: Callable[[], object]) -> None:
    for _ in range(50):
        intend()
    benchmark.extra_info.update(row="next nonce", note="50 nonces are open")

    nonce = benchmark.pedantic(ledger.next_nonce, args=(1, SIGNER, 0), rounds=100, warmup_rounds=5)

    assert nonce == 50


def bench_skips(benchmark: Any, ledger: Ledger) -> None:
    reasons = [Skip("profit_below_gas", 1, 5, detail="0.001") for _ in range(100)]
    benchmark.extra_info.update(row="100 skips of a block", note="one transaction")

    benchmark.pedantic(ledger.journal.record_skips, args=(reasons,), rounds=30, warmup_rounds=2)
