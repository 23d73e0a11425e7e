"""The kernel's words: supporting lines, Möbius pieces, and the optimum with its certificate."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import attrs

from arbx.public import public

__all__ = [
    "Curve",
    "Invertible",
    "Line",
    "Moebius",
    "Optimum",
    "Piecewise",
    "Provable",
    "Teeth",
    "Toothed",
]


@public
class Line(NamedTuple):
    """
    Bound a curve from above: ``amount_out(z) <= (slope_num * z + offset_num) / den`` for every z.

    *slope_num* >= 0, *den* > 0; the three are exact integers of any size (``int`` or ``mpz``).
    """

    slope_num: int
    offset_num: int
    den: int


@public
class Moebius(NamedTuple):
    """
    Bound one liquidity range from above by ``out_lo + a*w / (b + c*w)`` with ``w = x - lo``.

    *a*, *b*, *c* are exact (a >= 0, b > 0, c >= 0). The range starts at input ``lo_x64 / 2**64`` (rounded
    down), where ``out_lo_x64 / 2**64`` has been paid (rounded up), and is ``width_x64 / 2**64`` wide (rounded
    up). The pieces of one curve start at 0, follow each other, and their slopes never increase.
    A constant-product pool is one piece with ``lo_x64 = out_lo_x64 = 0``.

    A contract that rounds at each step takes a little more and pays a little less than that. *taken* and *paid* say
    what it really has taken and paid at the start of the range, in whole units; they are -1 in all pieces of a curve
    that doesn't know. It is then also bounded by ``paid + a*w / (b + c*w)`` with ``w = x - taken`` until the *taken*
    of the next piece, which makes the proof as tight behind many ranges as in the first.
    """

    a: int
    b: int
    c: int
    lo_x64: int
    out_lo_x64: int
    width_x64: int
    taken: int = -1
    paid: int = -1


@public
@runtime_checkable
class Curve(Protocol):
    """Price one direction of one pool at one state: pure, immutable, non-decreasing, exact to the wei."""

    @property
    def max_in(self) -> int:
        """Return the largest input that the contract takes completely."""

    def amount_out(self, amount_in: int, /) -> int:
        """Return what the contract pays; raise InsufficientLiquidity above *max_in*."""


@public
@runtime_checkable
class Invertible(Protocol):
    """Know the exact inverse (optional; else the kernel bisects)."""

    def least_in(self, amount_out: int, /) -> int:
        """Return the least input that pays at least *amount_out*; raise InsufficientLiquidity."""


@public
@runtime_checkable
class Provable(Protocol):
    """Bring supporting lines (optional; else a result is sized but unproven)."""

    def line(self, amount_in: int, /) -> Line:
        """Return a supporting line that touches the curve near *amount_in*."""


@public
@runtime_checkable
class Piecewise(Protocol):
    """Bring the real-valued upper envelope in Möbius pieces (optional, for closed forms)."""

    def pieces(self) -> Sequence[Moebius]:
        """Return the pieces, in order of input; a lazy Envelope is welcome."""


@public
@runtime_checkable
class Ceiled(Protocol):
    """
    Bring one Möbius function that the curve never exceeds (optional, for curves without pieces).

    It need not be tight: the search bounds a cycle with it before it is sized, and the kernel's first guess is nearer.
    """

    def ceiling(self) -> Moebius | None:
        """Return a piece from 0 to *max_in* that is nowhere below the curve; None where there is none."""


@public
class Teeth(NamedTuple):
    """Say that of an input z in [start, end) only ``start + floor((z - start) * num / den)`` is seen."""

    num: int
    den: int
    start: int
    end: int


@public
@runtime_checkable
class Toothed(Protocol):
    """
    Say how the contract rounds its fee to whole units, which makes a saw-tooth (optional).

    The kernel tries the inputs at which nothing is lost, and skips those that lose too much. So the curve's lines
    and pieces must bound it even at the input that is really used: ``amount_out(z) <= (slope_num * used +
    offset_num) / den`` with ``used = start + floor((z - start) * num / den) * den / num``.
    """

    def teeth(self, amount_in: int, /) -> Teeth:
        """Return the teeth around *amount_in*."""


@public
@attrs.frozen
class Optimum:
    """
    The best input of a cycle, what every hop pays, and the proof.

    *upper_bound* is a proven bound on the profit of any input; None when a curve brings no proof.
    """

    amount_in: int
    amounts: tuple[int, ...]
    profit: int
    upper_bound: int | None

    @property
    def gap(self) -> int | None:
        """Return what is left between the profit and its bound: 0 is a proof of optimality."""
        return None if self.upper_bound is None else self.upper_bound - self.profit

    @property
    def exact(self) -> bool:
        """Tell whether the profit is proven to be the greatest."""
        return self.upper_bound == self.profit
