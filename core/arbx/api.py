"""The one public door: ``import arbx`` re-exports exactly this, each name loaded when first used."""

# Which module brings which name. Loading lazily keeps ``import arbx`` fast: numpy, pydantic and gmpy2 come in
# with the first name that needs them.
EXPORTS = {
    "arbx.errors": (
        "ArbxError", "ChainError", "ConfigError", "CurveError", "InsufficientLiquidity", "InvalidAmount",
        "InvalidState", "PluginError", "SnapshotError", "UnknownKind", "WouldRevert",
    ),
    "arbx.fields": ("Fields",),
    "arbx.host": ("Host",),
    "arbx.hookspecs": ("hookimpl",),
    "arbx.kernel": (
        "Curve", "Envelope", "Invertible", "Line", "Moebius", "Optimum", "Piecewise", "Provable", "Toothed",
        "amounts_along", "optimise",
    ),
    "arbx.market": ("Market",),
    "arbx.model": ("Call", "Cycle", "Hop", "Log", "Opportunity", "Pool", "PoolState", "Token"),
    "arbx.protocols": ("AlertSink", "ChainReader", "KeyStore", "PoolSource", "Relay"),
    "arbx.provider": ("Context", "CurveModel", "Provider"),
}  # fmt: skip
