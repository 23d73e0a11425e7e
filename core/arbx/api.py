"""The one public door: ``import arbx`` re-exports exactly this, each name loaded when first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arbx.amounts import checked_amount
    from arbx.errors import (
        ArbxError,
        ChainError,
        ConfigError,
        CurveError,
        InsufficientLiquidity,
        InvalidAmount,
        InvalidState,
        PluginError,
        RelayError,
        SigningError,
        SnapshotError,
        StaleState,
        UnknownKind,
        WouldRevert,
    )
    from arbx.execution.model import (
        Bundle,
        Simulation,
        Submission,
        SubmissionStatus,
        TransactionResult,
    )
    from arbx.execution.submission import Submitter, bundles_for
    from arbx.fields import Fields
    from arbx.hookspecs import hookimpl
    from arbx.host import Host
    from arbx.kernel import (
        Ceiled,
        Curve,
        Envelope,
        Invertible,
        Line,
        Moebius,
        Optimum,
        Piecewise,
        Provable,
        Teeth,
        Toothed,
        amounts_along,
        optimise,
    )
    from arbx.market import Market
    from arbx.model import Call, Cycle, Hop, Log, Opportunity, Pool, PoolState, Token
    from arbx.onchain import event_words, read_tokens
    from arbx.presets import Address, FactorySettings, known_on, shipped_table
    from arbx.protocols import (
        AlertSink,
        ChainReader,
        Growing,
        KeyStore,
        KeyWriter,
        PoolSource,
        Probeable,
        Relay,
        Selective,
    )
    from arbx.provider import Context, CurveModel, Provider
    from arbx.telemetry.events import EventKind, Severity, event_kind

__all__ = [
    "Address",
    "AlertSink",
    "ArbxError",
    "Bundle",
    "Call",
    "Ceiled",
    "ChainError",
    "ChainReader",
    "ConfigError",
    "Context",
    "Curve",
    "CurveError",
    "CurveModel",
    "Cycle",
    "Envelope",
    "EventKind",
    "FactorySettings",
    "Fields",
    "Growing",
    "Hop",
    "Host",
    "InsufficientLiquidity",
    "InvalidAmount",
    "InvalidState",
    "Invertible",
    "KeyStore",
    "KeyWriter",
    "Line",
    "Log",
    "Market",
    "Moebius",
    "Opportunity",
    "Optimum",
    "Piecewise",
    "PluginError",
    "Pool",
    "PoolSource",
    "PoolState",
    "Probeable",
    "Provable",
    "Provider",
    "Relay",
    "RelayError",
    "Selective",
    "Severity",
    "SigningError",
    "Simulation",
    "SnapshotError",
    "StaleState",
    "Submission",
    "SubmissionStatus",
    "Submitter",
    "Teeth",
    "Token",
    "Toothed",
    "TransactionResult",
    "UnknownKind",
    "WouldRevert",
    "amounts_along",
    "bundles_for",
    "checked_amount",
    "event_kind",
    "event_words",
    "hookimpl",
    "known_on",
    "optimise",
    "read_tokens",
    "shipped_table",
]

# Which module brings which name; a test checks that the three tables agree. Loading lazily keeps
# ``import arbx`` fast: numpy, pydantic and gmpy2 come in with the first name that needs them.
EXPORTS = {
    "arbx.amounts": ("checked_amount",),
    "arbx.errors": (
        "ArbxError", "ChainError", "ConfigError", "CurveError", "InsufficientLiquidity", "InvalidAmount",
        "InvalidState", "PluginError", "RelayError", "SigningError", "SnapshotError", "StaleState",
        "UnknownKind", "WouldRevert",
    ),
    "arbx.execution.model": (
        "Bundle", "Simulation", "Submission", "SubmissionStatus", "TransactionResult",
    ),
    "arbx.execution.submission": ("Submitter", "bundles_for"),
    "arbx.fields": ("Fields",),
    "arbx.host": ("Host",),
    "arbx.hookspecs": ("hookimpl",),
    "arbx.kernel": (
        "Ceiled", "Curve", "Envelope", "Invertible", "Line", "Moebius", "Optimum", "Piecewise", "Provable",
        "Teeth", "Toothed", "amounts_along", "optimise",
    ),
    "arbx.market": ("Market",),
    "arbx.model": ("Call", "Cycle", "Hop", "Log", "Opportunity", "Pool", "PoolState", "Token"),
    "arbx.onchain": ("event_words", "read_tokens"),
    "arbx.presets": ("Address", "FactorySettings", "known_on", "shipped_table"),
    "arbx.protocols": (
        "AlertSink", "ChainReader", "Growing", "KeyStore", "KeyWriter", "PoolSource", "Probeable", "Relay",
        "Selective",
    ),
    "arbx.provider": ("Context", "CurveModel", "Provider"),
    "arbx.telemetry.events": ("EventKind", "Severity", "event_kind"),
}  # fmt: skip

_HOME = {name: module for module, names in EXPORTS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'arbx' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
