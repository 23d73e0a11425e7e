"""
Screen cycles in floats: which can pay at all, and at most how much.

A screening pass drops only what provably can't pay, see docs/explanation/market-search.md.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from arbx.market.hops import Ints
from arbx.market.rates import DEAD, HopRate

__all__ = ["LOG_MARGIN", "HopRates"]

_Floats = npt.NDArray[np.float64]
_Indices = npt.NDArray[np.intp]

# Finite log rates are within +-746, so partial sums of four stay below 4096 and each of the three additions loses
# at most half an ulp, 2**-42: less than 2**-40 in all.
LOG_MARGIN = 2.0**-40
# Cycles at a time: the scratch arrays stay in the second-level cache.
_CHUNK = 1 << 15
# A dozen float operations lose less than 12 * 2**-53 of a number.
_UP, _DOWN = 1 + 2**-46, 1 - 2**-46


class HopRates:
    """Hold the bounds of all hops in columns, and screen cycles with them."""

    def __init__(self) -> None:
        self._columns: _Floats = np.empty((len(HopRate._fields), 0))

    def grow(self, hops: int) -> None:
        """Make room for *hops* hops; new ones are dead until they are set."""
        missing = hops - self._columns.shape[1]
        if missing > 0:
            dead = np.tile(np.array([DEAD]).T, missing)
            self._columns = np.concatenate([self._columns, dead], axis=1)

    def set(self, hops: Iterable[int], rates: Iterable[HopRate]) -> None:
        """Set the bounds of some hops."""
        at = np.fromiter(hops, np.intp)
        if len(at):
            self._columns[:, at] = np.array(list(rates)).T

    @property
    def log_rate(self) -> _Floats:
        """Return the logarithms, rounded up, of the marginal rates at zero."""
        log_rate: _Floats = self._columns[0]
        return log_rate

    def alive(self, columns: Ints) -> int:
        """Count the cycles whose every hop can pay something."""
        dead, hurt = np.isneginf(self.log_rate), np.zeros(columns.shape[1], np.bool_)
        for hop in columns:
            hurt |= dead[hop]
        return int(columns.shape[1] - np.count_nonzero(hurt))

    def screen(self, columns: Ints, worth: _Floats) -> _Indices:
        """
        Return which cycles can pay, in order.

        Kept are all whose marginal product at zero can be above 1, and those where the slack of a curve's line is
        worth at least *worth*, by hop number of the first hop.
        """
        kept = [part for part in self._rising(columns) if len(part)]
        rising = np.concatenate(kept) if kept else np.empty(0, np.intp)
        if not self._columns[4].any():
            return rising
        slack = self._with_slack(columns)
        slack = slack[self._slack(columns[:, slack]) * _UP >= worth[columns[0, slack]]]
        return np.union1d(rising, slack)

    def bound(self, columns: Ints) -> _Floats:
        """
        Return for each cycle what no input can pay more than; infinity where nothing cheap is known.

        The bounds rate*z/(1 + bend*z) compose to rate*x/(1 + bend*x), whose best profit is
        (sqrt(rate) - 1)**2 / bend; the slack of each hop adds at most what the later rates make of it.
        """
        _, rates, bends, spans, slacks = self._columns
        fall = self._log_product(columns)
        with np.errstate(all="ignore"):
            rate, bend, slack = np.ones(len(fall)), np.zeros(len(fall)), np.zeros(len(fall))
            for hop in columns:
                # Beyond its span a hop's bend proves nothing.
                bend += np.where(fall <= spans[hop], bends[hop], 0.0) * rate
                rate *= rates[hop]
                slack = slack * rates[hop] + slacks[hop]
            rise = np.sqrt(rate * _UP) * _UP - 1
            most = np.where(rise > 0, rise * rise / (bend * _DOWN), 0.0) * _UP
            most = np.where(np.isfinite(bend) & np.isfinite(rate), most, np.inf) + slack * _UP
        return np.where(np.isnan(most), np.inf, most)

    def _log_product(self, columns: Ints) -> _Floats:
        total: _Floats = self.log_rate[columns[0]]
        with np.errstate(invalid="ignore"):
            for hop in columns[1:]:
                total = total + self.log_rate[hop]
        return total

    def _rising(self, columns: Ints) -> Iterator[_Indices]:
        log_rate, count = self.log_rate, columns.shape[1]
        total, term = np.empty(_CHUNK), np.empty(_CHUNK)
        with np.errstate(
            invalid="ignore"
        ):  # a dead hop and one of infinite rate: not a number, not kept
            for start in range(0, count, _CHUNK):
                stop = min(start + _CHUNK, count)
                part, more = total[: stop - start], term[: stop - start]
                np.take(log_rate, columns[0, start:stop], out=part, mode="clip")
                for column in columns[1:]:
                    np.take(log_rate, column[start:stop], out=more, mode="clip")
                    part += more
                yield np.flatnonzero(part > -LOG_MARGIN) + start

    def _with_slack(self, columns: Ints) -> _Indices:
        loose, dead = self._columns[4] > 0, np.isneginf(self.log_rate)
        marked, alive = np.zeros(columns.shape[1], np.bool_), np.ones(columns.shape[1], np.bool_)
        for hop in columns:
            marked |= loose[hop]
            alive &= ~dead[hop]
        return np.flatnonzero(marked & alive)

    def _slack(self, columns: Ints) -> _Floats:
        _, rates, _, _, slacks = self._columns
        slack = np.zeros(columns.shape[1])
        with np.errstate(all="ignore"):
            for hop in columns:
                slack = slack * rates[hop] + slacks[hop]
        return np.where(np.isnan(slack), np.inf, slack)
