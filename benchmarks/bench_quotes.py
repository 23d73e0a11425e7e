"""Time single quotes: curves already built, another amount every time."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from synthetic import v2, v3

import arbx


@pytest.fixture(scope="module")
def host() -> arbx.Host:
    return arbx.Host.load(["uniswap-v2", "uniswap-v3"])


def _quote(benchmark: Any, quote: Callable[[int], int], amounts: list[int]) -> None:
    """Time many calls as one round: a single one is shorter than what surrounds it."""
    benchmark.extra_info["calls"] = len(amounts)

    def every() -> None:
        for amount in amounts:
            quote(amount)

    benchmark(every)


def _amounts(seed: str, low: int, high: int) -> list[int]:
    rng = random.Random(seed)
    return [rng.randrange(low, high) for _ in range(500)]


@pytest.fixture(scope="module")
def pair(host: arbx.Host) -> Any:
    record = v2(random.Random("v2 quote"), "WETH", "USDC", 0.0)
    return host.curve(record, token_in=0, token_out=1)


@pytest.fixture(scope="module")
def pool(host: arbx.Host) -> Any:
    record = v3(random.Random("v3 quote"), "WETH", "USDC", 0.0, ranges=400)
    return host.curve(record, token_in=0, token_out=1)


def _input_that_crosses(pool: Any, ticks: int) -> int:
    return int(pool.pieces()[ticks].lo_x64 >> 64)


def bench_v2_quote(benchmark: Any, pair: Any) -> None:
    benchmark.extra_info.update(row="quote V2", limit_s=0.5e-6)

    _quote(benchmark, pair.amount_out, _amounts("amounts", 10**15, 10**21))


def bench_v2_least_in(benchmark: Any, pair: Any) -> None:
    benchmark.extra_info.update(row="least_in V2")

    _quote(benchmark, pair.least_in, _amounts("amounts", 10**6, pair.amount_out(10**21)))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 5), (200, 300)])
def bench_v3_quote(benchmark: Any, pool: Any, low: int, high: int) -> None:
    amounts = _amounts(
        f"{low}", _input_that_crosses(pool, low) + 10**12, _input_that_crosses(pool, high)
    )
    benchmark.extra_info.update(row=f"quote V3, {low} to {high - 1} ticks crossed", limit_s=1.5e-6)

    _quote(benchmark, pool.amount_out, amounts)


def bench_v3_least_in(benchmark: Any, pool: Any) -> None:
    most = pool.amount_out(_input_that_crosses(pool, 300))
    benchmark.extra_info.update(row="least_in V3, 0 to 299 ticks crossed")

    _quote(benchmark, pool.least_in, _amounts("amounts", most // 1000, most))
