"""
Print what was measured beside its limit, and write it to bench-results/.

A benchmark says its limit as ``extra_info["limit_s"] = 8e-6`` and may add a ``note``. One that
times a peer names the row that it is compared with, ``extra_info["peer_of"] = "optimise V2-V2"``
(it gets the ratio). ``extra_info["calls"]`` says how many calls a round makes, where that is not one,
and ``extra_info["row"]`` names the row, by default like the test.
"""

import json
import os
import pathlib
import platform
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

# They run by themselves, where the peer is installed.
collect_ignore = ["peers"]

RESULTS = pathlib.Path(__file__).resolve().parents[1] / "bench-results"
_ROWS = pytest.StashKey[list[dict[str, Any]]]()


def _rows(benchmarks: list[Any]) -> list[dict[str, Any]]:
    rows = [
        {
            "name": entry.extra_info.get("row", entry.name),
            "median_s": entry.stats.median / entry.extra_info.get("calls", 1),
            "limit_s": entry.extra_info.get("limit_s"),
            "peer_of": entry.extra_info.get("peer_of"),
            "note": entry.extra_info.get("note", ""),
        }
        for entry in benchmarks
    ]
    medians = {row["name"]: row["median_s"] for row in rows}
    for row in rows:
        ours = medians.get(row["peer_of"])
        row["ratio"] = row["median_s"] / ours if ours else None
    return rows


@pytest.hookimpl
def pytest_benchmark_update_json(
    config: pytest.Config, benchmarks: list[Any], output_json: dict[str, Any]
) -> None:
    """Keep the rows for the table, and write them apart from pytest-benchmark's longer file."""
    rows = config.stash[_ROWS] = _rows(benchmarks)
    RESULTS.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    text = json.dumps({"machine": machine, "rows": rows}, indent=1)
    (RESULTS / "table.json").write_text(text + "\n", encoding="utf-8")


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.0f} ns"


def _verdict(row: dict[str, Any]) -> str:
    if row["limit_s"] is not None:
        return "ok" if row["median_s"] <= row["limit_s"] else "over"
    return f"{row['ratio']:.0f} × {row['peer_of']}" if row["ratio"] else ""


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table."""
    rows = config.stash.get(_ROWS, [])
    if not rows:
        return
    table = Table(box=None, pad_edge=False)
    for title, justify in (("benchmark", "left"), ("median", "right"), ("limit", "right")):
        table.add_column(title, justify=justify, no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("note")
    for row in rows:
        table.add_row(
            row["name"], _time(row["median_s"]), _time(row["limit_s"]), _verdict(row), row["note"]
        )
    console = Console(width=180)
    with console.capture() as captured:
        console.print(table)
    terminalreporter.write_line("")
    for line in captured.get().splitlines():
        terminalreporter.write_line(line.rstrip())
    terminalreporter.write_line(f"written: {RESULTS.name}/table.json")
