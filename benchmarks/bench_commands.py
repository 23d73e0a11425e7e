"""Time whole commands in fresh processes: import, listing, and finding in recorded markets if they are there."""

import pathlib
import resource
import subprocess
import sys
import time
from typing import Any

import pytest

BIN = pathlib.Path(sys.executable).parent
SHARED = next(
    (
        parent / "shared"
        for parent in pathlib.Path(__file__).resolve().parents
        if (parent / "shared" / "data").is_dir()
    ),
    None,
)
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
RECORDED = {"mainnet-2023-09-12-a": 3.0, "mainnet-17675948-v2": 2.0}


def _run(*command: object) -> str:
    return subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True
    ).stdout


def bench_import(benchmark: Any) -> None:
    code = "import time; t = time.perf_counter(); import arbx; print(time.perf_counter() - t)"
    times = sorted(float(_run(sys.executable, "-c", code)) for _ in range(9))
    benchmark.extra_info.update(
        row="import arbx", limit_s=0.15, note="in a fresh process, without the interpreter's own"
    )

    # What the child measured, replayed: pytest-benchmark can time only its own process.
    benchmark.pedantic(time.sleep, args=(times[len(times) // 2],), rounds=1)


def bench_plugins_list(benchmark: Any) -> None:
    benchmark.extra_info.update(row="arbx plugins list", limit_s=0.3)

    benchmark.pedantic(_run, args=(BIN / "arbx", "plugins", "list"), rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("name", RECORDED)
def bench_find(benchmark: Any, name: str) -> None:
    if SHARED is None:
        pytest.skip("../shared is not here: no recorded market")
    command = [BIN / "arbx", "-p", "uniswap-v2", "-p", "uniswap-v3"]
    command += ["find", "--pools", SHARED / "data" / f"{name}.jsonl"]
    command += ["--base", WETH, "--max-length", "3", "--json"]

    lines = benchmark.pedantic(_run, args=command, rounds=3)

    # The peak is that of the largest child so far, so it can only be too high.
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    benchmark.extra_info.update(
        row=f"arbx find {name}",
        limit_s=RECORDED[name],
        note=f"{len(lines.splitlines())} found, peak at most {peak_mb:.0f} MB",
    )


def bench_find_with_every_kind(benchmark: Any) -> None:
    if SHARED is None:
        pytest.skip("../shared is not here: no recorded market")
    pools = SHARED / "data" / "mainnet-2023-09-12-a.jsonl"
    command = [BIN / "arbx", "find", "--pools", pools, "--base", WETH, "--max-length", "3"]

    lines = benchmark.pedantic(_run, args=command, rounds=1)

    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    benchmark.extra_info.update(
        row="arbx find, Balancer's pools too",
        limit_s=15.0,
        note=f"{len(lines.splitlines()) - 1} found and printed, peak at most {peak_mb:.0f} MB",
    )
