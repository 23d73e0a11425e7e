"""The frozen nouns between a signed transaction and its inclusion."""

import uuid
from enum import StrEnum
from typing import Any

import attrs

from arbx.public import public

__all__ = ["Bundle", "Simulation", "Submission", "SubmissionStatus", "TransactionResult"]


@public
@attrs.frozen
class Bundle:
    """
    Signed transactions, in order, for one block; all of them or none.

    A later bundle with the same *replacement_uuid* takes the place of the earlier one.

    >>> Bundle((bytes.fromhex("02f872"),), target_block=19_000_001)
    Bundle(transactions=<1 signed>, target_block=19000001, replacement_uuid=None, reverting_hashes=(), \
min_timestamp=None, max_timestamp=None)
    """

    transactions: tuple[bytes, ...] = attrs.field(repr=lambda raw: f"<{len(raw)} signed>")
    target_block: int = attrs.field()
    replacement_uuid: str | None = attrs.field(default=None)
    reverting_hashes: tuple[str, ...] = ()
    min_timestamp: int | None = None
    max_timestamp: int | None = None

    @transactions.validator
    def _signed(self, _: Any, transactions: tuple[bytes, ...]) -> None:
        # The values are not repeated: signed bytes belong in no message.
        if not isinstance(transactions, tuple) or not transactions:
            raise ValueError("transactions: a bundle is a tuple of at least one transaction")
        if not all(isinstance(raw, bytes) and raw for raw in transactions):
            raise ValueError("transactions: each is the signed transaction, as bytes")

    @target_block.validator
    def _ahead(self, _: Any, block: int) -> None:
        if not isinstance(block, int) or block < 1:
            raise ValueError(f"target_block: {block!r} is not the number of a block to come")

    @replacement_uuid.validator
    def _canonical(self, _: Any, text: str | None) -> None:
        if text is not None and str(_uuid(text)) != text:
            raise ValueError(
                f"replacement_uuid: {text!r} is not a UUID in lower case; use str(uuid.uuid4())"
            )

    @property
    def tx_hashes(self) -> tuple[str, ...]:
        """Return keccak256 of each signed transaction, in order."""
        return tuple("0x" + _keccak(raw).hex() for raw in self.transactions)

    @property
    def bundle_hash(self) -> str:
        """Return keccak256 of the concatenated transaction hashes, as Flashbots' relay names it."""
        return "0x" + _keccak(b"".join(map(_keccak, self.transactions))).hex()


@public
@attrs.frozen
class TransactionResult:
    """What one transaction did in a simulation; *revert* is the reason, None where it succeeded."""

    tx_hash: str
    gas_used: int
    output: bytes = b""
    revert: str | None = None


@public
@attrs.frozen
class Simulation:
    """What a bundle would do on top of *state_block*: reverted as soon as one transaction is."""

    state_block: int
    results: tuple[TransactionResult, ...]
    gas_used: int
    coinbase_payment_wei: int = 0

    @property
    def revert(self) -> str | None:
        """Return the first transaction's reason to revert, or None."""
        return next((result.revert for result in self.results if result.revert is not None), None)


@public
class SubmissionStatus(StrEnum):
    """What is known of a submission. UNKNOWN is a state: the relay may have it, the bytes may be re-sent."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


@public
@attrs.frozen
class Submission:
    """One bundle at one relay. Accepted says nothing of inclusion, which only the chain tells."""

    relay: str
    bundle: Bundle
    status: SubmissionStatus
    bundle_hash: str | None = None
    reason: str | None = None
    latency_s: float = 0.0


def _keccak(data: bytes) -> bytes:
    from eth_utils.crypto import keccak  # takes a third of a second to import

    return bytes(keccak(data))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except (AttributeError, TypeError, ValueError):
        return None
