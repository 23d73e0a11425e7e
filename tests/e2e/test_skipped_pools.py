"""The commands that read a chain tell which pools a source has left out, and why."""

import json

import pytest

from arbx.cli import main
from arbx.testing.localchain import fixtures
from arbx.testing.localchain.stableswap import GENERATION, deploy_registry

local_mixed = fixtures.local_mixed
mixed = fixtures.mixed
KNOWN_CODE, OTHER_CODE = ("0x" + pair * 20 for pair in ("c0", "c1"))


@pytest.fixture
def pools(mixed):
    return [pool.address for pool in mixed.stableswaps]


@pytest.fixture
def registry(mixed, pools):
    """List a pool of a known implementation, one of another, and a contract that is no pool."""
    rows = {pools[0]: KNOWN_CODE, pools[1]: OTHER_CODE, mixed.market.weth.address: OTHER_CODE}
    return deploy_registry(mixed.chain, rows)


@pytest.fixture
def configured(mixed, registry, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arbx.toml").write_text(
        f"""
plugins = ["curve"]

[chain]
chain_id = 31337
rpc = ["{mixed.chain.url}"]

[sources.curve]
use = "curve"
metaregistry = "{registry}"
implementations = {{ "{KNOWN_CODE}" = "{GENERATION}" }}
"""
    )


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.usefixtures("configured")
def test_the_snapshot_command_tells_what_was_left_out(mixed, pools, tmp_path, capsys):
    assert main(["pools", "snapshot", "--out", "pools.jsonl", "--skipped", "left.jsonl"]) == 0

    said = " ".join(capsys.readouterr().err.split())
    assert "skipped by curve: 2 pools: pool without version() of registry" in said
    assert f"implementation {OTHER_CODE}" in said
    assert f"({pools[1]}, {mixed.market.weth.address})" in said
    left = lines(tmp_path / "left.jsonl")
    assert {row["address"] for row in left} == {pools[1], mixed.market.weth.address}
    assert {row["source"] for row in left} == {"curve"}
    (kept,) = lines(tmp_path / "pools.jsonl")
    assert kept["address"] == pools[0]


@pytest.mark.usefixtures("configured")
def test_the_find_command_tells_what_was_left_out(pools, capsys):
    assert main(["find", "--base", "USDC", "--json"]) == 0

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "skipped by curve: 2 pools" in printed.err
    assert pools[1] in printed.err


@pytest.mark.usefixtures("configured")
def test_a_file_that_can_not_be_written_is_an_error_with_the_place(capsys):
    command = ["pools", "snapshot", "--out", "pools.jsonl", "--skipped", "nowhere/left.jsonl"]

    assert main(command) == 2
    assert "--skipped nowhere/left.jsonl: can't be written" in capsys.readouterr().err
