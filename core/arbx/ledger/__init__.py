"""
Remember what was seen, decided, signed, sent and paid.

Each name is loaded when first used, because SQLAlchemy takes a third of a second to import.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arbx.ledger.errors import LeaseHeld, LeaseLost, LedgerError, NonceTaken
    from arbx.ledger.explain import Costs, Difference, Executed
    from arbx.ledger.journal import Journal
    from arbx.ledger.model import Attempt, Intent, IntentState, Lease, PlanRecord, Skip
    from arbx.ledger.reconciliation import Reconciliation, reconcile
    from arbx.ledger.store import Ledger

__all__ = [
    "Attempt",
    "Costs",
    "Difference",
    "Executed",
    "Intent",
    "IntentState",
    "Journal",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "Ledger",
    "LedgerError",
    "NonceTaken",
    "PlanRecord",
    "Reconciliation",
    "Skip",
    "reconcile",
]

_MODULES = {
    "Attempt": "model",
    "Costs": "explain",
    "Difference": "explain",
    "Executed": "explain",
    "Intent": "model",
    "IntentState": "model",
    "Journal": "journal",
    "Lease": "model",
    "LeaseHeld": "errors",
    "LeaseLost": "errors",
    "Ledger": "store",
    "LedgerError": "errors",
    "NonceTaken": "errors",
    "PlanRecord": "model",
    "Reconciliation": "reconciliation",
    "Skip": "model",
    "reconcile": "reconciliation",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'arbx.ledger' has no attribute {name!r}")
    return getattr(importlib.import_module(f"arbx.ledger.{_MODULES[name]}"), name)
