"""Every error that arbx raises on purpose; each names the place and the cure."""

from arbx.public import public

__all__ = [
    "ArbxError",
    "ChainError",
    "ConfigError",
    "CurveError",
    "InsufficientLiquidity",
    "InvalidAmount",
    "InvalidState",
    "PluginError",
    "RelayError",
    "SigningError",
    "SnapshotError",
    "StaleState",
    "UnknownKind",
    "WouldRevert",
]


@public
class ArbxError(Exception):
    """Be the root of what arbx raises on purpose; the CLI prints these without a traceback."""


@public
class ConfigError(ArbxError):
    """Say what in the configuration is wrong, where, and the cure."""


@public
class ChainError(ArbxError):
    """Say which endpoint failed, in which call, and what to try."""


@public
class PluginError(ArbxError):
    """Blame one plugin, by name, for one failure in one place."""

    def __init__(self, plugin: str, where: str, why: str, cure: str = "") -> None:
        self.plugin, self.where, self.why, self.cure = plugin, where, why, cure
        super().__init__(f"{plugin} failed in {where}: {why}" + (f"; {cure}" if cure else ""))

    def __reduce__(self) -> tuple[type, tuple[str, str, str, str]]:
        return type(self), (self.plugin, self.where, self.why, self.cure)


@public
class RelayError(ArbxError):
    """Say which relay failed, in which request, and what to try; it holds no key and no signed bytes."""


@public
class SigningError(ArbxError):
    """Say why a key store does not sign this, and what would be signed; never repeat a secret."""


@public
class SnapshotError(ArbxError):
    """Name the file, the line and the field of a pool record that can't be used."""


@public
class InvalidState(ArbxError):
    """Name the field of a pool state that the curve can't be built from."""

    def __init__(self, field: str, why: str) -> None:
        self.field, self.why = field, why
        super().__init__(f"{field}: {why}")

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.field, self.why)


@public
class StaleState(ArbxError):
    """Say that an event does not tell the whole new state: the pool must be read again."""


@public
class UnknownKind(ArbxError):
    """Say that no selected plugin prices this kind of pool, and which to install or select."""


@public
class CurveError(ArbxError):
    """Be the root of what a curve raises for an amount it can't price."""


@public
class InvalidAmount(CurveError):
    """Refuse an amount that is negative or not an integer."""


@public
class WouldRevert(CurveError):
    """Say why the contract rejects this swap."""


@public
class InsufficientLiquidity(WouldRevert):
    """Say that the pool can't take, or can't pay, this much."""
