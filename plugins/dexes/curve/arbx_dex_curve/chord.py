"""A straight line that the balance of the coin out never falls below."""

from typing import Any, NamedTuple

__all__ = ["CHORD_BITS", "REACH_BITS", "Chord", "chord"]

CHORD_BITS = 128
REACH_BITS = 112  # rounding the fall by 2**-128 moves the line by 2**-16 of a unit over 2**112 units


class Chord(NamedTuple):
    """
    Bound the balance y that the contract computes: ``y >= (level - fall * (x - at)) / 2**128`` for every x.

    It touches the invariant near x = *at* and reaches y = 0 at ``at + reach``, at most 2**112 units away.
    """

    at: Any
    level: Any
    fall: Any
    reach: Any


def chord(at: Any, level: Any, fall: Any) -> Chord | None:
    """Return the chord of a level and a fall that are rounded down; None where it is too flat to be of use."""
    level -= 1 << (REACH_BITS + 1)
    if level <= 0 or fall <= 0 or level // fall >> REACH_BITS:
        return None
    return Chord(at, level, fall, level // fall)
