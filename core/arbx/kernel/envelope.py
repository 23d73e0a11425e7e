"""A lazy sequence of Möbius pieces: a V3 pool has hundreds of ranges, an optimum touches a few."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from arbx.kernel.types import Moebius

__all__ = ["Envelope"]


class Envelope(Sequence[Moebius]):
    """Hold the pieces built so far and build the next ones when they are asked for; thread-safe."""

    __slots__ = ("_iterator", "_lock", "built")

    def __init__(self, pieces: Iterable[Moebius]) -> None:
        self._iterator: Iterator[Moebius] | None = iter(pieces)
        self._lock = threading.Lock()
        self.built: list[Moebius] = []

    def reaches(self, index: int) -> bool:
        """Build up to piece *index*; tell whether there is one."""
        if index >= len(self.built) and self._iterator is not None:
            with self._lock:
                while self._iterator is not None and index >= len(self.built):
                    piece = next(self._iterator, None)
                    if piece is None:
                        self._iterator = None
                    else:
                        self.built.append(piece)
        return index < len(self.built)

    def __len__(self) -> int:
        self.reaches(2**62)
        return len(self.built)

    @overload
    def __getitem__(self, index: int) -> Moebius: ...
    @overload
    def __getitem__(self, index: slice) -> list[Moebius]: ...
    def __getitem__(self, index: int | slice) -> Moebius | list[Moebius]:
        if isinstance(index, slice) or index < 0:
            self.reaches(2**62)
        else:
            self.reaches(index)
        return self.built[index]

    def __reduce__(self) -> tuple[type, tuple[list[Moebius]]]:
        self.reaches(2**62)
        return Envelope, (self.built,)
