"""One process per signer: a lease that expires, is renewed, and fences off who lost it."""

import os
import secrets
import socket
from datetime import datetime, timedelta

import sqlalchemy as sa

from arbx.ledger.database import Database
from arbx.ledger.errors import LeaseHeld, LeaseLost
from arbx.ledger.model import Lease
from arbx.ledger.tables import leases

__all__ = ["acquire", "check", "holder_name", "release", "renew"]

# Built once: each intent asks it. SQLite, which has only one writer, ignores FOR UPDATE.
_ROW = (
    sa.select(leases.c.holder, leases.c.token, leases.c.expires_at)
    .where(
        leases.c.chain_id == sa.bindparam("at_chain"), leases.c.signer == sa.bindparam("at_signer")
    )
    .with_for_update()
)


def holder_name() -> str:
    """Return a name that no other process ever had."""
    return f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(8)}"


def acquire(database: Database, chain_id: int, signer: str, holder: str, ttl_s: float) -> Lease:
    """Take the lease; raise LeaseHeld while another holder's has not expired."""
    with database.writing() as connection:
        now = database.now(connection)
        # PostgreSQL: make the row first, for there must be something to lock.
        connection.execute(_first_row(connection.dialect.name, chain_id, signer, now))
        at = {"at_chain": chain_id, "at_signer": signer}
        row = connection.execute(_ROW, at).one()
        if row.holder != holder and row.expires_at > now:
            left_s = (row.expires_at - now).total_seconds()
            raise LeaseHeld(
                f"{signer} on chain {chain_id} is used by {row.holder}; "
                f"end that process, or wait {left_s:.1f} s until its lease expires"
            )
        lease = Lease(chain_id, signer, holder, row.token + 1, now + timedelta(seconds=ttl_s))
        connection.execute(_update(lease).values(holder=holder, token=lease.token))
    return lease


def renew(database: Database, lease: Lease, ttl_s: float) -> Lease:
    """Extend the lease; one that expired but was taken by nobody is still ours."""
    with database.writing() as connection:
        check(connection, lease)
        expires_at = database.now(connection) + timedelta(seconds=ttl_s)
        renewed = Lease(lease.chain_id, lease.signer, lease.holder, lease.token, expires_at)
        connection.execute(_update(renewed))
    return renewed


def release(database: Database, lease: Lease) -> None:
    """Let the next process begin at once; do nothing if the lease was lost."""
    with database.writing() as connection:
        ended = sa.update(leases).where(*_key(lease.chain_id, lease.signer))
        connection.execute(
            ended.where(leases.c.token == lease.token).values(expires_at=database.now(connection))
        )


def check(connection: sa.Connection, lease: Lease) -> None:
    """Hold the lease's row until the transaction ends; raise LeaseLost when it isn't ours."""
    at = {"at_chain": lease.chain_id, "at_signer": lease.signer}
    row = connection.execute(_ROW, at).one_or_none()
    if row is None or row.token != lease.token:
        other = "nobody" if row is None else row.holder
        raise LeaseLost(
            f"{lease.signer} on chain {lease.chain_id} was taken over by {other}; "
            "send nothing more, and start again"
        )


def _key(chain_id: int, signer: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return leases.c.chain_id == chain_id, leases.c.signer == signer


def _update(lease: Lease) -> sa.Update:
    at = _key(lease.chain_id, lease.signer)
    return sa.update(leases).where(*at).values(expires_at=lease.expires_at)


def _first_row(dialect: str, chain_id: int, signer: str, now: datetime) -> sa.Insert:
    from sqlalchemy.dialects import postgresql, sqlite

    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    empty = {"chain_id": chain_id, "signer": signer, "holder": "", "token": 0, "expires_at": now}
    return insert(leases).values(empty).on_conflict_do_nothing()
