"""The curves: one direction of one pool, over what its contract pays."""

from collections.abc import Callable
from typing import Any

import arbx
from arbx_dex_curve.search import Swap, largest_taken, least_paying

__all__ = ["ProvenCurve", "UnprovenCurve"]


class UnprovenCurve:
    """
    Answer what exchange pays, its limit and its inverse; the pool is prepared once, at the first question.

    *build* makes the swap from its arguments; it raises WouldRevert for a pool that no exchange works in, which
    then takes nothing.
    """

    __slots__ = ("_arguments", "_build", "_max_in", "_swap", "_usual")

    def __init__(self, build: Callable[..., Swap], *arguments: Any) -> None:
        self._build, self._arguments = build, arguments
        self._swap: Swap | None = None
        self._max_in: int | None = None
        self._usual = 0

    @property
    def max_in(self) -> int:
        """Return the largest input that the contract takes, found by asking it, once."""
        if self._max_in is None:
            try:
                self._max_in = largest_taken(self._swap or self._prepare())
            except arbx.WouldRevert:
                self._max_in = 0
        return self._max_in

    def amount_out(self, amount_in: int, /) -> int:
        """Return what exchange pays; 0 for what is too small, even where the contract reverts."""
        swap = self._swap
        if type(amount_in) is not int or amount_in <= 0:
            amount_in = arbx.checked_amount(amount_in)
            if amount_in == 0:
                return 0
        if swap is None:
            swap = self._prepare()
        if amount_in > self._usual and amount_in > self.max_in:
            raise arbx.InsufficientLiquidity(
                f"the pool takes at most {self.max_in}, not {amount_in}"
            )
        return int(swap.pays(amount_in))

    def least_in(self, amount_out: int, /) -> int:
        """
        Return an input that pays at least *amount_out*, while one unit less pays less.

        Where exchange is monotone that is the least input of all. Newton's last unit and, far off the peg, a
        dynamic fee can make it wobble: then it is the least of its neighbourhood.
        """
        wanted = arbx.checked_amount(amount_out)
        if wanted == 0:
            return 0
        swap = self._swap or self._prepare()
        found = least_paying(swap, wanted, self.max_in) if self.max_in else None
        if found is None:
            raise arbx.InsufficientLiquidity(
                f"the pool can't pay {wanted} for any input it takes (at most {self.max_in})"
            )
        return found

    def _prepare(self) -> Swap:
        swap = self._build(*self._arguments)
        self._usual = swap.usual_in()
        self._swap = swap
        return swap


class ProvenCurve(UnprovenCurve):
    """A curve that also knows lines which it never exceeds."""

    __slots__ = ()

    def line(self, amount_in: int, /) -> arbx.Line:
        """Return a line that touches the curve near *amount_in*; see docs/explanation/curve-bounds.md."""
        at = arbx.checked_amount(amount_in)
        try:
            swap: Any = self._swap or self._prepare()
        except arbx.WouldRevert:
            return arbx.Line(0, 0, 1)
        line: arbx.Line = swap.line(at)
        return line
