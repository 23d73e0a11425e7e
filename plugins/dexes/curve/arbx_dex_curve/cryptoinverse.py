"""
Invert a CryptoSwap direction: from what is paid to the balance it leaves, from that balance to the input.

The contract's root answers y in units of 1e-18 of a coin, far finer than what it pays. So the search runs on y:
the invariant read the other way round for a start, and secants from there, instead of one question a bit.
"""

from collections.abc import Callable, Sequence
from typing import Any

from gmpy2 import mpz

import arbx
from arbx_dex_curve.tricrypto import TriRoot
from arbx_dex_curve.twocrypto import TwoRoot

__all__ = ["CryptoInverse", "first_at_most"]

_E18 = mpz(10**18)
_FEE_DENOMINATOR = 10**10
_FEE_TURNS, _SECANT_TURNS, _TURNS = 8, 8, 128
_NEAR_BITS = 20  # a balance that moves by less of what is paid takes the coin in along the chord

Root = TwoRoot | TriRoot


class CryptoInverse:
    """
    Find the inputs of one direction.

    *roots* find the coin out from the coin in and the other way round; *worths* are of a raw unit in 1e-18 of a
    virtual one; *fee_at* is the fee (1e10) of virtual balances.
    """

    __slots__ = ("_back", "_fee_at", "_held_in", "_in", "_out", "_there", "_worths", "_xp")

    def __init__(
        self,
        direction: tuple[int, int],
        roots: tuple[Root, Root],
        xp: Sequence[Any],
        held_in: int,
        worths: Sequence[Any],
        fee_at: Callable[[list[Any]], Any],
    ) -> None:
        self._in, self._out = direction
        self._there, self._back = roots
        self._xp, self._held_in, self._worths, self._fee_at = xp, held_in, worths, fee_at

    def least_in(self, amount_out: Any) -> Any | None:
        """
        Return the input that first leaves little enough of the coin out to pay *amount_out*; None: not found.

        The fee is the one of that balance, so what exchange pays must still be asked.
        """
        try:
            level = self._level(amount_out)
            return None if level is None else self._first(level)
        except arbx.WouldRevert:
            return None

    def last_in(self) -> Any | None:
        """Return the last input that leaves both coins in the root's ranges; None where none is found."""
        most, least_y = self._there.most_x, self._there.least_y
        try:
            if self._there.solve(most)[0] >= least_y:
                return self._input_for(most + 1) - 1
            first = self._first(least_y - 1)
        except arbx.WouldRevert:
            return None
        return None if first is None else first - 1

    def _level(self, amount_out: Any) -> Any | None:
        """Return the largest balance of the coin out that pays *amount_out*, after the fee that belongs to it."""
        i, j, xp = self._in, self._out, list(self._xp)
        level = self._level_with(self._fee_at(xp), amount_out)
        if level is None:
            return None
        xp[i], xp[j] = self._back.solve(level)[0], level
        for _ in range(_FEE_TURNS):
            moved = self._level_with(self._fee_at(xp), amount_out)
            if moved is None or moved == level:
                break
            far = abs(level - moved) << _NEAR_BITS > self._xp[j] - level
            along = (level - moved) * (xp[i] - self._xp[i]) // max(self._xp[j] - level, mpz(1))
            xp[i] = self._back.solve(moved)[0] if far else xp[i] + along
            xp[j] = level = moved
        return level

    def _level_with(self, fee_e10: Any, amount_out: Any) -> Any | None:
        keeps = max(_FEE_DENOMINATOR - fee_e10, mpz(1))
        # dy - ⌊fee·dy / 1e10⌋ = ⌈keeps·dy / 1e10⌉
        dy = (amount_out - 1) * _FEE_DENOMINATOR // keeps + 1
        level = self._xp[self._out] - 1 - -(-dy * self._worths[self._out] // _E18)
        return level if level > 0 else None

    def _first(self, level: Any) -> Any | None:
        """Return the first input that leaves at most *level* of the coin out."""
        start = self._back.solve(max(level, self._back.least_x))[0]
        guess = max(self._input_for(start), mpz(1))
        paid = max(self._xp[self._out] - level, mpz(1))
        return first_at_most(self._left, level, guess, (guess, paid))

    def _left(self, amount_in: Any) -> Any:
        """Return the balance of the coin out after *amount_in*."""
        x = (self._held_in + amount_in) * self._worths[self._in] // _E18
        return self._there.solve(min(x, self._there.most_x))[0]

    def _input_for(self, x: Any) -> Any:
        """Return the least input that lifts the coin in to *x*."""
        return -(-x * _E18 // self._worths[self._in]) - self._held_in


def first_at_most(
    falling: Callable[[Any], Any], level: Any, guess: Any, rate: tuple[Any, Any]
) -> Any | None:
    """
    Return an input near *guess* where *falling* is at most *level*, while one unit before it is above.

    *rate* is about how much input takes one unit off. Secants, one unit beyond where they meet the level, close the
    bracket from both sides; halving ends what a ragged function makes them miss. None after too many turns.
    """
    low, high, at = mpz(0), None, guess
    before: tuple[Any, Any] | None = None
    for turn in range(_TURNS):
        value = falling(at)
        if value > level:
            low = at
        else:
            high = at
        if high is not None and high - low <= 1:
            return high
        if before is not None and before[1] != value:
            rate = (at - before[0], before[1] - value)
        before = at, value
        step = (value - level) * rate[0] // rate[1]
        at += max(step, 0) + 1 if value > level else min(step, 0) - 1
        if high is not None and (turn > _SECANT_TURNS or not low < at < high):
            at = (low + high) // 2
        at = max(at, low + 1)
    return None
