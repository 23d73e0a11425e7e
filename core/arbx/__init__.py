"""Find, size, prove, simulate and execute on-chain arbitrage with plugins."""

from importlib import import_module
from typing import Any

from arbx.api import EXPORTS

__version__ = "0.1.0"

_HOME = {name: module for module, names in EXPORTS.items() for name in names}
__all__ = sorted([*_HOME, "__version__"])  # noqa: PLE0605  # computed from the one table in arbx.api


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'arbx' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
