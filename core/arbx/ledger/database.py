"""Open a ledger's database: durable writes, one writer at a time, secrets nowhere in errors."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from arbx.ledger.errors import ConflictError, LedgerError
from arbx.ledger.migrate import extend_partitions, migrate, revision

__all__ = ["Database"]

_BUSY_TIMEOUT_MS = 5_000


class Database:
    """Hold the connections of one ledger; *name* is what people may see of its URL."""

    def __init__(self, url: str, *, create: bool = True) -> None:
        parsed = _parsed(url)
        self.name = parsed.render_as_string(hide_password=True)
        if parsed.get_backend_name() == "sqlite":
            _prepare_file(parsed, self.name, create)
        # hide_parameters: an error must not repeat signed bytes
        self._engine = sa.create_engine(parsed, hide_parameters=True, **_options(parsed))
        if parsed.get_backend_name() == "sqlite":
            sa.event.listen(self._engine, "connect", _configure_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)
        self._reader = self._engine.execution_options(arbx_reads=True)
        try:
            self._prepare_schema(create)
        except BaseException:
            self.close()
            raise

    @property
    def dialect(self) -> str:
        """Return "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Run one transaction that is on the disk when the block ends."""
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Run one transaction that only reads, beside any writer."""
        with self._explained(), self._reader.begin() as connection:
            yield connection

    def now(self, connection: sa.Connection) -> datetime:
        """Return the time that processes on several machines agree on: PostgreSQL's, where there is one."""
        if self.dialect == "postgresql":
            moment: datetime = connection.execute(
                sa.select(sa.func.clock_timestamp())
            ).scalar_one()
            return moment.astimezone(UTC)
        return datetime.now(UTC)

    def _prepare_schema(self, create: bool) -> None:
        with self.writing() as connection:
            if not create and revision(connection) is None:
                raise LedgerError(_no_ledger(self.name))
            migrate(connection, self.name)
            if self.dialect == "postgresql":
                extend_partitions(connection, self.now(connection))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise ConflictError(f"{self.name}: {_why(error)}; nothing was written") from None
        except DBAPIError as error:
            why = _why(error)
            raise LedgerError(f"{self.name}: {why}; {_cure(why)}") from None
        except SQLAlchemyError as error:
            raise LedgerError(f"{self.name}: {type(error).__name__}: {error}") from None


def _parsed(url: str) -> URL:
    text = url if "://" in url else f"sqlite:///{url}"
    try:
        parsed = make_url(text)
    except (ArgumentError, ValueError):
        raise LedgerError("the ledger's URL can't be read; " + _URLS) from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite" or parsed.database in (None, "", ":memory:"):
        # In memory nothing is durable: whoever sends must not mistake it for a ledger.
        raise LedgerError(f"the ledger's URL has {parsed.drivername}://; {_URLS}")
    return parsed


_URLS = "write sqlite:///ledger.sqlite, or postgresql://user@host/database"


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"check_same_thread": False}}
    try:
        import psycopg  # noqa: F401  # only to say what to install
    except ImportError:
        raise LedgerError('PostgreSQL needs psycopg; try: pip install "arbx[postgres]"') from None
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}


def _prepare_file(url: URL, name: str, create: bool) -> None:
    """Make the file readable by its owner only before SQLite does: it will hold signed bytes."""
    path = Path(str(url.database))
    if not create and not path.is_file():
        raise LedgerError(_no_ledger(name))
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise LedgerError(f"{name}: {error.strerror}; check the path and its owner") from None


def _configure_sqlite(connection: Any, _: Any) -> None:
    # Without this the driver begins transactions by itself, and too late: after the first read.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("arbx_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _why(error: DBAPIError) -> str:
    # The first line only: PostgreSQL's next one repeats the row, signed bytes and all.
    return str(error.orig).strip().partition("\n")[0] or type(error.orig).__name__


def _no_ledger(name: str) -> str:
    return f"{name}: there is no ledger; check the URL, or let `arbx run` make it"


def _cure(why: str) -> str:
    if "locked" in why:
        return "another process holds it for long: end that one"
    if "not a database" in why:
        return "the file is something else: name another one"
    if "disk" in why or "full" in why:
        return "make room on the disk"
    if "connection" in why or "authentication" in why or "does not exist" in why:
        return "check the URL, and that the server runs"
    return "nothing was written"
