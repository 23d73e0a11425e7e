"""Time the engine's blocks on the demonstration's market: from the sight of a block to the bundle at the relay."""

import asyncio
import random
from collections.abc import Iterator
from typing import Any

import pytest

import arbx
from arbx.cli.demoline import Floor, opened
from arbx.ledger.report import percentile
from arbx.testing.localchain import SeededMarket, fixtures

local_market, market = fixtures.local_market, fixtures.market

BLOCKS, WARM = 100, 5
P99_S = 0.15


@pytest.fixture
def floor(market: SeededMarket) -> Iterator[tuple[asyncio.Runner, Floor]]:
    """Open the demonstration's trading floor."""
    host = arbx.Host.load(["uniswap-v2", "uniswap-v3", "flashbots", "keyfile"], strict=True)
    with asyncio.Runner() as runner:
        door = opened(market, host, max_length=3)
        yield runner, runner.run(door.__aenter__())
        runner.run(door.__aexit__(None, None, None))


def bench_block_to_bundle(benchmark: Any, floor: tuple[asyncio.Runner, Floor]) -> None:
    runner, opened_floor = floor
    prices, sent = random.Random(1), []

    def block() -> None:
        sent.append(runner.run(opened_floor.engine.on_block()).intent is not None)

    benchmark.pedantic(
        block, setup=lambda: opened_floor.move(prices), rounds=BLOCKS, warmup_rounds=WARM
    )

    p99_s = percentile(benchmark.stats.stats.data, 99) or 0.0
    benchmark.extra_info.update(
        row="block seen -> bundle at the local relay",
        limit_s=60e-3,
        note=f"p99 {p99_s * 1e3:.0f} ms, limit {P99_S * 1e3:.0f}; {sum(sent)} bundles",
    )
    assert sum(sent) >= BLOCKS
