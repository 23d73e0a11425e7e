"""
Offer the local market to pytest: name the fixtures in a conftest.py.

::

    from arbx.testing.localchain import fixtures

    local_market = fixtures.local_market
    market = fixtures.market
"""

import os
from collections.abc import Iterator

import pytest

from arbx.errors import ConfigError
from arbx.testing.localchain.artifacts import anvil
from arbx.testing.localchain.chain import LocalChain
from arbx.testing.localchain.market import SeededMarket
from arbx.testing.localchain.seed import seed_market

__all__ = ["local_market", "market"]


@pytest.fixture(scope="session")
def local_market() -> Iterator[SeededMarket]:
    """Boot and seed one chain for the session; skip where anvil isn't installed, except in CI."""
    try:
        anvil()
    except ConfigError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with LocalChain() as chain:
        yield seed_market(chain)


@pytest.fixture
def market(local_market: SeededMarket) -> Iterator[SeededMarket]:
    """Give one test the market as it was seeded, and take back what the test does to it."""
    with local_market.chain.undone():
        yield local_market
