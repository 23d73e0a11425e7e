"""A table of cycles: hop numbers in int32 columns, and an inverted index from hops to cycles."""

import attrs
import numpy as np
import numpy.typing as npt

from arbx.market.hops import Ints

__all__ = ["CycleTable"]

_Indices = npt.NDArray[np.intp]
_Bools = npt.NDArray[np.bool_]


class CycleTable:
    """
    Hold the cycles of one length; a cycle's number never changes.

    Columns, not rows: a screening pass reads one position of all cycles at a time.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        self._count = 0
        self._columns: Ints = np.empty((length, 0), np.int32)
        self._segments: list[_Segment] = []

    def __len__(self) -> int:
        return self._count

    @property
    def columns(self) -> Ints:
        """Return the hop numbers: (length, cycles)."""
        return self._columns[:, : self._count]

    def append(self, columns: Ints) -> None:
        """Add cycles."""
        count = self._count + columns.shape[1]
        if count > self._columns.shape[1]:
            grown = np.empty((self.length, max(count, self._count * 5 // 4)), np.int32)
            grown[:, : self._count] = self.columns
            self._columns = grown
        self._columns[:, self._count : count] = columns
        self._count = count
        self._index()

    def touching(self, dirty: _Bools) -> _Indices:
        """Return the numbers, ascending, of the cycles that use a hop marked in *dirty*."""
        hops = np.flatnonzero(dirty)
        if 4 * len(hops) > len(dirty):
            marked = np.zeros(self._count, np.bool_)
            for column in self.columns:
                marked |= dirty[column]
            return np.flatnonzero(marked)
        marked = np.zeros(self._count, np.bool_)
        for segment in self._segments:
            marked[segment.cycles_of(hops)] = True
        return np.flatnonzero(marked)

    def _index(self) -> None:
        """Index what has been added since; segments double in size, so that an addition costs little."""
        start = self._segments[-1].stop if self._segments else 0
        if start == self._count:
            return
        while self._segments:
            last = self._segments[-1]
            if last.stop - last.start > 2 * (self._count - start):
                break
            start = self._segments.pop().start
        self._segments.append(_Segment.of(self.columns, start, self._count))


@attrs.frozen(eq=False)
class _Segment:
    """The inverted index of the cycles *start* to *stop*, as compressed sparse rows."""

    start: int
    stop: int
    first: _Indices
    cycles: Ints

    @classmethod
    def of(cls, columns: Ints, start: int, stop: int) -> "_Segment":
        # One sort of (hop, cycle) packed into int64 is several times faster than an indirect sort.
        hops = columns[:, start:stop].astype(np.int64) << 32
        pairs = (hops | np.arange(start, stop)).ravel()
        pairs.sort()
        counts = np.bincount(pairs >> 32)
        first = np.concatenate([np.zeros(1, np.intp), np.cumsum(counts)])
        return cls(start, stop, first, (pairs & 0xFFFFFFFF).astype(np.int32))

    def cycles_of(self, hops: _Indices) -> Ints:
        hops = hops[hops < len(self.first) - 1]
        starts = self.first[hops]
        counts = self.first[hops + 1] - starts
        before = np.cumsum(counts) - counts
        cycles: Ints = self.cycles[np.repeat(starts - before, counts) + np.arange(counts.sum())]
        return cycles
