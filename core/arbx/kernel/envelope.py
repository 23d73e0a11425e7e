"""A lazy sequence of Möbius pieces: a V3 pool has hundreds of ranges, an optimum touches a few."""

import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from gmpy2 import mpz

from arbx.kernel.moebius import Matrix, of_piece
from arbx.kernel.types import Moebius
from arbx.public import public

__all__ = ["Envelope"]

_ALL = 2**62


@public
class Envelope(Sequence[Moebius]):
    """
    Hold the pieces built so far and build the next ones when they are asked for; thread-safe.

    >>> Envelope([Moebius(9, 1, 1, 0, 0, 5), Moebius(3, 1, 1, 5, 7, 5)]).find(6)
    1
    """

    __slots__ = ("_built", "_iterator", "_lock", "_matrices", "_starts", "single")

    def __init__(self, pieces: Iterable[Moebius]) -> None:
        self._iterator: Iterator[Moebius] | None = iter(pieces)
        self._lock = threading.Lock()
        self._built: list[Moebius] = []
        self._starts: list[int] = []
        self._matrices: dict[int, Matrix] = {}
        # The piece of a curve that is known to have one only: a cycle of such has a closed form.
        self.single = pieces[0] if isinstance(pieces, tuple) and len(pieces) == 1 else None

    def reaches(self, index: int) -> bool:
        """Build up to piece *index*; tell whether there is one."""
        if index >= len(self._built) and self._iterator is not None:
            with self._lock:
                while index >= len(self._built) and self._iterator is not None:
                    self._build()
        return index < len(self._built)

    def _build(self) -> None:
        piece = next(self._iterator, None) if self._iterator is not None else None
        if piece is None:
            self._iterator = None
            return
        # The piece before its start: a reader that finds a start must find the piece.
        self._built.append(piece)
        self._starts.append(piece.lo_x64)

    def find(self, x_x64: int) -> int:
        """Return the index of the piece that *x_x64* lies in (the later one on a border), building up to it."""
        starts = self._starts
        while (not starts or starts[-1] <= x_x64) and self.reaches(len(starts)):
            pass
        return max(bisect_right(starts, x_x64) - 1, 0)

    def matrix(self, index: int) -> Matrix:
        """Return piece *index* as a matrix, made once, cut to some 190 bits: positions need no more."""
        found = self._matrices.get(index)
        if found is None:
            piece = self[index]
            cut = max(min(mpz(piece.b).bit_length() - 190, mpz(piece.c).bit_length() - 100), 0)
            a, b, c = piece.a >> cut, piece.b >> cut, piece.c >> cut
            found = self._matrices[index] = of_piece(piece._replace(a=a, b=b, c=c))
        return found

    def __len__(self) -> int:
        self.reaches(_ALL)
        return len(self._built)

    @overload
    def __getitem__(self, index: int) -> Moebius: ...
    @overload
    def __getitem__(self, index: slice) -> list[Moebius]: ...
    def __getitem__(self, index: int | slice) -> Moebius | list[Moebius]:
        if isinstance(index, slice) or index < 0:
            self.reaches(_ALL)
        elif index >= len(self._built):
            self.reaches(index)
        return self._built[index]

    def __reduce__(self) -> tuple[type, tuple[list[Moebius]]]:
        self.reaches(_ALL)
        return Envelope, (self._built,)
