"""Read what nodes answer, strictly."""

from collections.abc import Callable
from typing import Any, TypeVar

from arbx.errors import ChainError

__all__ = ["answer_as", "as_bytes", "as_is", "as_quantity"]

T = TypeVar("T")


def answer_as(read: Callable[[Any], T], answer: Any, name: str, method: str) -> T:
    """Return what *read* makes of an answer; blame the endpoint for one that it can't read."""
    try:
        return read(answer)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise ChainError(
            f"{name}: the answer to {method} is not what Ethereum nodes give "
            f"({str(answer)[:40]!r}); check the URL"
        ) from None


def as_is(answer: Any) -> Any:
    """Return the answer unread."""
    return answer


def as_quantity(answer: Any) -> int:
    """
    Return a number.

    >>> as_quantity("0x10")
    16
    """
    return int(answer, 16)


def as_bytes(answer: Any) -> bytes:
    r"""
    Return bytes.

    >>> as_bytes("0x0a0b")
    b'\n\x0b'
    """
    if answer[:2] != "0x":
        raise ValueError("bytes begin with 0x")
    return bytes.fromhex(answer[2:])
