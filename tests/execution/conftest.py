"""The local market with an Executor on it."""

import asyncio
import pathlib
import sys

import attrs
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from executor_stage import FOREVER, Stage

import arbx
from arbx.chain import Chain, observe
from arbx.execution.planner import Terms, plan
from arbx.testing.localchain import fixtures
from arbx.testing.localchain.executor import deploy_executor

local_market = fixtures.local_market
market = fixtures.market


@pytest.fixture(scope="session")
def steady(local_market):
    """Deploy once; `stage` takes back what a test does."""
    chain = local_market.chain
    executor = deploy_executor(chain, chain.accounts[1], local_market.weth.address)
    return Stage(local_market, executor, chain.accounts[1], chain.accounts[2])


@pytest.fixture
def stage(steady):
    with steady.chain.undone():
        yield steady


@pytest.fixture(scope="session")
def host():
    return arbx.Host.load(["uniswap-v2", "uniswap-v3"], strict=True)


@pytest.fixture(scope="session")
def seen_and_sources(steady, host):
    sources = {
        name: host.build_source(provider, settings)
        for name, (provider, settings) in steady.market.sources().items()
    }

    async def read():
        async with await Chain.connect(steady.chain.url) as chain:
            return await observe(sources, chain)

    return asyncio.run(read()), sources


@pytest.fixture(scope="session")
def found(steady, host, seen_and_sources):
    return arbx.Market(host, [steady.weth], 3).update(seen_and_sources[0].states)


@pytest.fixture(scope="session")
def by_pool(seen_and_sources):
    seen, sources = seen_and_sources
    states = {state.pool.address: state for state in seen.states}
    return states, {address: sources[name] for address, name in seen.owners.items()}


@pytest.fixture(scope="session")
def terms(steady):
    return Terms(
        chain_id=steady.chain.chain_id,
        executor=steady.executor,
        weth=steady.weth,
        slippage_bps=0,
        builder_share_bps=0,
    )


@pytest.fixture
def planned(by_pool, terms):
    """Plan an opportunity for any block, with changed terms."""

    def make(opportunity, **changes):
        return plan(
            opportunity,
            *by_pool,
            attrs.evolve(terms, **changes),
            target_block=0,
            last_block=FOREVER,
            deadline_s=FOREVER,
        )

    return make
