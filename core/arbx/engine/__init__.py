"""
The straight line: observe, price, search, size, choose, plan, simulate, limit, sign, submit, remember, tell.

Each name is loaded when first used, because what is behind it takes seconds to import.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arbx.engine.loop import Engine
    from arbx.engine.policy import Draft, Live, Outcome, Policy, Skipped

__all__ = ["Draft", "Engine", "Live", "Outcome", "Policy", "Skipped"]

_MODULES = {
    "Draft": "policy",
    "Engine": "loop",
    "Live": "policy",
    "Outcome": "policy",
    "Policy": "policy",
    "Skipped": "policy",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'arbx.engine' has no attribute {name!r}")
    return getattr(importlib.import_module(f"arbx.engine.{_MODULES[name]}"), name)
