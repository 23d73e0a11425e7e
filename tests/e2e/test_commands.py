"""The commands that go online, as a person runs them."""

import json
from pathlib import Path

import pytest

from arbx.cli import main


@pytest.fixture
def arguments(market):
    # a command that goes online imports only what is named
    named = ["-p", "uniswap-v2", "-p", "uniswap-v3"]
    for provider, settings in market.sources().values():
        pairs = ",".join(f"{key}={value}" for key, value in settings.items())
        named += ["--source", f"{provider}:{pairs}"]
    return named


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_snapshot_of_a_chain_is_read_back(market, arguments, host, tmp_path, capsys):
    out = tmp_path / "pools.jsonl"

    assert (
        main(["pools", "snapshot", "--rpc", market.chain.url, *arguments, "--out", str(out)]) == 0
    )
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert {line["address"] for line in lines} <= {pool.address for pool in market.pools}
    assert len(lines) >= len(market.pools) - 3
    assert f"block {market.chain.block_number} of chain 31337" in capsys.readouterr().err
    for line in lines:
        assert host.record(host.state(line)) == line
        assert not any(isinstance(n, int) and abs(n) > 2**53 for n in line["state"].values())

    assert main(["pools", "list", str(out)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("0x") == len(lines)


def test_cycles_are_the_same_over_rpc_and_in_a_snapshot(market, arguments, capsys):
    endpoint = ["--rpc", market.chain.url, *arguments]
    main(["pools", "snapshot", *endpoint, "--out", "pools.jsonl"])
    find = ["find", "--base", "WETH", "--json"]

    assert main([*find, *endpoint]) == 0
    online = capsys.readouterr().out
    assert main([*find, "--pools", "pools.jsonl"]) == 0
    assert capsys.readouterr().out == online
    assert len(online.splitlines()) >= 10


def test_a_snapshot_is_a_source_too(market, arguments, capsys):
    main(["pools", "snapshot", "--rpc", market.chain.url, *arguments, "--out", "pools.jsonl"])
    plugins, recorded = arguments[:4], "snapshot:path=pools.jsonl"
    command = [*plugins, "pools", "snapshot", "--rpc", market.chain.url, "--source", recorded]

    assert main([*command, "--out", "again.jsonl"]) == 0
    assert Path("again.jsonl").read_text() == Path("pools.jsonl").read_text()


def test_a_snapshot_goes_to_standard_output_alone(market, arguments, capsys):
    assert (
        main(["pools", "snapshot", "--rpc", market.chain.url, *arguments[:6], "--out", "-"]) == 0
    )
    assert all(
        json.loads(line)["dex"] == "first_v2" for line in capsys.readouterr().out.splitlines()
    )


def test_a_configured_source_is_read_at_an_old_block(market, tmp_path, capsys):
    provider, settings = market.sources()["first_v2"]
    config = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
    (tmp_path / "arbx.toml").write_text(
        f'plugins = ["uniswap-v2"]\n[chain]\nchain_id = 31337\nrpc = ["{market.chain.url}"]\n'
        f'[sources.mine]\nuse = "{provider}"\n{config}\n'
    )

    assert main(["pools", "snapshot", "--block", "3", "--out", "-"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["block"] for line in lines} == {3}


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ((), "no pool source is named"),
        (("--source", "uniswap-v2:factory"), "'factory' is not key=value"),
        (("--source", "uniswap-v9"), "'uniswap-v9'"),
        (("--source", "uniswap-v2:factory=0x12,fee_num=1,fee_den=1"), "factory"),
        (("--source", "uniswap-v2:colour=red"), "colour"),
        (("--source", "uniswap-v2:preset=uniswap_v2"), "not known on chain 31337"),
        (
            ("--block", "999999", "--source", "uniswap-v2:preset=uniswap_v2"),
            "there is no block 999999",
        ),
    ],
)
def test_bad_sources_are_named_with_the_cure(market, extra, why, capsys):
    command = ["-p", "uniswap-v2", "pools", "snapshot", "--rpc", market.chain.url]

    assert main([*command, "--out", "x.jsonl", *extra]) == 2
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:1/secret", "can't be reached"),
        ("ws://127.0.0.1/secret", "has ws://"),
        ("localhost:8545/secret", "no scheme"),
    ],
)
def test_a_bad_endpoint_is_one_clear_error(url, why, arguments, capsys):
    assert main(["pools", "snapshot", "--rpc", url, *arguments, "--out", "x.jsonl"]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert "secret" not in said
    assert "Traceback" not in said


def test_a_chain_that_is_not_the_configured_one_is_refused(market, arguments, tmp_path, capsys):
    (tmp_path / "arbx.toml").write_text(
        'plugins = ["uniswap-v2", "uniswap-v3"]\n[chain]\nchain_id = 1\n'
    )

    assert main(["pools", "snapshot", "--rpc", market.chain.url, *arguments, "--out", "-"]) == 2
    assert "serves chain 31337, the configuration says chain_id = 1" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(market, arguments, capsys):
    command = [
        "pools",
        "snapshot",
        "--rpc",
        market.chain.url,
        *arguments,
        "--out",
        "no/where.jsonl",
    ]

    assert main(command) == 2
    assert "no/where.jsonl" in capsys.readouterr().err


@pytest.mark.usefixtures("local_market")  # skips where anvil isn't
def test_the_demo_executes_what_it_proved(capsys):
    assert main(["demo", "--top", "3"]) == 0
    printed = capsys.readouterr().out
    assert "Equal to the wei." in printed
    assert "WETH USDC" in printed
    assert "12 bundles sent, 12 included." in printed
    assert "Ledger and chain agree to the wei." in printed
