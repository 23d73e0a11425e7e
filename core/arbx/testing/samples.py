"""Amounts at which curves go wrong: every magnitude, both sides of each break, the edges."""

import random
from collections.abc import Iterator
from itertools import islice

from arbx.kernel.types import Curve, Piecewise

__all__ = ["breakpoints", "sample_amounts"]

_MAGNITUDES = 72
_BREAKS = 12


def sample_amounts(curve: Curve, *, seed: int = 0) -> list[int]:
    """Return positive amounts up to ``max_in``, rising, each with its successor."""
    max_in = int(curve.max_in)
    chosen = {*_magnitudes(max_in, random.Random(seed)), *_edges(max_in)}  # not a secret
    for point in breakpoints(curve):
        chosen.update((point - 1, point, point + 1))
    return sorted(amount for amount in chosen if 0 < amount <= max_in)


def breakpoints(curve: Curve) -> list[int]:
    """Return the inputs at which the first pieces begin, where the curve brings pieces."""
    if not isinstance(curve, Piecewise):
        return []
    return [int(piece.lo_x64 >> 64) for piece in islice(iter(curve.pieces()), _BREAKS)]


def _magnitudes(max_in: int, rng: random.Random) -> Iterator[int]:
    bits = max_in.bit_length()
    step = max(1, bits // _MAGNITUDES)
    for exponent in range(0, bits, step):
        low = 1 << exponent
        amount = low + rng.randrange(low)
        yield from (low - 1, low, low + 1, amount, amount + 1)


def _edges(max_in: int) -> Iterator[int]:
    yield from range(max_in - 4, max_in + 1)
    yield from (max_in - (max_in >> shift) for shift in (1, 2, 4, 8, 16, 32, 64))
