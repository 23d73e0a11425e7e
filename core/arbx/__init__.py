"""Find, size, prove, simulate and execute on-chain arbitrage with plugins."""

from typing import TYPE_CHECKING, Any

from arbx import api

if TYPE_CHECKING:
    from arbx.api import *  # noqa: F403  # type checkers see what __getattr__ brings at run time

__version__ = "0.1.0"
__all__ = sorted([*api.__all__, "__version__"])  # noqa: PLE0605  # computed from the table in api


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'arbx' has no attribute {name!r}")
    value = getattr(api, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
