"""A straight line that the balance of the coin out never falls below."""

from typing import Any, NamedTuple

__all__ = ["CHORD_BITS", "Chord", "chord"]

CHORD_BITS = 96
_REACH_BITS = 112  # further away there is no balance: D is below 2**112


class Chord(NamedTuple):
    """
    Bound the balance y that the contract computes: ``y >= (level - fall * (x - at)) / 2**96`` for every x.

    It touches the invariant near x = *at* and reaches y = 0 at ``at + reach``.
    """

    at: Any
    level: Any
    fall: Any
    reach: Any


def chord(at: Any, level: Any, fall: Any) -> Chord | None:
    """
    Return the chord of a level and a fall that were rounded down.

    Rounding the fall lifts the line by 2**-96 a unit of x until it is below 0: the level is lowered by as much.
    None where the line is too flat to be of use.
    """
    if level <= 0 or fall <= 0 or level // fall >> _REACH_BITS:
        return None
    level -= level // fall + 1
    return Chord(at, level, fall, level // fall) if level > 0 else None
