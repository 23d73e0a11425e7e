"""Curves that break one promise about being a pure, frozen value."""

import threading
import time
from typing import cast

import gmpy2

from arbx.testing.reference import ToothedProduct

__all__ = [
    "AnswersMpz",
    "BelongsToItsThread",
    "DragsItsFeet",
    "HoldsALock",
    "IsAnOpenBook",
    "RemembersItsCaller",
    "SharesItsScratch",
]


class AnswersMpz(ToothedProduct):
    """Break answers_int."""

    def amount_out(self, amount_in: int, /) -> int:
        return cast(int, gmpy2.mpz(super().amount_out(amount_in)))


class RemembersItsCaller(ToothedProduct):
    """
    Break is_pure: after a run of falling amounts it pays one unit less.

    A cursor that only walks forward makes this fault. The run is counted by thread, so that threads
    don't disturb each other.
    """

    def __init__(self, reserve_in: int, reserve_out: int) -> None:
        super().__init__(reserve_in, reserve_out)
        self._runs: dict[int, tuple[int, int]] = {}

    def amount_out(self, amount_in: int, /) -> int:
        last, run = self._runs.get(threading.get_ident(), (0, 0))
        run = run + 1 if amount_in < last else 0
        self._runs[threading.get_ident()] = (amount_in, run)
        return max(0, super().amount_out(amount_in) - (run > 8))


class HoldsALock(ToothedProduct):
    """Break is_picklable."""

    def __init__(self, reserve_in: int, reserve_out: int) -> None:
        super().__init__(reserve_in, reserve_out)
        self._lock = threading.Lock()


class BelongsToItsThread(ToothedProduct):
    """Break is_thread_safe: other threads than the first are turned away, as sqlite3 does."""

    def __init__(self, reserve_in: int, reserve_out: int) -> None:
        super().__init__(reserve_in, reserve_out)
        self._owner = threading.get_ident()

    def amount_out(self, amount_in: int, /) -> int:
        if threading.get_ident() != self._owner:
            raise RuntimeError("made in another thread")
        return super().amount_out(amount_in)


class SharesItsScratch(ToothedProduct):
    """Break is_thread_safe: the amount rests in an attribute while another thread runs."""

    def __init__(self, reserve_in: int, reserve_out: int) -> None:
        super().__init__(reserve_in, reserve_out)
        self._scratch = 0

    def amount_out(self, amount_in: int, /) -> int:
        self._scratch = amount_in
        time.sleep(0)  # let another thread run, as a long computation would
        return super().amount_out(self._scratch)


class IsAnOpenBook(ToothedProduct):
    """Break is_immutable: the fee can be changed after the fact."""

    def __init__(self, reserve_in: int, reserve_out: int) -> None:
        super().__init__(reserve_in, reserve_out)
        self.fee_num = 997


class DragsItsFeet(ToothedProduct):
    """Break is_fast_enough."""

    def amount_out(self, amount_in: int, /) -> int:
        if self._reserve_in > self._reserve_out:  # one direction is enough to be caught
            time.sleep(2.5e-4)
        return super().amount_out(amount_in)
