"""
The first ledger.

A migration is history: it repeats the tables instead of importing them, which change.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from arbx.ledger.columns import Id, Int256, Json, Uint256, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_LIVE = sa.text("state IN ('open', 'included', 'reverted')")
_NOT_FINAL = sa.text("NOT final")
_CANONICAL = sa.text("canonical")


def upgrade() -> None:
    """Make the tables."""
    _money()
    _seen()
    _decided()


def downgrade() -> None:
    """Refuse: there is nothing before the first ledger but losing it."""
    raise NotImplementedError("the first revision has none before it; delete the ledger instead")


def _money() -> None:
    big = sa.BigInteger()
    op.create_table(
        "leases",
        sa.Column("chain_id", big, primary_key=True, autoincrement=False),
        sa.Column("signer", sa.String(42), primary_key=True),
        _required("holder", sa.String(128)),
        _required("token", big),
        _required("expires_at", UtcTime()),
    )
    op.create_table(
        "intents",
        *_key(),
        _required("chain_id", big),
        _required("signer", sa.String(42)),
        _required("nonce", big),
        _required("tx_hash", sa.String(66)),
        _required("raw", sa.LargeBinary()),
        sa.Column("last_block", big),
        sa.Column("plan_id", big),
        _required("state", sa.String(16)),
        _required("final", sa.Boolean()),
        _required("lease_token", big),
        sa.UniqueConstraint("chain_id", "tx_hash", name="uq_intents_tx_hash"),
    )
    _partial_index(
        "uq_intents_live_nonce", "intents", ["chain_id", "signer", "nonce"], _LIVE, True
    )
    _partial_index("ix_intents_not_final", "intents", ["chain_id"], _NOT_FINAL, False)
    op.create_index("ix_intents_recorded_at", "intents", ["recorded_at"])
    _inclusions()


def _inclusions() -> None:
    op.create_table(
        "inclusions",
        *_key(),
        _required("intent_id", sa.BigInteger(), sa.ForeignKey("intents.id")),
        _required("block", sa.BigInteger()),
        _required("block_hash", sa.String(66)),
        _required("status", sa.String(16)),
        _required("gas_used", sa.BigInteger()),
        _required("effective_gas_price_wei", Uint256()),
        _required("canonical", sa.Boolean()),
        sa.Column("expected_profit", Int256()),
        sa.Column("realised_profit", Int256()),
        sa.Column("moved_state", Int256()),
        sa.Column("gas", Int256()),
        sa.Column("builder_payment", Int256()),
        sa.Column("failed", Int256()),
    )
    op.create_index("ix_inclusions_intent_id", "inclusions", ["intent_id"])
    _partial_index("uq_inclusions_canonical", "inclusions", ["intent_id"], _CANONICAL, True)
    op.create_index("ix_inclusions_recorded_at", "inclusions", ["recorded_at"])


def _seen() -> None:
    big = sa.BigInteger()
    _growing(
        "opportunities",
        _required("chain_id", big),
        _required("block", big),
        _required("token", sa.String(66)),
        _required("exchanges", sa.Text()),
        _required("cycle", Json),
        _required("amount_in", Uint256()),
        _required("gross_profit", Int256()),
        sa.Column("upper_bound", Int256()),
    )
    _growing(
        "skips",
        _required("chain_id", big),
        _required("block", big),
        sa.Column("opportunity_id", big),
        _required("reason", sa.String(64)),
        _required("detail", sa.Text()),
    )


def _decided() -> None:
    big = sa.BigInteger()
    _growing(
        "plans",
        _required("chain_id", big),
        sa.Column("opportunity_id", big),
        _required("target_block", big),
        _required("token", sa.String(66)),
        _required("gross_profit", Int256()),
        _required("gas_cost", Uint256()),
        _required("builder_payment", Uint256()),
        _required("token_per_wei_x96", Uint256()),
        _required("min_profit", Uint256()),
        _required("gas_limit", big),
        _required("max_fee_per_gas_wei", Uint256()),
        _required("priority_fee_per_gas_wei", Uint256()),
    )
    op.create_index("ix_plans_id", "plans", ["id"])
    _growing(
        "simulations",
        _required("chain_id", big),
        _required("plan_id", big),
        _required("simulator", sa.String(64)),
        _required("state_block", big),
        _required("gas_used", big),
        _required("coinbase_payment_wei", Uint256()),
        sa.Column("revert", sa.Text()),
    )
    _growing(
        "submissions",
        _required("intent_id", big, sa.ForeignKey("intents.id")),
        _required("relay", sa.String(64)),
        _required("target_block", big),
        _required("status", sa.String(16)),
        sa.Column("bundle_hash", sa.String(80)),
        sa.Column("reason", sa.Text()),
        _required("latency_us", big),
    )
    op.create_index("ix_submissions_intent_id", "submissions", ["intent_id"])


def _growing(name: str, *columns: sa.Column[Any]) -> None:
    """Make a table, in PostgreSQL partitioned by month."""
    if op.get_bind().dialect.name == "postgresql":
        identity = sa.Column("id", Id, autoincrement=True, nullable=False)
        time = _required("recorded_at", UtcTime())
        # PostgreSQL wants the time in the key of what is partitioned by it.
        key = sa.PrimaryKeyConstraint("id", "recorded_at")
        op.create_table(
            name, identity, time, *columns, key, postgresql_partition_by="RANGE (recorded_at)"
        )
        op.execute(f"CREATE TABLE {name}_default PARTITION OF {name} DEFAULT")
    else:
        op.create_table(name, *_key(), *columns)
    op.create_index(f"ix_{name}_recorded_at", name, ["recorded_at"])


def _key() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return (
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _required("recorded_at", UtcTime()),
    )


def _required(name: str, kind: Any, *rest: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, nullable=False)


def _partial_index(
    name: str, table: str, columns: list[str], where: sa.TextClause, unique: bool
) -> None:
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where
    )
