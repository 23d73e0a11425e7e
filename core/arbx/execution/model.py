"""The frozen nouns between a signed transaction and its inclusion."""

from enum import StrEnum

import attrs

__all__ = ["Bundle", "Simulation", "Submission", "SubmissionStatus", "TransactionResult"]


@attrs.frozen
class Bundle:
    """Signed transactions, in order, for one block; all of them or none."""

    transactions: tuple[bytes, ...] = attrs.field(repr=lambda raw: f"<{len(raw)} signed>")
    target_block: int
    replacement_uuid: str | None = None
    reverting_hashes: tuple[str, ...] = ()
    min_timestamp: int | None = None
    max_timestamp: int | None = None


@attrs.frozen
class TransactionResult:
    """What one transaction did in a simulation."""

    tx_hash: str
    gas_used: int
    output: bytes = b""
    revert: str | None = None


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


class SubmissionStatus(StrEnum):
    """What is known of a submission. UNKNOWN is a state: the relay may have it, the bytes may be re-sent."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


@attrs.frozen
class Submission:
    """One bundle at one relay. Accepted says nothing of inclusion, which only the chain tells."""

    relay: str
    bundle: Bundle
    status: SubmissionStatus
    bundle_hash: str | None = None
    reason: str | None = None
    latency_s: float = 0.0
