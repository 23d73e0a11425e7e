"""
Say of signed bytes that no simulator has allowed them to be submitted.

What an earlier arbx wrote was never withheld.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    false = sa.false()
    op.add_column(
        "intents", sa.Column("withheld", sa.Boolean(), nullable=False, server_default=false)
    )


def downgrade() -> None:
    """Refuse: an older arbx would send what is withheld."""
    raise NotImplementedError("an older arbx would send what is withheld; let it be missed first")
