"""The ledger: intents before any byte leaves, what relays answered, what the chain did."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import sqlalchemy as sa
from eth_utils.crypto import keccak

from arbx.execution.model import Submission
from arbx.ledger import lease as leasing
from arbx.ledger.columns import plain
from arbx.ledger.database import Database
from arbx.ledger.errors import ConflictError, LedgerError, NonceTaken
from arbx.ledger.journal import Journal
from arbx.ledger.model import Intent, IntentState, Lease
from arbx.ledger.tables import LIVE, inclusions, intents, submissions

__all__ = ["Ledger", "intent_of"]

_TTL_S = 15.0
_INSERT = sa.insert(intents).returning(intents.c.id)


class Ledger:
    """
    Keep what one or several signers do, durably.

    ::

        ledger = Ledger("sqlite:///ledger.sqlite")
        lease = ledger.acquire(chain_id=1, signer="0x…")
        intent = ledger.intend(lease, nonce=7, raw=signed)     # on the disk: now send it
        ledger.record_submissions(intent, submissions)
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self.database = Database(url, create=create)
        self.journal = Journal(self.database)
        self._holder = leasing.holder_name()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Return the ledger's URL without its password."""
        return self.database.name

    def close(self) -> None:
        """Close the connections; what is written stays."""
        self.database.close()

    def acquire(self, chain_id: int, signer: str, *, ttl_s: float = _TTL_S) -> Lease:
        """Become the one process that sends for *signer*; raise LeaseHeld while there is another."""
        _check_address(signer)
        return leasing.acquire(self.database, chain_id, signer, self._holder, ttl_s)

    def renew(self, lease: Lease, *, ttl_s: float = _TTL_S) -> Lease:
        """Extend the lease, well before it expires; raise LeaseLost when another process has it."""
        return leasing.renew(self.database, lease, ttl_s)

    def release(self, lease: Lease) -> None:
        """Let the next process begin at once."""
        leasing.release(self.database, lease)

    def intend(
        self,
        lease: Lease,
        nonce: int,
        raw: bytes,
        *,
        last_block: int | None = None,
        plan_id: int | None = None,
        withheld: bool = False,
    ) -> Intent:
        """
        Write the signed bytes down; when this returns they are on the disk and may leave.

        Where they are *withheld* they may leave for a simulation only, until they are allowed. The same bytes again
        give the same intent. Other bytes for a nonce that may still land, or has landed, are
        refused with NonceTaken.
        """
        row = {
            "chain_id": lease.chain_id,
            "signer": lease.signer,
            "nonce": nonce,
            "tx_hash": "0x" + keccak(raw).hex(),
            "raw": raw,
            "last_block": last_block,
            "plan_id": plan_id,
            "state": IntentState.OPEN.value,
            "final": False,
            "lease_token": lease.token,
            "withheld": withheld,
        }
        # The unique indexes decide. Asking first would cost every intent a query, for the rare conflict.
        try:
            with self.database.writing() as connection:
                leasing.check(connection, lease)
                row["recorded_at"] = self.database.now(connection)
                added = connection.execute(_INSERT, row).scalar_one()
        except ConflictError as conflict:
            return self._known(lease, row, conflict)
        return intent_of({"id": added, **row})

    def allow(self, lease: Lease, intent: Intent) -> Intent:
        """Write down that withheld bytes may be submitted; when this returns that is on the disk."""
        update = sa.update(intents).where(
            intents.c.id == intent.id, intents.c.state == IntentState.OPEN.value
        )
        with self.database.writing() as connection:
            leasing.check(connection, lease)
            if connection.execute(update.values(withheld=False)).rowcount != 1:
                raise LedgerError(f"{intent.tx_hash} is no longer open; sign a new transaction")
        return attrs.evolve(intent, withheld=False)

    def _known(self, lease: Lease, wish: dict[str, Any], conflict: ConflictError) -> Intent:
        """Return the intent with these very bytes; raise NonceTaken when there are others."""
        with self.database.writing() as connection:
            leasing.check(connection, lease)
            for known in _rivals(connection, lease, wish["nonce"], wish["tx_hash"]):
                if known.tx_hash == wish["tx_hash"]:
                    return _again(connection, known, wish["nonce"], wish["last_block"])
                raise NonceTaken(_taken(known))
        raise conflict

    def next_nonce(self, chain_id: int, signer: str, chain_nonce: int) -> int:
        """
        Return the least nonce that no live intent has; *chain_nonce* is how many the chain has used.

        It fills the hole that a missed bundle left: what comes after a hole can't land.
        """
        query = sa.select(intents.c.nonce).where(
            intents.c.chain_id == chain_id,
            intents.c.signer == signer,
            intents.c.nonce >= chain_nonce,
            intents.c.state.in_(LIVE),
        )
        with self.database.reading() as connection:
            taken = set(connection.execute(query).scalars())
        nonce = chain_nonce
        while nonce in taken:
            nonce += 1
        return nonce

    def unsettled(self, chain_id: int) -> tuple[Intent, ...]:
        """Return the intents whose state the chain can still change, oldest first."""
        return self._intents(intents.c.chain_id == chain_id, sa.not_(intents.c.final))

    def inclusion_blocks(self, chain_id: int) -> dict[int, int]:
        """Return by the intent's id the block that has it, of those that are not final."""
        query = (
            sa.select(inclusions.c.intent_id, inclusions.c.block)
            .join(intents, intents.c.id == inclusions.c.intent_id)
            .where(
                intents.c.chain_id == chain_id, sa.not_(intents.c.final), inclusions.c.canonical
            )
        )
        with self.database.reading() as connection:
            return {row.intent_id: row.block for row in connection.execute(query)}

    def open_intents(self, chain_id: int, signer: str) -> tuple[Intent, ...]:
        """Return the intents that can still land: those that are sendable, and no others, may be sent again."""
        return self._intents(
            intents.c.chain_id == chain_id,
            intents.c.signer == signer,
            intents.c.state == IntentState.OPEN.value,
        )

    def signers(self, chain_id: int) -> tuple[str, ...]:
        """Return the addresses that have intents."""
        query = sa.select(intents.c.signer).where(intents.c.chain_id == chain_id)
        with self.database.reading() as connection:
            found = connection.execute(query.distinct().order_by(intents.c.signer)).scalars()
            return tuple(found)

    def intents(self, chain_id: int, signer: str) -> tuple[Intent, ...]:
        """Return all intents of a signer, oldest first."""
        return self._intents(intents.c.chain_id == chain_id, intents.c.signer == signer)

    def record_submissions(self, intent: Intent, answers: Iterable[Submission]) -> None:
        """Write down what the relays answered; every answer is a row, a cancellation too."""
        with self.database.writing() as connection:
            now = self.database.now(connection)
            rows = [_submission(intent, answer) | {"recorded_at": now} for answer in answers]
            if rows:
                connection.execute(sa.insert(submissions), rows)

    def _intents(self, *where: sa.ColumnElement[bool]) -> tuple[Intent, ...]:
        query = sa.select(intents).where(*where).order_by(intents.c.id)
        with self.database.reading() as connection:
            return tuple(intent_of(dict(row)) for row in connection.execute(query).mappings())


def intent_of(row: dict[str, Any]) -> Intent:
    """Return a row of the table as the noun."""
    return Intent(
        id=row["id"],
        chain_id=row["chain_id"],
        signer=row["signer"],
        nonce=row["nonce"],
        tx_hash=row["tx_hash"],
        raw=row["raw"],
        last_block=row["last_block"],
        plan_id=row["plan_id"],
        state=IntentState(row["state"]),
        final=row["final"],
        recorded_at=row["recorded_at"],
        withheld=row["withheld"],
    )


def _rivals(connection: sa.Connection, lease: Lease, nonce: int, tx_hash: str) -> Sequence[Intent]:
    """Return the intent with these very bytes first, then the live one of the nonce."""
    live = sa.and_(
        intents.c.signer == lease.signer, intents.c.nonce == nonce, intents.c.state.in_(LIVE)
    )
    same = intents.c.tx_hash == tx_hash
    query = sa.select(intents).where(intents.c.chain_id == lease.chain_id, sa.or_(same, live))
    rows = connection.execute(query.order_by(sa.desc(same))).mappings()
    return [intent_of(dict(row)) for row in rows]


def _again(connection: sa.Connection, known: Intent, nonce: int, last_block: int | None) -> Intent:
    """Return the known intent, open for as long as both wishes say."""
    if known.nonce != nonce:
        raise LedgerError(f"{known.tx_hash} has nonce {known.nonce}, not {nonce}")
    if known.state in (IntentState.MISSED, IntentState.DEAD):
        raise NonceTaken(
            f"{known.tx_hash} was given up as {known.state}; sign a new transaction instead"
        )
    both = known.last_block is not None and last_block is not None
    until = max(known.last_block or 0, last_block or 0) if both else None
    if until != known.last_block:
        update = sa.update(intents).where(intents.c.id == known.id).values(last_block=until)
        connection.execute(update)
    query = sa.select(intents).where(intents.c.id == known.id)
    return intent_of(dict(connection.execute(query).mappings().one()))


def _taken(known: Intent) -> str:
    if known.landed:
        return f"nonce {known.nonce} of {known.signer} has landed as {known.tx_hash}; use the next"
    return (
        f"nonce {known.nonce} of {known.signer} belongs to {known.tx_hash}, which can still land; "
        "send those bytes again, or reconcile until they are missed or dead"
    )


def _submission(intent: Intent, answer: Submission) -> dict[str, Any]:
    return {
        "intent_id": intent.id,
        "relay": answer.relay,
        "target_block": answer.bundle.target_block,
        "status": answer.status.value,
        "bundle_hash": plain(answer.bundle_hash, 80),
        "reason": plain(answer.reason, 1_000),
        "latency_us": round(answer.latency_s * 1_000_000),
    }


def _check_address(signer: str) -> None:
    if not re.fullmatch("0x[0-9a-f]{40}", signer):
        raise LedgerError(f"signer: {signer!r} is not a lower-case 0x address of 20 bytes")
