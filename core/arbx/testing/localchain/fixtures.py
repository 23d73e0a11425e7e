"""
Offer the local market to pytest: name the fixtures in a conftest.py.

::

    from arbx.testing.localchain import fixtures

    local_market = fixtures.local_market
    market = fixtures.market

``local_mixed`` and ``mixed`` are the same for a market with Balancer's and StableSwap pools beside it.
"""

import os
from collections.abc import Iterator

import pytest

from arbx.errors import ConfigError
from arbx.testing.localchain.artifacts import anvil
from arbx.testing.localchain.chain import LocalChain
from arbx.testing.localchain.market import SeededMarket
from arbx.testing.localchain.mixed import MixedMarket, seed_mixed
from arbx.testing.localchain.seed import seed_market

__all__ = ["local_market", "local_mixed", "market", "mixed"]


@pytest.fixture(scope="session")
def local_market() -> Iterator[SeededMarket]:
    """Boot and seed one chain for the session; skip where anvil isn't installed, except in CI."""
    _need_anvil()
    with LocalChain() as chain:
        yield seed_market(chain)


@pytest.fixture
def market(local_market: SeededMarket) -> Iterator[SeededMarket]:
    """Give one test the market as it was seeded, and take back what the test does to it."""
    with local_market.chain.undone():
        yield local_market


@pytest.fixture(scope="session")
def local_mixed() -> Iterator[MixedMarket]:
    """Boot one chain with every family of exchanges for the session; skip as *local_market* does."""
    _need_anvil()
    with LocalChain() as chain:
        yield seed_mixed(chain)


@pytest.fixture
def mixed(local_mixed: MixedMarket) -> Iterator[MixedMarket]:
    """Give one test the mixed market as it was seeded, and take back what the test does to it."""
    with local_mixed.chain.undone():
        yield local_mixed


def _need_anvil() -> None:
    try:
        anvil()
    except ConfigError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
