"""Run the migrations on the connection that the ledger has opened (arbx.ledger.migrate)."""

from alembic import context

from arbx.ledger.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    # SQLite can't alter a column in place: alembic copies the table instead.
    render_as_batch=True,
)
context.run_migrations()
