"""Ledgers in both databases, and a chain that does what a test says."""

import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent))

from ledger_fakes import SIGNER, FakeBlocks

from arbx.ledger import Ledger
from arbx.ledger.tables import METADATA, REVISION, VERSION_TABLE
from arbx.testing.localchain import fixtures

local_market = fixtures.local_market
market = fixtures.market


@pytest.fixture(scope="session")
def postgres(postgres_database):
    """Give the session one ledger in PostgreSQL."""
    with postgres_database() as url:
        Ledger(url).close()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Return the URL of an empty ledger."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite"
    server = request.getfixturevalue("postgres")
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        # a new schema would take two seconds for each test
        for table in reversed(METADATA.sorted_tables):
            connection.execute(sa.delete(table))
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{REVISION}'")
    engine.dispose()
    return server


@pytest.fixture
def ledger(url):
    with Ledger(url) as opened:
        yield opened


@pytest.fixture
def lease(ledger):
    return ledger.acquire(1, SIGNER)


@pytest.fixture
def blocks():
    return FakeBlocks(SIGNER)
