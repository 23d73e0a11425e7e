"""Ledgers in both databases, and a chain that does what a test says."""

import os
import secrets
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

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432"


@pytest.fixture(scope="session")
def postgres():
    """Make a database of one's own on the running server, and drop it afterwards."""
    server = sa.create_engine(
        f"{SERVER}/postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}
    )
    name = f"arbx_test_{secrets.token_hex(6)}"
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except sa.exc.OperationalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL on 127.0.0.1:5432: {error.orig}")
    Ledger(f"{SERVER}/{name}").close()
    yield f"{SERVER}/{name}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


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
