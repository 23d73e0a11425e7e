"""Hold the column types to every wei and to the order of the numbers."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from arbx.ledger.columns import Int256, Uint256, UtcTime, as_text, from_text

LARGEST = 2**256 - 1
numbers = st.integers(-LARGEST, LARGEST)


@given(numbers)
def test_the_text_gives_the_number_back(number):
    assert from_text(as_text(number)) == number


@given(numbers, numbers)
def test_texts_sort_like_their_numbers(one, other):
    assert (as_text(one) < as_text(other)) == (one < other)


def test_unsigned_texts_have_one_width():
    assert {len(as_text(number)) for number in (0, 1, LARGEST)} == {78}


def values(url, kind, numbers):
    """Return numbers as the database gives them back, sorted by it."""
    engine = sa.create_engine(url)
    column = sa.Column("number", kind)
    table = sa.Table("numbers", sa.MetaData(), column, prefixes=["TEMPORARY"])
    try:
        with engine.begin() as connection:
            table.create(connection)
            connection.execute(sa.insert(table), [{"number": number} for number in numbers])
            query = sa.select(table.c.number).order_by(table.c.number)
            return list(connection.execute(query).scalars())
    finally:
        engine.dispose()


def test_the_database_keeps_and_sorts_each_number(url):
    given = [LARGEST, -LARGEST, 0, -1, 1, 2**128, -(2**200), 10**77]

    kept = values(url, Int256(), given)

    assert kept == sorted(given)
    assert {type(number) for number in kept} == {int}


@pytest.mark.parametrize(
    ("kind", "number"), [(Uint256(), -1), (Uint256(), 2**256), (Int256(), -(2**256))]
)
def test_a_number_that_does_not_fit_is_refused(kind, number):
    with pytest.raises(sa.exc.StatementError, match="doesn't fit into 256 bits"):
        values("sqlite://", kind, [number])


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(sa.exc.StatementError, match="has a zone"):
        values("sqlite://", UtcTime(), [datetime(2026, 1, 1)])


def test_a_time_comes_back_in_utc(url):
    moment = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)

    assert values(url, UtcTime(), [moment]) == [moment]
