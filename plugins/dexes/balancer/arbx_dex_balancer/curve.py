"""One direction of a pool: a gate around the pool's own mathematics."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import arbx
from arbx_dex_balancer.fixed import ONE
from arbx_dex_balancer.gate import Gate

__all__ = ["Bound", "Expecting", "JoinCurve", "PairCurve", "SwapCurve", "Trade", "paid", "settle"]


class Bound(NamedTuple):
    """Bound a trade from above in scaled units: ``out(a) <= (slope·a + offset) / den`` for every a >= 0."""

    slope: int
    offset: int
    den: int


class Trade(Protocol):
    """The pool's own mathematics, in 18-decimal units after the fee."""

    def limit(self) -> int:
        """Return the largest amount that the pool takes; raise WouldRevert where it takes none."""

    def out(self, amount: int) -> int:
        """Return what the pool pays for 0 < amount <= limit(); at most 0 where that is nothing."""

    def near(self, wanted: int) -> int:
        """Return an amount close to the least that pays *wanted*; raise InsufficientLiquidity."""

    def bound(self, amount: int) -> Bound:
        """Return a supporting line of the real-valued function, taken at *amount*."""


def paid(pays: Callable[[int], int], amount_in: int) -> int:
    """Return what is paid, or less than nothing where the contract's iteration fails at this very amount."""
    try:
        return pays(amount_in)
    except arbx.WouldRevert:
        return -1


def settle(pays: Callable[[int], int], wanted: int, guess: int, most: int) -> int:
    """
    Return an input that pays at least *wanted* while one unit less does not, found from *guess*.

    Where *pays* never decreases that is the least such input. The contracts' power function and Newton
    iterations fall back by a unit here and there; then it is the least one of a whole rising stretch.
    """
    high = min(max(guess, 1), most)
    step = 1
    if pays(high) >= wanted:
        low = high - 1
        while low > 0 and pays(low) >= wanted:
            high, step = low, step * 4
            low = max(high - step, 0)
    else:
        low = high
        while True:
            if low >= most:
                raise arbx.InsufficientLiquidity(f"no input that the pool takes pays {wanted}")
            high = min(low + step, most)
            if pays(high) >= wanted:
                break
            low, step = high, step * 4
    while high - low > 1:
        middle = (low + high) // 2
        if pays(middle) >= wanted:
            high = middle
        else:
            low = middle
    return high


class SwapCurve:
    """
    Price one direction of a Balancer pool, given in.

    *room* is what the Vault's packed balance of the token that enters still holds.
    """

    __slots__ = (
        "_ceiling", "_first_line", "_gate", "_max_in", "_most_out", "_room", "_trade",
    )  # fmt: skip

    def __init__(self, trade: Trade, gate: Gate, room: int) -> None:
        self._trade, self._gate, self._room = trade, gate, room
        self._max_in: int | None = None
        self._most_out: int | None = None
        self._first_line: arbx.Line | None = None
        self._ceiling: arbx.Moebius | None = None

    @property
    def max_in(self) -> int:
        """Return the largest input that the contract takes; 0 where it rejects every one."""
        if self._max_in is None:
            try:
                limit = self._trade.limit()
            except arbx.WouldRevert:
                self._max_in = 0
            else:
                self._max_in = self._taken(min(self._gate.most_entering(limit), self._room))
        return self._max_in

    def amount_out(self, amount_in: int, /) -> int:
        """Return what the Vault pays; 0 also where the contract rejects an amount as too small."""
        if type(amount_in) is not int:
            amount_in = arbx.checked_amount(amount_in)
        most = self._max_in
        if most is None:
            most = self.max_in
        if not 0 < amount_in <= most:
            return self._outside(amount_in)
        gate = self._gate
        amount = gate.enter(amount_in)
        if amount < gate.smallest or amount == 0:
            return 0
        scaled = self._trade.out(amount)
        if scaled < gate.smallest or scaled <= 0:
            return 0
        return int(gate.leave(scaled))

    def least_in(self, amount_out: int, /) -> int:
        """
        Return an input that pays at least *amount_out* while one unit less pays less.

        That is the least one wherever the contract's function does not decrease; see ``settle``.
        """
        amount_out = arbx.checked_amount(amount_out)
        if amount_out == 0:
            return 0
        if self._most_out is None:
            self._most_out = self._expected(self.max_in) if self.max_in else 0
        if self._most_out < amount_out:
            raise arbx.InsufficientLiquidity(f"no input that the pool takes pays {amount_out}")
        gate = self._gate
        amount = max(self._trade.near(gate.least_leaving(amount_out)), gate.smallest)
        guess = int(gate.least_entering(amount))
        return self._settled(guess, amount_out)

    def line(self, amount_in: int, /) -> arbx.Line:
        """Return the supporting line at *amount_in*; docs/explanation/balancer-bounds.md has the proof."""
        if self._first_line is None:
            self._first_line = self._line(0)
        return self._line(arbx.checked_amount(amount_in)) if amount_in else self._first_line

    def _line(self, amount_in: int) -> arbx.Line:
        amount_in = min(amount_in, self.max_in)
        if self.max_in == 0:
            return arbx.Line(0, 0, 1)
        return self._gate.outside(*self._trade.bound(self._gate.enter(amount_in)))

    def ceiling(self) -> arbx.Moebius | None:
        """Return one Möbius function that is nowhere below the curve, where the pool's formula has one."""
        if self._ceiling is None:
            coefficients = getattr(self._trade, "ceiling", None)
            if coefficients is None or not self.max_in:
                return None
            a, b, c = coefficients()
            self._ceiling = self._gate.ceiling(a, b, c, self.max_in)
        return self._ceiling

    def _taken(self, most: int) -> int:
        return max(most, 0)

    def _expected(self, amount_in: int) -> int:
        return self.amount_out(amount_in)

    def _settled(self, guess: int, amount_out: int) -> int:
        return settle(self.amount_out, amount_out, guess, self.max_in)

    def _outside(self, amount_in: int) -> int:
        amount_in = arbx.checked_amount(amount_in)
        if amount_in == 0:
            return 0
        try:
            limit = self._trade.limit()
        except arbx.InsufficientLiquidity:
            raise
        except arbx.WouldRevert as error:
            raise arbx.InsufficientLiquidity(f"the pool rejects every swap: {error}") from None
        raise arbx.InsufficientLiquidity(
            f"the pool takes at most {self.max_in}, not {amount_in}"
            f" (it sees at most {limit} of 18 decimals after the fee)"
        )


class PairCurve(SwapCurve):
    """Price a V2 pool's swap between two of its tokens, which sees only what the fee leaves, floored."""

    __slots__ = ()

    def teeth(self, amount_in: int, /) -> arbx.Teeth:
        """Say that the Vault floors what the fee leaves of the input before all else."""
        return arbx.Teeth(self._gate.first, ONE, 0, max(self.max_in, amount_in) + 1)


class Expecting(Trade, Protocol):
    """A trade that knows what the contract would pay if its iteration always came to rest."""

    def expected(self, amount: int) -> int:
        """Return what is paid, from the last iterate where the contract reverts."""


class JoinCurve(SwapCurve):
    """Price a swap into the pool's own token, whose invariant fails to converge for some amounts."""

    __slots__ = ("_join",)

    def __init__(self, trade: Expecting, gate: Gate, room: int) -> None:
        super().__init__(trade, gate, room)
        self._join = trade

    def _taken(self, most: int) -> int:
        """Return the largest of some inputs up to *most*, ever further below, that the contract takes."""
        for step in (0, *(1 << exponent for exponent in range(most.bit_length()))):
            scaled = self._gate.enter(most - step)
            if scaled and paid(self._join.out, scaled) >= 0:
                return most - step
        return 0

    def _expected(self, amount_in: int) -> int:
        gate = self._gate
        return int(gate.leave(self._join.expected(gate.enter(amount_in))))

    def _settled(self, guess: int, amount_out: int) -> int:
        # First where the function would pass amount_out, then the next input that the contract takes.
        least = settle(self._expected, amount_out, guess, self.max_in)
        return settle(lambda amount: paid(self.amount_out, amount), amount_out, least, self.max_in)
