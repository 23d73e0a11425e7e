"""
Read chains over JSON-RPC.

Each name is loaded when first used, because web3 takes seconds to import.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arbx.chain.endpoint import Endpoint
    from arbx.chain.follow import Follower
    from arbx.chain.observation import Observation, observe
    from arbx.chain.reader import BlockRef, Chain
    from arbx.chain.transactions import Receipt

__all__ = ["BlockRef", "Chain", "Endpoint", "Follower", "Observation", "Receipt", "observe"]

_MODULES = {
    "BlockRef": "reader",
    "Chain": "reader",
    "Endpoint": "endpoint",
    "Follower": "follow",
    "Observation": "observation",
    "Receipt": "transactions",
    "observe": "observation",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'arbx.chain' has no attribute {name!r}")
    return getattr(importlib.import_module(f"arbx.chain.{_MODULES[name]}"), name)
