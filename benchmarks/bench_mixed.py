"""
Time the quotes and optima of weighted, stable and crypto pools.

The pure-Python balancer-maths and curvesim are timed beside them where they are installed: `pip install
balancer-maths curvesim` in an environment of one's own, for curvesim brings pandas and matplotlib.
"""

import itertools
import random
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pytest
from synthetic import v2, v3

import arbx

E18 = 10**18
CASES = 16

Record = dict[str, Any]


def weighted(rng: random.Random, weight_percent: int, skew: float = 0.0) -> Record:
    """Make a WETH/USDC pool of some million dollars; USDC is the first token, *skew* dearer than the market."""
    dollars = rng.uniform(1e6, 2e7)
    usdc = int(dollars * weight_percent / 50 * 1e6 * (1 - skew))
    weth = int(dollars * (100 - weight_percent) / 50 / 2_000 * 1e18)
    state = {
        "weights": [str(weight_percent * E18 // 100), str((100 - weight_percent) * E18 // 100)],
        "swap_fee": str(10**15),
        "balances": [str(usdc), str(weth)],
    }
    tokens = [
        {"address": f"0x{number:040x}", "symbol": symbol, "decimals": decimals}
        for number, (symbol, decimals) in enumerate((("USDC", 6), ("WETH", 18)), 1)
    ]
    return {"kind": "balancer_weighted", "tokens": tokens, "state": state}


def stableswap(rng: random.Random, coins: int, *, kind: str = "curve_stableswap") -> Record:
    """Make a pool of *coins* dollars, the first with 6 decimals, the others with 18."""
    dollars = rng.uniform(1e6, 2e7)
    shares = [rng.uniform(0.6, 1.4) for _ in range(coins)]
    decimals = [6] + [18] * (coins - 1)
    state: Record = {
        "pool": "SwapTemplateBase.vy (vyper 0.2.8)",
        "n": coins,
        "token_decimals": decimals,
        "a_precise": 100_000,
        "a_precision": 100,
        "fee": "4000000",
        "admin_fee": "5000000000",
        "balances": [str(int(dollars * s * 10**d)) for s, d in zip(shares, decimals, strict=True)],
        "rates": [str(10 ** (36 - d)) for d in decimals],
    }
    if kind == "curve_stableswap_ng":
        state |= {
            "pool": "CurveStableSwapNG v7.0.0 (vyper 0.3.10)",
            "offpeg_fee_multiplier": "20000000000",
            "asset_types": [0] * coins,
        }
    return {"kind": kind, "state": state}


def stable(rng: random.Random) -> Record:
    """Make a Balancer stable pool of two dollars, with 6 and 18 decimals, and its own token."""
    dollars = rng.uniform(1e6, 2e7)
    first, second = dollars * rng.uniform(0.6, 1.4), dollars * rng.uniform(0.6, 1.4)
    state = {
        "pool": "ComposableStablePool v3 (20230206)",
        "token_decimals": [6, 18, 18],
        "amp": 500_000,
        "amp_precision": 1000,
        "swap_fee": str(4 * 10**14),
        "bpt_index": 2,
        "scaling_factors": [str(10**30), str(E18), str(E18)],
        "rates": [str(E18)] * 3,
        "actual_supply": str(int(first + second) * E18),
        "balances": [str(int(first * 1e6)), str(int(second * 1e18)), str(2**111)],
    }
    return {"kind": "balancer_stable", "state": state}


@pytest.fixture(scope="module")
def host() -> arbx.Host:
    return arbx.Host.load(["uniswap-v2", "uniswap-v3", "balancer", "curve"])


QUOTES = {
    "StableSwap, 2 coins": (lambda rng: stableswap(rng, 2), 4e-6),
    "StableSwap, 3 coins": (lambda rng: stableswap(rng, 3), 4e-6),
    "StableSwap-NG, 2 coins": (lambda rng: stableswap(rng, 2, kind="curve_stableswap_ng"), 6e-6),
    "weighted 80/20": (lambda rng: weighted(rng, 80), 8e-6),
    "weighted 50/50": (lambda rng: weighted(rng, 50), 8e-6),
    "Balancer stable": (stable, 6e-6),
}


@pytest.mark.parametrize("name", QUOTES)
def bench_quote(benchmark: Any, host: arbx.Host, name: str) -> None:
    make, limit_s = QUOTES[name]
    rng = random.Random(f"quote {name}")
    curve = host.curve(make(rng), token_in=0, token_out=1)
    amounts = [rng.randrange(10**7, 10**11) for _ in range(300)]
    benchmark.extra_info.update(row=f"quote {name}", limit_s=limit_s, calls=len(amounts))

    def every() -> None:
        for amount in amounts:
            curve.amount_out(amount)

    benchmark(every)


def bench_tricrypto_quote(benchmark: Any, host: arbx.Host) -> None:
    """Quote the example that the plugin ships for its conformance."""
    examples = [
        model.example
        for kind, model in host.models.items()
        if kind == "curve_cryptoswap" and model.example
    ]
    curve = host.curve(examples[0], token_in=0, token_out=1)
    most = curve.max_in // 1000
    amounts = [random.Random("tricrypto").randrange(most // 1000, most) for _ in range(100)]
    coins = examples[0]["state"]["n"]
    benchmark.extra_info.update(
        row=f"quote cryptoswap, {coins} coins", limit_s=40e-6, calls=len(amounts)
    )

    def every() -> None:
        for amount in amounts:
            curve.amount_out(amount)

    benchmark(every)


def _balancer_maths() -> Any:
    spec = find_spec("balancer_maths")
    if spec is None:
        pytest.skip("balancer-maths is not installed")
    # its wheel imports itself by the name of its source folder
    alias = ModuleType("src")
    alias.__path__ = list(spec.submodule_search_locations or ())
    sys.modules.setdefault("src", alias)
    return import_module("src.pools.weighted.weighted_math")


def bench_balancer_maths_weighted(benchmark: Any) -> None:
    maths = _balancer_maths()
    rng = random.Random("quote weighted 80/20")
    state = weighted(rng, 80)["state"]
    balances = [int(state["balances"][0]) * 10**12, int(state["balances"][1])]
    weights = [int(weight) for weight in state["weights"]]
    amounts = [rng.randrange(10**7, 10**11) * 10**12 * 999 // 1000 for _ in range(50)]
    benchmark.extra_info.update(
        row="balancer-maths weighted 80/20", peer_of="quote weighted 80/20", calls=len(amounts)
    )

    def every() -> None:
        for amount in amounts:
            maths.compute_out_given_exact_in(
                balances[0], weights[0], balances[1], weights[1], amount
            )

    benchmark(every)


def _v2_stable(host: arbx.Host, rng: random.Random) -> Sequence[arbx.Curve]:
    dollars = int(rng.uniform(1e6, 1e7))
    state = {
        "reserve0": str(dollars * E18),
        "reserve1": str(int(dollars * rng.uniform(1.01, 1.04) * 1e6)),
        "fee_num": 997,
        "fee_den": 1000,
    }
    pair = {"kind": "uniswap_v2", "state": state}
    return [
        host.curve(pair, token_in=0, token_out=1),
        host.curve(stableswap(rng, 2), token_in=0, token_out=1),
    ]


def _v2_weighted(host: arbx.Host, rng: random.Random) -> Sequence[arbx.Curve]:
    return [
        host.curve(v2(rng, "WETH", "USDC", rng.uniform(0.01, 0.03)), token_in=0, token_out=1),
        host.curve(weighted(rng, 80), token_in=0, token_out=1),
    ]


def _v3_stable_weighted(host: arbx.Host, rng: random.Random) -> Sequence[arbx.Curve]:
    return [
        host.curve(v3(rng, "WETH", "USDC", rng.uniform(0.01, 0.03)), token_in=0, token_out=1),
        host.curve(stableswap(rng, 3), token_in=0, token_out=1),
        host.curve(_dai(weighted(rng, 80)), token_in=0, token_out=1),
    ]


def _dai(record: Record) -> Record:
    """Let the dollars of a weighted pool have 18 decimals."""
    state, tokens = dict(record["state"]), [dict(token) for token in record["tokens"]]
    tokens[0]["decimals"] = 18
    state["balances"] = [str(int(state["balances"][0]) * 10**12), state["balances"][1]]
    return record | {"state": state, "tokens": tokens}


MIXES = {
    "V2-StableSwap": (_v2_stable, 120e-6),
    "V2-weighted": (_v2_weighted, 180e-6),
    "V3-StableSwap-weighted": (_v3_stable_weighted, 450e-6),
}


@pytest.mark.parametrize("name", MIXES)
def bench_optimise_mixed(benchmark: Any, host: arbx.Host, name: str) -> None:
    make, limit_s = MIXES[name]
    cycles = [make(host, random.Random(f"{name} {case}")) for case in range(CASES)]
    best = [arbx.optimise(cycle) for cycle in cycles]
    assert all(found.profit > 0 and found.gap is not None for found in best)
    worst = max((found.gap or 0) / found.profit for found in best)
    benchmark.extra_info.update(
        row=f"optimise {name}", limit_s=limit_s, note=f"gap at most {worst:.1e} of the profit"
    )

    upcoming = itertools.cycle(cycles)
    benchmark(lambda: arbx.optimise(next(upcoming)))


def bench_curvesim_stableswap(benchmark: Any) -> None:
    curvesim = pytest.importorskip("curvesim.pool.stableswap", reason="curvesim is not installed")
    state = stableswap(random.Random("quote StableSwap, 3 coins"), 3)["state"]
    pool = curvesim.CurvePool(
        1_000,
        [int(balance) for balance in state["balances"]],
        3,
        rates=[int(rate) for rate in state["rates"]],
    )
    amounts = [random.Random("curvesim").randrange(10**7, 10**11) for _ in range(50)]
    benchmark.extra_info.update(
        row="curvesim get_y and fee, 3 coins",
        peer_of="quote StableSwap, 3 coins",
        calls=len(amounts),
    )

    def every() -> None:
        # exchange() without its change of the balances: some hundred swaps later its get_D never ends
        for amount in amounts:
            xp = pool._xp()
            gross = xp[1] - pool.get_y(0, 1, xp[0] + amount * 10**12, xp) - 1
            _ = gross - gross * pool.fee // 10**10

    benchmark(every)
