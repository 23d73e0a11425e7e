"""
Import what arbx uses of web3, and keep Python's recursion limit.

web3 brings py_ecc, and that raises the limit to 100,000: JSON that is nested deeper than the stack, from a node or in
a file, would then crash the process instead of raising RecursionError.
"""

import sys

_LIMIT = sys.getrecursionlimit()

from web3.providers.rpc import AsyncHTTPProvider  # noqa: E402  # the limit is read before
from web3.types import RPCEndpoint  # noqa: E402

sys.setrecursionlimit(_LIMIT)

__all__ = ["AsyncHTTPProvider", "RPCEndpoint"]
