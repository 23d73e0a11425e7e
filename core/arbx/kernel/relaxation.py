"""
The real-valued optimum of a cycle whose curves all bring Möbius pieces.

The composed envelope is concave, so an optimum that lies in the very pieces it was computed from is the optimum.
Guessing the pieces anew from the last optimum finds it after two or three closed forms. Where that doesn't settle,
and at kinks, a search over the break points does: the marginal rate falls from piece to piece, and for one hop
after the other a galloping binary search finds the last piece at whose start the whole cycle's marginal rate is
still above 1. All of it in exact integers on 2**-64 units; positions are rounded, and nothing here is part of the
proof.
"""

from collections.abc import Sequence

import attrs

from arbx.kernel import moebius
from arbx.kernel.envelope import Envelope

__all__ = ["Relaxed", "relax"]

_GUESSES = 5


@attrs.frozen
class Relaxed:
    """Where the real-valued optimum lies: the input of each hop, its piece, and the hop at a kink, if any."""

    inputs_x64: tuple[int, ...]
    pieces: tuple[int, ...]
    kink: int | None


def relax(tables: Sequence[Envelope]) -> Relaxed | None:
    """Return the real-valued optimum; None when no input pays (the marginal rate at zero is at most 1)."""
    num = den = 1
    for table in tables:
        if not table.reaches(0):
            return None
        first = table[0]
        num, den = num * first.a, den * first.b
    if num <= den:
        return None
    return _settled(tables) or _searched(tables)


def _settled(tables: Sequence[Envelope]) -> Relaxed | None:
    """Return the optimum that lies in the pieces it was computed from; None if guessing doesn't find it."""
    pieces = [0] * len(tables)
    for _ in range(_GUESSES):
        inner = tables[0].matrix(pieces[0])
        for table, index in zip(tables[1:], pieces[1:], strict=True):
            inner = moebius.after(table.matrix(index), inner)
        u = moebius.stationary(inner)
        if u is None:
            return None
        inputs, found = [], []
        for table in tables:
            index = table.find(u)
            piece = table[index]
            if u - piece.lo_x64 > piece.width_x64:
                break
            inputs.append(u)
            found.append(index)
            u = moebius.apply(table.matrix(index), u) if u > 0 else u
        if found == pieces:
            return Relaxed(tuple(inputs), tuple(pieces), None)
        # Beyond a kink or the last piece the guess was too far: the later hops stay where they are.
        pieces = (
            found
            + [table.find(u) for table in tables[len(found) : len(found) + 1]]
            + pieces[len(found) + 1 :]
        )
    return None


def _searched(tables: Sequence[Envelope]) -> Relaxed:
    """Return the optimum by a search over the break points."""
    inner = moebius.IDENTITY
    reach: int | None = None  # where the pieces chosen so far end, as an input of the next hop
    pieces = []
    for hop, table in enumerate(tables):
        index = _last_paying(tables, hop, inner, reach)
        pieces.append(index)
        matrix, piece = table.matrix(index), table[index]
        inner = moebius.after(matrix, inner)
        end = piece.lo_x64 + piece.width_x64
        reach = moebius.apply(matrix, end if reach is None else min(end, reach))
    return _place(tables, pieces, moebius.stationary(inner))


def _last_paying(
    tables: Sequence[Envelope], hop: int, inner: moebius.Matrix, reach: int | None
) -> int:
    """Return the last piece of *hop*, not beyond *reach*, at whose start the cycle still pays; piece 0 does."""
    table = tables[hop]

    def pays(index: int) -> bool:
        if not table.reaches(index):
            return False
        start = table[index].lo_x64
        return (reach is None or start < reach) and _pays_beyond(tables, hop, inner, start)

    low, step = 0, 1
    while pays(low + step):
        low, step = low + step, step * 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if pays(middle) else (low, middle)
    return low


def _pays_beyond(tables: Sequence[Envelope], hop: int, inner: moebius.Matrix, u: int) -> bool:
    """Tell whether the cycle's marginal rate is above 1 just beyond input *u* of *hop*."""
    num, den = moebius.slope_at_output(inner, u)
    for table in tables[hop:]:
        a, b, c, lo, out_lo, width, _, _ = table[table.find(u)]
        w = u - lo
        if w >= width:
            return False
        wide = (b << 64) + c * w
        num *= (a * b) << 128
        den *= wide * wide
        u = out_lo + ((a * w) << 64) // wide
    return bool(num > den)


def _place(tables: Sequence[Envelope], pieces: list[int], start: int | None) -> Relaxed:
    """Return the optimum at *start*, or at the first end of a piece before it (a kink, or the pool's limit)."""
    inputs: list[int] = []
    kink = None
    u = start
    for hop, table in enumerate(tables):
        piece = table[pieces[hop]]
        end = piece.lo_x64 + piece.width_x64
        if u is None or u > end:
            kink, u = hop, end
            before = zip(tables[:hop], pieces[:hop], strict=True)
            inputs = _backwards([earlier.matrix(index) for earlier, index in before], end)
        inputs.append(u)
        u = moebius.apply(table.matrix(pieces[hop]), u)
    return Relaxed(tuple(inputs), tuple(pieces), kink)


def _backwards(matrices: Sequence[moebius.Matrix], u: int) -> list[int]:
    inputs: list[int] = []
    for matrix in reversed(matrices):
        u = moebius.inverse(matrix, u)
        inputs.append(u)
    return inputs[::-1]
