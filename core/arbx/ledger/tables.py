"""
The tables, by the words of the straight line.

What is seen each block (opportunities, skips, plans, simulations, submissions) grows for ever: in PostgreSQL those
tables are partitioned by month, and an old month may be dropped. What concerns money (intents, inclusions) is kept
for ever, so it refers to the others by number only.
"""

from typing import Any

import sqlalchemy as sa

from arbx.ledger.columns import Id, Int256, Json, Uint256, UtcTime

__all__ = [
    "LIVE",
    "METADATA",
    "PARTITIONED",
    "REVISION",
    "inclusions",
    "intents",
    "leases",
    "opportunities",
    "plans",
    "simulations",
    "skips",
    "submissions",
]

# The newest migration; a test compares it with alembic's own answer.
REVISION = "0002"
PARTITIONED = ("opportunities", "skips", "plans", "simulations", "submissions")
# The states in which a nonce belongs to these very bytes.
LIVE = ("open", "included", "reverted")

METADATA = sa.MetaData()

# Not alembic's own "alembic_version": a shared PostgreSQL database may have one already.
VERSION_TABLE = "arbx_ledger_version"


def _table(name: str, *rest: Any) -> sa.Table:
    key = sa.Column("id", Id, primary_key=True, autoincrement=True)
    return sa.Table(name, METADATA, key, _required("recorded_at", UtcTime()), *rest)


def _required(name: str, kind: Any, *rest: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, nullable=False)


def _optional(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


opportunities = _table(
    "opportunities",
    _required("chain_id", sa.BigInteger()),
    _required("block", sa.BigInteger()),
    _required("token", sa.String(66)),
    _required("exchanges", sa.Text()),  # labels in order of the hops, with commas
    _required("cycle", Json),
    _required("amount_in", Uint256()),
    _required("gross_profit", Int256()),
    _optional("upper_bound", Int256()),
    sa.Index("ix_opportunities_recorded_at", "recorded_at"),
)

skips = _table(
    "skips",
    _required("chain_id", sa.BigInteger()),
    _required("block", sa.BigInteger()),
    _optional("opportunity_id", sa.BigInteger()),
    _required("reason", sa.String(64)),
    _required("detail", sa.Text()),
    sa.Index("ix_skips_recorded_at", "recorded_at"),
)

plans = _table(
    "plans",
    _required("chain_id", sa.BigInteger()),
    _optional("opportunity_id", sa.BigInteger()),
    _required("target_block", sa.BigInteger()),
    _required("token", sa.String(66)),
    _required("gross_profit", Int256()),
    _required("gas_cost", Uint256()),
    _required("builder_payment", Uint256()),
    _required("token_per_wei_x96", Uint256()),
    _required("min_profit", Uint256()),
    _required("gas_limit", sa.BigInteger()),
    _required("max_fee_per_gas_wei", Uint256()),
    _required("priority_fee_per_gas_wei", Uint256()),
    sa.Index("ix_plans_recorded_at", "recorded_at"),
    sa.Index("ix_plans_id", "id"),
)

simulations = _table(
    "simulations",
    _required("chain_id", sa.BigInteger()),
    _required("plan_id", sa.BigInteger()),
    _required("simulator", sa.String(64)),
    _required("state_block", sa.BigInteger()),
    _required("gas_used", sa.BigInteger()),
    _required("coinbase_payment_wei", Uint256()),
    _optional("revert", sa.Text()),
    sa.Index("ix_simulations_recorded_at", "recorded_at"),
)

intents = _table(
    "intents",
    _required("chain_id", sa.BigInteger()),
    _required("signer", sa.String(42)),
    _required("nonce", sa.BigInteger()),
    _required("tx_hash", sa.String(66)),
    _required("raw", sa.LargeBinary()),
    _optional("last_block", sa.BigInteger()),
    _optional("plan_id", sa.BigInteger()),
    _required("state", sa.String(16)),
    _required("final", sa.Boolean()),
    _required("lease_token", sa.BigInteger()),
    sa.Column("withheld", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("chain_id", "tx_hash", name="uq_intents_tx_hash"),
    sa.Index(
        "uq_intents_live_nonce",
        "chain_id",
        "signer",
        "nonce",
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'included', 'reverted')"),
        postgresql_where=sa.text("state IN ('open', 'included', 'reverted')"),
    ),
    # What reconciliation asks for, and it is small: most intents are final.
    sa.Index(
        "ix_intents_not_final",
        "chain_id",
        sqlite_where=sa.text("NOT final"),
        postgresql_where=sa.text("NOT final"),
    ),
    sa.Index("ix_intents_recorded_at", "recorded_at"),
)

submissions = _table(
    "submissions",
    _required("intent_id", sa.BigInteger(), sa.ForeignKey("intents.id")),
    _required("relay", sa.String(64)),
    _required("target_block", sa.BigInteger()),
    _required("status", sa.String(16)),
    _optional("bundle_hash", sa.String(80)),
    _optional("reason", sa.Text()),
    _required("latency_us", sa.BigInteger()),
    sa.Index("ix_submissions_recorded_at", "recorded_at"),
    sa.Index("ix_submissions_intent_id", "intent_id"),
)

inclusions = _table(
    "inclusions",
    _required("intent_id", sa.BigInteger(), sa.ForeignKey("intents.id")),
    _required("block", sa.BigInteger()),
    _required("block_hash", sa.String(66)),
    _required("status", sa.String(16)),
    _required("gas_used", sa.BigInteger()),
    _required("effective_gas_price_wei", Uint256()),
    _required("canonical", sa.Boolean()),
    _optional("expected_profit", Int256()),
    _optional("realised_profit", Int256()),
    _optional("moved_state", Int256()),
    _optional("gas", Int256()),
    _optional("builder_payment", Int256()),
    _optional("failed", Int256()),
    sa.Index("ix_inclusions_intent_id", "intent_id"),
    sa.Index(
        "uq_inclusions_canonical",
        "intent_id",
        unique=True,
        sqlite_where=sa.text("canonical"),
        postgresql_where=sa.text("canonical"),
    ),
    sa.Index("ix_inclusions_recorded_at", "recorded_at"),
)

leases = sa.Table(
    "leases",
    METADATA,
    sa.Column("chain_id", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("signer", sa.String(42), primary_key=True),
    _required("holder", sa.String(128)),
    _required("token", sa.BigInteger()),
    _required("expires_at", UtcTime()),
)
