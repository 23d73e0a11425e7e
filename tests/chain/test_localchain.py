"""The local chain is what its page says: the real contracts, the same on every run."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from arbx.errors import ChainError, ConfigError
from arbx.model import Call
from arbx.testing.localchain import LocalChain, artifacts, seed_market
from arbx.testing.localchain.build import CONTRACTS, compiled
from arbx.testing.localchain.trader import v3_swap

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "package.json").is_file())
SOURCES = sorted(CONTRACTS.glob("*.vy"))


def fingerprint(chain, market):
    block = chain.rpc.ask("eth_getBlockByNumber", "latest", False)
    return block["hash"], block["timestamp"], [pool.address for pool in market.pools]


@pytest.mark.usefixtures("local_market")  # skips where anvil isn't
def test_two_runs_are_the_same_and_another_seed_is_not():
    prints = []
    for seed in (5, 5, 6):
        started = time.monotonic()
        with LocalChain() as chain:
            prints.append(fingerprint(chain, seed_market(chain, seed=seed)))
        assert time.monotonic() - started < 20

    assert prints[0] == prints[1]
    assert prints[0][0] != prints[2][0]


def test_the_market_has_what_its_page_promises(local_market):
    decimals = {token.decimals for token in local_market.tokens}
    shapes = {pool.shape for pool in local_market.pools}

    assert len(local_market.tokens) >= 12
    assert len(local_market.pools) >= 40
    assert {0, 2, 6, 8, 12, 18} <= decimals
    assert {"empty", "bare", "uninitialised", "gap", "narrow", "wide", "layers"} <= shapes
    assert {pool.fee_pips for pool in local_market.of("uniswap_v3")} == {100, 500, 3000, 10_000}
    assert len({pool.address for pool in local_market.pools}) == len(local_market.pools)


def test_a_swap_into_the_gap_finds_no_liquidity_there(market):
    pool = next(pool for pool in market.pools if pool.shape == "gap")
    trader, zero_for_one = market.trader, True
    edge = min(lower for lower, _, _ in pool.ranges if lower > min(r[0] for r in pool.ranges))
    inside = edge - 60
    # TickMath.getSqrtRatioAtTick(tick) = sqrt(1.0001)^tick · 2^96; a tick's breadth off is near enough
    limit = int(1.0001 ** (inside / 2) * 2**96)
    held = trader.balance(pool.tokens[0].address)
    trader.run(
        [
            v3_swap(
                pool.address,
                held // 2,
                zero_for_one=zero_for_one,
                recipient=trader.address,
                sqrt_price_limit_x96=limit,
            )
        ]
    )

    assert market.chain.ask(Call(pool.address, "liquidity()", ("uint128",))) == (0,)


def test_the_contracts_are_the_ones_on_mainnet(local_market):
    pair = json.loads(
        (artifacts.node_modules() / "@uniswap/v2-core/build/UniswapV2Pair.json").read_text()
    )
    pool = json.loads(
        (
            artifacts.node_modules()
            / "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json"
        ).read_text()
    )

    # the init code hashes that Uniswap's own routers have built in (UniswapV2Library.pairFor, PoolAddress)
    assert keccak(bytes.fromhex(pair["bytecode"].removeprefix("0x"))).hex().startswith("96e8ac42")
    assert keccak(bytes.fromhex(pool["bytecode"].removeprefix("0x"))).hex().startswith("e34f199b")


def test_what_happens_inside_undone_is_taken_back(local_market):
    chain, token = local_market.chain, local_market.tokens[1].address
    supply, block = Call(token, "totalSupply()", ("uint256",)), chain.block_number
    before = chain.ask(supply)

    with chain.undone():
        chain.transact([Call(token, "mint(address,uint256)", (), (chain.accounts[1], 7))])
        assert chain.ask(supply) == (before[0] + 7,)
        assert chain.mine(2) == block + 3
    assert (chain.ask(supply), chain.block_number) == (before, block)


def test_a_reverting_transaction_names_the_call_and_the_reason(market):
    pair = market.of("uniswap_v2")[0].address
    swap = Call(
        pair, "swap(uint256,uint256,address,bytes)", (), (0, 0, market.trader.address, b"")
    )

    with pytest.raises(ChainError, match=r"swap\(.*INSUFFICIENT_OUTPUT_AMOUNT"):
        market.chain.transact([swap])
    with pytest.raises(ChainError, match="INSUFFICIENT_OUTPUT_AMOUNT"):
        market.trader.run([swap])


def test_a_node_that_is_stopped_says_so(local_market):
    with LocalChain() as chain:
        rpc = chain.rpc

    with pytest.raises(ChainError, match=r"the local node on port .* doesn't answer"):
        rpc.ask("eth_chainId")
    chain.close()  # a second time does nothing


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_bytecode_belongs_to_the_source(source):
    artifact = json.loads(source.with_suffix(".json").read_text())

    assert artifact["source_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert artifact["compiler"].startswith("vyper 0.4.3+")
    assert int(artifact["bytecode"], 16) > 0


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_compiler_gives_the_same_bytecode(source):
    vyper = os.environ.get("ARBX_VYPER") or shutil.which("vyper")
    if not vyper:
        pytest.skip("vyper 0.4.3 is not here; set ARBX_VYPER to its executable")

    assert compiled(source, vyper) == json.loads(source.with_suffix(".json").read_text())


def test_the_lock_file_pins_every_package_and_no_place():
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {name: entry for name, entry in lock.items() if name}
    # npm leaves out the other systems' anvil when its registry lacks them; `npm ci` then refuses the file
    anvils = {name for name in installed if name.startswith("node_modules/@foundry-rs/anvil-")}

    assert not any("resolved" in entry for entry in installed.values())
    assert len(anvils) == 5
    assert all("integrity" in entry for name, entry in installed.items() if name not in anvils)
    assert all(version[0].isdigit() for version in lock[""]["devDependencies"].values())


def test_missing_packages_are_named_with_the_cure(tmp_path, monkeypatch):
    monkeypatch.setenv("ARBX_NODE_MODULES", str(tmp_path))
    artifacts.creation_code.cache_clear()

    with pytest.raises(
        ConfigError, match=r"anvil is not in node_modules .*npm ci --ignore-scripts"
    ):
        artifacts.anvil()
    with pytest.raises(ConfigError, match=r"UniswapV3Factory.json is missing; run `npm ci"):
        artifacts.creation_code("UniswapV3Factory")
    with pytest.raises(ConfigError, match=r"contracts.js is missing"):
        artifacts.creation_code("Multicall3")


def test_an_executable_that_does_not_run_is_named(tmp_path, monkeypatch):
    system, machine, name = artifacts.machine()
    executable = tmp_path / "@foundry-rs" / f"anvil-{system}-{machine}" / "bin" / name
    executable.parent.mkdir(parents=True)
    executable.write_text("not a program")
    monkeypatch.setenv("ARBX_NODE_MODULES", str(tmp_path))

    with pytest.raises(ConfigError, match=r"can't be run: .*npm ci --ignore-scripts"):
        LocalChain()


@pytest.mark.parametrize(("ci", "outcome"), [("false", "skipped"), ("true", "error")])
def test_without_anvil_tests_are_skipped_but_fail_in_ci(tmp_path, ci, outcome):
    (tmp_path / "conftest.py").write_text(
        "from arbx.testing.localchain import fixtures\n\nlocal_market = fixtures.local_market\n"
    )
    (tmp_path / "test_it.py").write_text("def test_it(local_market):\n    assert local_market\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
    ]
    environment = {**os.environ, "CI": ci, "ARBX_NODE_MODULES": str(tmp_path)}

    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert f"1 {outcome}" in ran.stdout
    assert (ran.returncode == 0) == (outcome == "skipped")


def test_our_own_contracts_need_no_packages(tmp_path, monkeypatch):
    monkeypatch.setenv("ARBX_NODE_MODULES", str(tmp_path))
    artifacts.creation_code.cache_clear()

    assert artifacts.creation_code("Trader").startswith("0x")
