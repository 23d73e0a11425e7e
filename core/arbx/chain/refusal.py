"""What an endpoint says instead of an answer."""

import re
from collections.abc import Sequence
from typing import Any

from arbx.errors import ChainError

__all__ = ["RefusedError", "UnansweredError", "none_answered"]

_NO_SUCH_METHOD = -32601
_REVERTED = 3
# What nodes say of a block that they have not yet, or whose state they have no longer. Their words differ: geth
# "header not found", Besu "Block not found", reth "unknown block number", anvil "BlockOutOfRangeError", …
_LACKING = re.compile(
    r"header not found|missing trie node|\bpruned\b|state .*not available|method not (found|supported)"
    r"|(unknown|no such|find|future) block|block\b.*\b(not found|not be found|out ?of ?range|unknown)"
    r"|blockoutofrange|beyond .*\bhead\b",
    re.I,
)


class RefusedError(ChainError):
    """Carry the error that a node answered: *code* and *data* are the node's own."""

    def __init__(self, text: str, code: int, data: Any = None) -> None:
        self.code, self.data = code, data
        super().__init__(text)

    def __reduce__(self) -> tuple[type, tuple[str, int, Any]]:
        return type(self), (str(self), self.code, self.data)

    @property
    def elsewhere(self) -> bool:
        """
        Tell whether another endpoint may do it: this one lacks the block, its state or the method.

        >>> RefusedError("header not found", -32000).elsewhere
        True
        >>> RefusedError("execution reverted: header not found", 3).elsewhere
        False
        """
        if self.code == _NO_SUCH_METHOD:
            return True
        # a contract may revert with any words
        reverted = self.code == _REVERTED or "revert" in str(self).lower()
        return not reverted and _LACKING.search(str(self)) is not None


class UnansweredError(ChainError):
    """Say that no usable answer came for now; *hung* when waiting for it took all its time."""

    def __init__(self, text: str, *, hung: bool = False) -> None:
        self.hung = hung
        super().__init__(text)


def none_answered(failures: Sequence[ChainError]) -> ChainError:
    """Return one error for what each of several endpoints said; it is for now if one of them is."""
    if len(failures) == 1 or all(isinstance(error, RefusedError) for error in failures):
        return failures[0]
    text = f"none of {len(failures)} endpoints answers: " + " | ".join(map(str, failures))
    passing = any(isinstance(error, UnansweredError) for error in failures)
    return UnansweredError(text) if passing else ChainError(text)
