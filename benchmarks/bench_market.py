"""Time the market: screening a million cycles, and a block that changes 200 of 10,000 pools."""

import itertools
import math
import random
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import arbx
from arbx.market.hops import Ints
from arbx.market.rates import HopRate
from arbx.market.screen import HopRates

WETH = "0x" + "ee" * 20
TOKENS, BASE_POOLS, OTHER_POOLS, CHANGED = 400, 3_600, 6_400, 200
# How far a pool is from the common prices; a few hundred cycles of each block pay.
NOISE = 0.002

Record = dict[str, Any]


def _address(number: int) -> str:
    return f"0x{number:040x}"


class _Synthetic:
    """10,000 constant-product pools around common prices: 400 tokens, nine pools each against the base."""

    def __init__(self) -> None:
        self.random = random.Random(1)
        others = [_address(1_000_000 + number) for number in range(TOKENS)]
        self.price = {token: self.random.lognormvariate(0, 3) for token in others} | {WETH: 1.0}
        self.pairs = [(WETH, others[n % TOKENS]) for n in range(BASE_POOLS)]
        self.pairs += [_pair(self.random.sample(others, 2)) for _ in range(OTHER_POOLS)]

    def pool(self, number: int) -> Record:
        tokens, depth = self.pairs[number], self.random.lognormvariate(4, 1)
        reserves = [int(depth / self.price[token] * 10**18) for token in tokens]
        bent = int(reserves[0] * (1 + self.random.gauss(0, NOISE)))
        state = {"reserve0": str(bent), "reserve1": str(reserves[1])}
        return {
            "chain_id": 1,
            "kind": "uniswap_v2",
            "address": _address(number),
            "tokens": [{"address": token, "decimals": 18} for token in tokens],
            "state": {**state, "fee_num": 997, "fee_den": 1000},
        }

    def pools(self) -> list[Record]:
        return [self.pool(number) for number in range(len(self.pairs))]

    def block(self) -> list[Record]:
        return [self.pool(n) for n in self.random.sample(range(len(self.pairs)), CHANGED)]


def _pair(tokens: list[str]) -> tuple[str, str]:
    return tokens[0], tokens[1]


@pytest.fixture(scope="module")
def million() -> tuple[HopRates, Ints]:
    """Return bounds of 20,000 hops, and a million cycles in no good order."""
    rng, hops = np.random.default_rng(1), 20_000
    logs = rng.normal(-0.003, 0.002, hops).tolist()
    rates = HopRates()
    rates.grow(hops)
    rates.set(range(hops), [HopRate(log, math.exp(log), 0.0, math.inf, 0.0) for log in logs])
    return rates, rng.integers(0, hops, (3, 1_000_000), dtype=np.int32)


def test_screens_a_million_three_hop_cycles(
    benchmark: BenchmarkFixture, million: tuple[HopRates, Ints]
) -> None:
    rates, columns = million
    benchmark.extra_info |= {"row": "screen 1,000,000 three-hop cycles", "limit_s": 15e-3}

    kept = benchmark(rates.screen, columns, np.ones(20_000))

    assert 0 < len(kept) < columns.shape[1] / 10


def test_updates_a_block_that_changes_200_of_10_000_pools(benchmark: BenchmarkFixture) -> None:
    synthetic = _Synthetic()
    market = arbx.Market(arbx.Host.load(["uniswap-v2"]), [WETH], max_length=3)
    market.update(synthetic.pools())
    blocks = itertools.cycle([synthetic.block() for _ in range(40)])

    benchmark.pedantic(market.update, setup=lambda: ((next(blocks),), {}), rounds=39)  # type: ignore[no-untyped-call]  # the fixture's stubs

    counts = market.counts
    benchmark.extra_info |= {
        "row": "block: 200 of 10,000 pools change",
        "limit_s": 30e-3,
        "note": f"{counts.cycles:,} cycles, {counts.screened:,} screened, {counts.sized:,} sized",
    }
    assert counts.cycles > 1_000_000
    assert counts.sized > 100


def test_closes_a_million_cycles_of_10_000_pools(benchmark: BenchmarkFixture) -> None:
    host = arbx.Host.load(["uniswap-v2"])
    states = [host.state(pool) for pool in _Synthetic().pools()]

    def whole() -> int:
        market = arbx.Market(host, [WETH], max_length=3, min_profit=10**18)
        market.update(states)
        return market.counts.cycles

    benchmark.extra_info["row"] = "close, price and screen 1,000,000 cycles"
    cycles = benchmark.pedantic(whole, rounds=2)  # type: ignore[no-untyped-call]  # the fixture's stubs

    assert cycles > 1_000_000
