"""
The real-valued optimum of a cycle whose curves all bring Möbius pieces, by a search over the break points.

The composed envelope is concave, so its marginal rate falls from piece to piece. For one hop after the other a
galloping binary search finds the last piece at whose start the whole cycle's marginal rate is still above 1;
inside the one combination of pieces that remains the optimum has a closed form. All of it in exact integers on
2**-64 units; positions are rounded, and nothing here is part of the proof.
"""

from collections.abc import Sequence

import attrs

from arbx.kernel import moebius
from arbx.kernel.envelope import Envelope

__all__ = ["Relaxed", "relax"]


@attrs.frozen
class Relaxed:
    """Where the real-valued optimum lies: the input of each hop, its piece, and the hop at a kink, if any."""

    inputs_x64: tuple[int, ...]
    pieces: tuple[int, ...]
    kink: int | None


def relax(tables: Sequence[Envelope]) -> Relaxed | None:
    """Return the real-valued optimum; None when no input pays (the marginal rate at zero is at most 1)."""
    if not all(table.reaches(0) for table in tables) or not _pays_beyond(
        tables, 0, moebius.IDENTITY, 0
    ):
        return None
    inner = moebius.IDENTITY
    matrices, pieces = [], []
    for hop, table in enumerate(tables):
        index = _last_paying(tables, hop, inner)
        pieces.append(index)
        matrix = moebius.of_piece(table[index])
        matrices.append(matrix)
        inner = moebius.after(matrix, inner)
    return _place(tables, pieces, matrices, moebius.stationary(inner))


def _last_paying(tables: Sequence[Envelope], hop: int, inner: moebius.Matrix) -> int:
    """Return the last piece of *hop* at whose start the cycle still pays; piece 0 is known to."""
    table = tables[hop]
    low, step = 0, 1
    while table.reaches(low + step) and _pays_beyond(tables, hop, inner, table[low + step].lo_x64):
        low, step = low + step, step * 2
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        if table.reaches(middle) and _pays_beyond(tables, hop, inner, table[middle].lo_x64):
            low = middle
        else:
            high = middle
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


def _place(
    tables: Sequence[Envelope],
    pieces: list[int],
    matrices: list[moebius.Matrix],
    start: int | None,
) -> Relaxed:
    """Return the optimum at *start*, or at the first end of a piece before it (a kink, or the pool's limit)."""
    inputs: list[int] = []
    kink = None
    u = start
    for hop, (table, index) in enumerate(zip(tables, pieces, strict=True)):
        piece = table[index]
        end = piece.lo_x64 + piece.width_x64
        if u is None or u > end:
            kink, u = hop, end
            inputs = _backwards(matrices[:hop], end)
        inputs.append(u)
        u = moebius.apply(matrices[hop], u)
    return Relaxed(tuple(inputs), tuple(pieces), kink)


def _backwards(matrices: Sequence[moebius.Matrix], u: int) -> list[int]:
    inputs: list[int] = []
    for matrix in reversed(matrices):
        u = moebius.inverse(matrix, u)
        inputs.append(u)
    return inputs[::-1]
