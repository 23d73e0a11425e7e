"""Bring a ledger to the newest revision, and make PostgreSQL's months ahead of time."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from arbx.ledger.errors import LedgerError
from arbx.ledger.tables import PARTITIONED, REVISION, VERSION_TABLE

__all__ = ["extend_partitions", "migrate"]

_MONTHS_AHEAD = 12
# Any number that other users of the same database won't lock by chance ("arbx" in ASCII).
_ADVISORY_LOCK = 0x61726278


def migrate(connection: sa.Connection, name: str) -> None:
    """Upgrade the ledger within the running transaction; do nothing when it is new enough."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    found = revision(connection)
    if found == REVISION:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise LedgerError(
            f"{name}: is at revision {found}, which this arbx doesn't know; upgrade arbx"
        ) from None


def revision(connection: sa.Connection) -> str | None:
    """Return the ledger's revision, or None where there is no ledger yet."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()  # noqa: S608  # a constant


def extend_partitions(connection: sa.Connection, now: datetime) -> None:
    """Make a partition of each growing table for this month and the next twelve."""
    existing = set(sa.inspect(connection).get_table_names())
    first = now.year * 12 + now.month - 1
    for table in PARTITIONED:
        for month in range(first, first + _MONTHS_AHEAD + 1):
            name = f"{table}_{_label(month)}"
            if name not in existing:
                _make_partition(connection, table, name, month)


def _make_partition(connection: sa.Connection, table: str, name: str, month: int) -> None:
    start, end = _first_day(month), _first_day(month + 1)
    # Rows that came before their month was made are in the default partition; they stay there.
    early = connection.exec_driver_sql(
        f"SELECT 1 FROM {table}_default WHERE recorded_at >= '{start}' AND recorded_at < '{end}' LIMIT 1"  # noqa: S608  # names and dates of our own
    ).first()
    if early is None:
        connection.exec_driver_sql(
            f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{start}') TO ('{end}')"
        )


def _label(month: int) -> str:
    return f"{month // 12}_{month % 12 + 1:02d}"


def _first_day(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}-01 00:00:00+00"
