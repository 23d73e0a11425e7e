"""Read whole tables out of a ledger, as text that loses no wei; signed bytes stay inside."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

import sqlalchemy as sa

from arbx.ledger.columns import Int256
from arbx.ledger.errors import LedgerError
from arbx.ledger.store import Ledger
from arbx.ledger.tables import METADATA

__all__ = ["NOUNS", "columns_of", "newest", "rows_of", "write_csv", "write_jsonl"]

# Who holds a lease is of no use outside, and "raw" could be sent by whoever reads it.
NOUNS = tuple(sorted(name for name in METADATA.tables if name != "leases"))
_HIDDEN = ("raw", "lease_token")
_ROWS_AT_ONCE = 1_000


def columns_of(noun: str) -> list[str]:
    """Return the names of the columns that may leave the ledger."""
    return [column.name for column in _table(noun).c if column.name not in _HIDDEN]


def rows_of(ledger: Ledger, noun: str, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows, oldest first: integers above 64 bits as decimal strings, times in ISO 8601."""
    query = _query(noun).order_by(_table(noun).c.id)
    if since is not None:
        query = query.where(_table(noun).c.recorded_at >= since)
    with ledger.database.reading() as connection:
        streamed = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
        for row in streamed.mappings():
            yield _texts(noun, dict(row))


def newest(ledger: Ledger, noun: str, count: int) -> list[dict[str, Any]]:
    """Return the newest rows, oldest of them first."""
    query = _query(noun).order_by(_table(noun).c.id.desc()).limit(count)
    with ledger.database.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return [_texts(noun, dict(row)) for row in reversed(rows)]


def write_jsonl(rows: Iterator[dict[str, Any]], out: TextIO) -> int:
    """Write one JSON object a line; return how many."""
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007  # counted, and used after the loop
        out.write(json.dumps(row, separators=(",", ":")) + "\n")
    return count


def write_csv(rows: Iterator[dict[str, Any]], noun: str, out: TextIO) -> int:
    """Write a header and one line for each row; return how many rows."""
    writer = csv.DictWriter(out, columns_of(noun), lineterminator="\n")
    writer.writeheader()
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007  # counted, and used after the loop
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return count


def _table(noun: str) -> sa.Table:
    if noun not in NOUNS:
        raise LedgerError(f"the ledger has no {noun!r}; it has {', '.join(NOUNS)}")
    return METADATA.tables[noun]


def _query(noun: str) -> sa.Select[Any]:
    table = _table(noun)
    return sa.select(*(table.c[name] for name in columns_of(noun)))


def _texts(noun: str, row: dict[str, Any]) -> dict[str, Any]:
    table = _table(noun)
    return {name: _text(value, table.c[name].type) for name, value in row.items()}


def _text(value: Any, kind: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(kind, Int256) and value is not None:
        return str(value)
    return value


def _cell(value: Any) -> Any:
    return json.dumps(value, separators=(",", ":")) if isinstance(value, (list, dict)) else value
