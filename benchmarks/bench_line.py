"""Time what lies between a log and the bytes of a bundle: logs of the real contracts applied, plans signed."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from eth_account import Account

import arbx
from arbx.chain import Chain, observe
from arbx.chain.signatures import read_transaction
from arbx.execution.plan import Fees, gas_limit, transaction, unsigned
from arbx.execution.planner import Costs, Terms, limited, plan
from arbx.protocols import KeyWriter
from arbx.testing.localchain import MixedMarket, fixtures
from arbx.testing.localchain.stableswap import exchange
from arbx.testing.localchain.trader import v2_swap, v3_swap
from arbx.testing.localchain.vault import swap

local_mixed = fixtures.local_mixed

EXECUTOR = "0x" + "ee" * 20
KEY = b"\x11" * 32
GAS_USED, FEES = 300_000, Fees(10**9, 10**8)
APPLIES_PER_ROUND = 1_000


@attrs.frozen
class Floor:
    """The mixed market as it was observed; *told* is a state of each family, and the log of a trade that followed."""

    host: arbx.Host
    sources: Mapping[str, arbx.PoolSource]
    states: Mapping[str, arbx.PoolState]
    told: Mapping[str, tuple[arbx.PoolState, arbx.Log]]


@pytest.fixture(scope="module")
def floor(local_mixed: MixedMarket) -> Floor:
    names = ["uniswap-v2", "uniswap-v3", "balancer", "curve", "keyfile"]
    host = arbx.Host.load(names, strict=True)
    return asyncio.run(_observed(local_mixed, host))


async def _observed(mixed: MixedMarket, host: arbx.Host) -> Floor:
    built = {
        name: host.build_source(provider, settings)
        for name, (provider, settings) in mixed.sources().items()
    }
    async with await Chain.connect(mixed.chain.url) as chain:
        seen = await observe(built, chain)
        states = {state.pool.address: state for state in seen.states}
        sources = {address: built[name] for address, name in seen.owners.items()}
        told = {}
        for family, (pool, calls) in _trades(mixed).items():
            mixed.market.trader.run(calls)
            told[family] = states[pool], await _log_of(chain, states[pool], sources[pool])
    return Floor(host, sources, states, told)


def _trades(mixed: MixedMarket) -> dict[str, tuple[str, Sequence[arbx.Call]]]:
    """Return a small trade for each family, in one of its pools."""
    market, me = mixed.market, mixed.market.trader.address
    v2, v3 = market.of("uniswap_v2")[0], market.of("uniswap_v3")[0]
    weighted, stable = mixed.balancer.of("balancer_weighted")[0], mixed.stableswaps[0]
    token = v2.tokens[0].address
    pair = v2_swap(v2.address, token, 10**15, zero_for_one=True, amount_out=1, recipient=me)
    pool = v3_swap(v3.address, 10**9, zero_for_one=True, recipient=me)
    return {
        "uniswap_v2 Sync": (v2.address, pair),
        "uniswap_v3 Swap": (v3.address, [pool]),
        "balancer_weighted Swap": (
            weighted.address,
            [swap(mixed.balancer.vault, weighted, (0, 1), 10**9, me)],
        ),
        "curve TokenExchange": (stable.address, [exchange(stable, 0, 10**6)]),
    }


async def _log_of(chain: Chain, state: arbx.PoolState, source: arbx.PoolSource) -> arbx.Log:
    """Return the newest block's log that changes the pool's state."""
    newest = await chain.block_number()
    logs = await chain.logs(topics=sorted(source.topics), from_block=newest, to_block=newest)
    return next(log for log in logs if _changes(source, state, log))


def _changes(source: arbx.PoolSource, state: arbx.PoolState, log: arbx.Log) -> bool:
    try:
        return source.apply(state, log) is not state
    except arbx.ArbxError:  # another contract's
        return False


@pytest.mark.parametrize(
    ("family", "limit_s"),
    [
        ("uniswap_v2 Sync", 20e-6),
        ("uniswap_v3 Swap", 20e-6),
        ("balancer_weighted Swap", None),
        ("curve TokenExchange", None),
    ],
)
def bench_apply(benchmark: Any, floor: Floor, family: str, limit_s: float | None) -> None:
    state, log = floor.told[family]
    source = floor.sources[state.pool.address]
    benchmark.extra_info.update(row=f"apply {family}", limit_s=limit_s, calls=APPLIES_PER_ROUND)

    def every() -> None:
        for _ in range(APPLIES_PER_ROUND):
            source.apply(state, log)

    benchmark.pedantic(every, rounds=30, warmup_rounds=2)

    assert source.apply(state, log).block == log.block


@pytest.fixture
def store(floor: Floor, tmp_path: Path) -> arbx.KeyStore:
    """Return a key file that is unlocked."""
    context = arbx.Context("bench", 31_337, lambda _: "correct horse", tmp_path)
    settings = {"path": "key.json", "password": "env:WORD", "scrypt_n": 4096}
    made = floor.host.build_keystore("keyfile", settings, context)
    assert isinstance(made, KeyWriter)
    made.adopt(KEY)
    asyncio.run(made.sign_message(b"unlock"))
    return made


@pytest.fixture
def sign(store: arbx.KeyStore) -> Iterator[Callable[[Mapping[str, Any]], bytes]]:
    """Return the store's signature without the making of an event loop."""
    with asyncio.Runner() as runner:
        yield lambda wanted: runner.run(store.sign(wanted))


def _three_hops(floor: Floor, weth: str) -> arbx.Opportunity:
    """Return the best cycle of three hops through pairs and V3 pools both."""
    market = arbx.Market(floor.host, [weth], 3)
    found = market.update([s for s in floor.states.values() if s.pool.kind.startswith("uniswap")])
    for one in found:
        kinds = [hop.pool.kind for hop in one.cycle.hops]
        if len(kinds) == 3 and len(set(kinds)) == 2:
            return one
    raise AssertionError("no such cycle pays")


def bench_signed_bundle(
    benchmark: Any,
    floor: Floor,
    local_mixed: MixedMarket,
    sign: Callable[[Mapping[str, Any]], bytes],
) -> None:
    weth = local_mixed.market.weth.address
    found = _three_hops(floor, weth)
    terms = Terms(31_337, EXECUTOR, weth, slippage_bps=1_000, builder_share_bps=8_000)

    def signed() -> arbx.Bundle:
        first = plan(found, floor.states, floor.sources, terms, target_block=9, deadline_s=9)
        costs = Costs(found.gross_profit - 1, GAS_USED, FEES.max_fee_per_gas_wei)
        final = limited(first, costs, terms)
        raw = sign(transaction(final, nonce=7, fees=FEES, gas=gas_limit(GAS_USED)))
        read_transaction(raw)  # the engine looks at what it got
        return arbx.Bundle((raw,), 9)

    kinds = " ".join(hop.pool.kind.removeprefix("uniswap_") for hop in found.cycle.hops)
    note = f"{kinds}; key file, coincurve; without simulation"
    benchmark.extra_info.update(
        row="opportunity -> signed bundle, 3 hops", limit_s=8e-3, note=note
    )

    bundle = benchmark.pedantic(signed, rounds=200, warmup_rounds=5)

    assert bundle.target_block == 9


@pytest.mark.parametrize("backend", ["CoinCurve", "Native"])
def bench_signature(benchmark: Any, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time what ``arbx-keystore-keyfile[fast]`` brings, and what signs without it."""
    monkeypatch.setenv("ECC_BACKEND_CLASS", f"eth_keys.backends.{backend}ECCBackend")
    account = Account.from_key(KEY)
    wanted = unsigned(31_337, EXECUTOR, b"\x11" * 900, nonce=7, fees=FEES, gas=500_000)
    benchmark.extra_info["row"] = f"signature, {backend}"
    if backend == "Native":
        benchmark.extra_info["peer_of"] = "signature, CoinCurve"

    benchmark.pedantic(account.sign_transaction, args=(wanted,), rounds=100, warmup_rounds=3)
