"""Refuse amounts that are no amounts."""

from operator import index
from typing import Any

from arbx.errors import InvalidAmount

__all__ = ["checked_amount"]


def checked_amount(amount: Any) -> int:
    """
    Return the amount as an int; raise InvalidAmount when it is negative or not an integer.

    >>> checked_amount(7)
    7
    >>> checked_amount(1.5)
    Traceback (most recent call last):
    arbx.api.InvalidAmount: 1.5 (float) is not an integer amount
    """
    if isinstance(amount, bool) or not hasattr(amount, "__index__"):
        raise InvalidAmount(
            f"{str(amount)[:40]} ({type(amount).__name__}) is not an integer amount"
        )
    value = int(index(amount))
    if value < 0:
        raise InvalidAmount(f"{value} is negative; an amount is at least 0")
    return value
