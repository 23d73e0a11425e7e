"""Hold the migrations to the tables that the program writes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import arbx.ledger
from arbx.ledger import Ledger, Skip
from arbx.ledger.migrate import extend_partitions
from arbx.ledger.tables import METADATA, PARTITIONED, REVISION, VERSION_TABLE


def test_the_revision_that_is_expected_is_the_newest_migration():
    config = Config()
    folder = Path(arbx.ledger.__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder))

    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_a_migrated_ledger_has_the_tables_of_the_program(ledger):
    def ours(entry, name, kind, *_):
        months = kind == "table" and name.startswith(tuple(f"{t}_" for t in PARTITIONED))
        return not months

    with ledger.database.writing() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": VERSION_TABLE, "include_object": ours, "compare_type": False},
        )

        assert compare_metadata(context, METADATA) == []


def test_opening_again_changes_nothing(url, ledger):
    ledger.journal.record_skips([Skip("profit_below_gas", 1, 5)])
    Ledger(url).close()
    with ledger.database.reading() as connection:
        count = connection.execute(sa.text("SELECT count(*) FROM skips")).scalar()

    assert count == 1


def test_what_an_earlier_arbx_intended_was_never_withheld(url, ledger, lease):
    intent = ledger.intend(lease, 3, b"bytes")
    with ledger.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE intents DROP COLUMN withheld")
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '0001'")
    with Ledger(url) as again:
        found = again.unsettled(1)

    assert found == (intent,)
    assert found[0].sendable


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_rows_go_to_the_partition_of_their_month(ledger):
    ledger.journal.record_skips([Skip("profit_below_gas", 1, 5)])
    month = datetime.now(UTC).strftime("skips_%Y_%m")
    with ledger.database.reading() as connection:
        (place,) = connection.execute(sa.text("SELECT tableoid::regclass::text FROM skips")).one()

    assert place == month


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_year_of_months_is_made_ahead_and_early_rows_stay_where_they_are(ledger):
    with ledger.database.writing() as connection:
        row = "('2031-05-07 00:00+00', 1, 5, 'late', '')"
        insert = "INSERT INTO skips (recorded_at, chain_id, block, reason, detail) VALUES "
        connection.exec_driver_sql(insert + row)
        extend_partitions(connection, datetime(2031, 3, 1, tzinfo=UTC))
        names = set(sa.inspect(connection).get_table_names())

    assert {"skips_2031_03", "skips_2032_03", "plans_2031_05"} <= names
    assert "skips_2031_05" not in names
