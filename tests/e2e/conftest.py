"""The local market, the plugins that read it, and what they see."""

import pytest

import arbx
from arbx.chain import Chain, observe
from arbx.testing.localchain import fixtures

local_market = fixtures.local_market
market = fixtures.market


@pytest.fixture(scope="session")
def host():
    return arbx.Host.load(["uniswap-v2", "uniswap-v3"], strict=True)


@pytest.fixture
async def chain(market):
    async with await Chain.connect(market.chain.url) as connected:
        yield connected


@pytest.fixture
def sources(market, host):
    return {
        name: host.build_source(provider, settings)
        for name, (provider, settings) in market.sources().items()
    }


@pytest.fixture
async def seen(chain, sources):
    return await observe(sources, chain)
