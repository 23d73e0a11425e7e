"""What the ledger refuses, and what to do then."""

from arbx.errors import ArbxError

__all__ = ["ConflictError", "LeaseHeld", "LeaseLost", "LedgerError", "NonceTaken"]


class LedgerError(ArbxError):
    """Say which ledger failed, in what, and the cure; trading stops."""


class ConflictError(LedgerError):
    """Say that the database refused a row because of another one."""


class NonceTaken(LedgerError):
    """Say that other signed bytes with this nonce can still land, or have landed."""


class LeaseHeld(LedgerError):
    """Say that another process sends for this signer."""


class LeaseLost(LedgerError):
    """Say that another process has taken the signer over: this one must send nothing more."""
