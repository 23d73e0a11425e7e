"""Column types that keep every wei, in PostgreSQL and in SQLite, in an order that SQL can compare."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

__all__ = ["Id", "Int256", "Json", "Uint256", "UtcTime", "plain"]

_DIGITS = 78  # 2**256 - 1 has as many
_COMPLEMENT = 10**_DIGITS


class Int256(sa.types.TypeDecorator[int]):
    """
    Keep a signed integer below 2**256: NUMERIC(78,0) in PostgreSQL, text in SQLite.

    The text of a negative number is "-" and its complement to 10**78, so that texts sort like the numbers.
    """

    impl = sa.String(_DIGITS + 1)
    cache_ok = True
    _lowest = -(2**256) + 1

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Return the column type of that database."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Numeric(_DIGITS, 0))
        return dialect.type_descriptor(sa.String(_DIGITS + 1))

    def process_bind_param(self, value: int | None, dialect: sa.Dialect) -> Any:
        """Return what the database keeps."""
        if value is None:
            return None
        number = int(value)
        if not self._lowest <= number < 2**256:
            raise ValueError(f"{number} doesn't fit into 256 bits")
        return Decimal(number) if dialect.name == "postgresql" else as_text(number)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> int | None:
        """Return the integer."""
        if value is None:
            return None
        return int(value) if dialect.name == "postgresql" else from_text(value)


class Uint256(Int256):
    """Keep an unsigned integer below 2**256, zero-padded where it is text."""

    cache_ok = True
    _lowest = 0


class UtcTime(sa.types.TypeDecorator[datetime]):
    """Keep a point in time: timestamptz in PostgreSQL, UTC without a zone in SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return what the database keeps; refuse a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time in the ledger has a zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return the time in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def as_text(number: int) -> str:
    """
    Return *number* as text that sorts like numbers do.

    >>> as_text(-1) < as_text(0) < as_text(2**255), from_text(as_text(-12))
    (True, -12)
    """
    if number < 0:
        return f"-{_COMPLEMENT + number:0{_DIGITS}d}"
    return f"{number:0{_DIGITS}d}"


def from_text(text: str) -> int:
    """Return the number that *as_text* wrote."""
    return int(text[1:]) - _COMPLEMENT if text.startswith("-") else int(text)


def plain(text: str | None, length: int) -> str | None:
    r"""
    Return what others said in a form that every database takes: a hostile relay must not stop the ledger.

    >>> plain("no\x00 \ud800answer", 7)
    'no� �an'
    """
    if text is None:
        return None
    whole = text[:length].replace("\x00", "\ufffd")
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# SQLite numbers rows by itself only when the key is exactly INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
