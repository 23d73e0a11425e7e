"""Time the optimum with its certificate, beside scipy's bounded minimiser."""

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from scipy.optimize import minimize_scalar
from synthetic import v2, v3

import arbx

CASES = 24  # every call takes the next of so many cycles, so that the median is of no single one

Cycle = Sequence[arbx.Curve]


def _v2_v2(host: arbx.Host, rng: random.Random) -> Cycle:
    skew = rng.uniform(0.008, 0.03)
    return [
        host.curve(v2(rng, "WETH", "USDC", skew), token_in=0, token_out=1),
        host.curve(v2(rng, "WETH", "USDC", 0.0), token_in=1, token_out=0),
    ]


def _v2_v2_v2(host: arbx.Host, rng: random.Random) -> Cycle:
    skew = rng.uniform(0.012, 0.03)
    return [
        host.curve(v2(rng, "WETH", "USDC", skew), token_in=0, token_out=1),
        host.curve(v2(rng, "WBTC", "USDC", 0.0), token_in=1, token_out=0),
        host.curve(v2(rng, "WBTC", "WETH", 0.0), token_in=0, token_out=1),
    ]


def _v2_v3(host: arbx.Host, rng: random.Random) -> Cycle:
    skew = rng.uniform(0.008, 0.03)
    return [
        host.curve(v2(rng, "WETH", "USDC", skew), token_in=0, token_out=1),
        host.curve(v3(rng, "WETH", "USDC", 0.0, depth=1e5), token_in=1, token_out=0),
    ]


def _v3_v3(host: arbx.Host, rng: random.Random) -> Cycle:
    # A spacing is 0.1 %, and each pool moves by half the difference: it crosses up to 20 ticks.
    skew = rng.uniform(0.005, 0.04)
    return [
        host.curve(v3(rng, "WETH", "USDC", skew), token_in=0, token_out=1),
        host.curve(v3(rng, "WETH", "USDC", 0.0), token_in=1, token_out=0),
    ]


MAKERS: dict[str, Callable[[arbx.Host, random.Random], Cycle]] = {
    "V2-V2": _v2_v2,
    "V2-V2-V2": _v2_v2_v2,
    "V2-V3": _v2_v3,
    "V3-V3": _v3_v3,
}
LIMITS_S = {"V2-V2": 8e-6, "V2-V2-V2": 12e-6, "V2-V3": 40e-6, "V3-V3": 80e-6}
LIMITS_EXACT_S = {"V2-V2": 1.5e-3, "V2-V2-V2": 5e-3, "V2-V3": 10e-3, "V3-V3": 50e-3}


@pytest.fixture(scope="module")
def cycles() -> dict[str, list[Cycle]]:
    host = arbx.Host.load(["uniswap-v2", "uniswap-v3"])
    return {
        name: [make(host, random.Random(f"{name} {case}")) for case in range(CASES)]
        for name, make in MAKERS.items()
    }


@pytest.mark.parametrize("name", MAKERS)
def bench_optimise(benchmark: Any, cycles: dict[str, list[Cycle]], name: str) -> None:
    best = [arbx.optimise(cycle) for cycle in cycles[name]]
    assert all(found.profit > 0 and found.gap is not None for found in best)
    worst = max((found.gap or 0) / found.profit for found in best)
    proven = sum(found.exact for found in best)
    benchmark.extra_info.update(
        row=f"optimise {name}",
        limit_s=LIMITS_S[name],
        note=f"gap at most {worst:.1e} of the profit, 0 in {proven} of {CASES}",
    )

    upcoming = itertools.cycle(cycles[name])
    benchmark(lambda: arbx.optimise(next(upcoming)))


@pytest.mark.parametrize("name", MAKERS)
def bench_optimise_exactly(benchmark: Any, cycles: dict[str, list[Cycle]], name: str) -> None:
    best = [arbx.optimise(cycle, exact=True) for cycle in cycles[name]]
    quick = [arbx.optimise(cycle) for cycle in cycles[name]]
    missed = sum(a.profit > b.profit for a, b in zip(best, quick, strict=True))
    benchmark.extra_info.update(
        row=f"optimise {name}, exact",
        limit_s=LIMITS_EXACT_S[name],
        note=f"gap 0 in {sum(found.exact for found in best)} of {CASES};"
        f" better than without exact in {missed}",
    )

    upcoming = itertools.cycle(cycles[name])
    benchmark(lambda: arbx.optimise(next(upcoming), exact=True))


def _by_scipy(cycle: Cycle) -> int:
    first = cycle[0]
    high = float(min(first.max_in, 10**22))  # 10,000 WETH, more than any of these pools can use

    def loss(amount_in: float) -> float:
        amount = start = int(amount_in)
        try:
            for curve in cycle:
                amount = curve.amount_out(amount)
        except arbx.InsufficientLiquidity:
            return float(start)
        return float(start - amount)

    return int(minimize_scalar(loss, bounds=(0.0, high), method="bounded").x)


@pytest.mark.parametrize("name", MAKERS)
def bench_scipy(benchmark: Any, cycles: dict[str, list[Cycle]], name: str) -> None:
    shortfalls = []
    for cycle in cycles[name]:
        amount_in = _by_scipy(cycle)
        profit = arbx.amounts_along(cycle, amount_in)[-1] - amount_in
        shortfalls.append(arbx.optimise(cycle).profit - profit)
    median = sorted(shortfalls)[CASES // 2]
    benchmark.extra_info.update(
        row=f"scipy bounded {name}",
        peer_of=f"optimise {name}",
        note=f"falls short by {median:,} wei (median), {max(shortfalls):,} (worst)",
    )

    upcoming = itertools.cycle(cycles[name])
    benchmark(lambda: _by_scipy(next(upcoming)))
