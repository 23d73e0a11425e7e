"""
A polygon that a swap with a dynamic fee never exceeds: that is how a tangent is held against inputs far from its own.

With the least fee a chord alone bounds every input: where a tangent is above a chord at its point and no flatter, it
is above all that is paid to the right of it, and where it is no steeper, to the left. In between, v·keep along a
chord is a quotient of polynomials; the line through its two ends, lifted until the difference has no negative
Bernstein coefficient, is above it, and a tangent above both ends of such an edge is above all that is paid there.
"""

from collections.abc import Callable, Iterable
from math import comb
from typing import Any

import attrs
from gmpy2 import mpz

from arbx_dex_curve.polynomial import Polynomial, mixed, times

__all__ = ["Cover", "Edge", "Post", "bernstein", "edge_over"]

_BERNSTEIN_UNIT = 12  # every binomial of degree 4 or less divides it
_SLOPE_BITS = 64
_WEIGHTS = {
    degree: [
        [_BERNSTEIN_UNIT // comb(degree, j) * comb(i, j) for j in range(i + 1)]
        for i in range(degree + 1)
    ]
    for degree in (2, 3, 4)
}


@attrs.frozen
class Edge:
    """Bound what is paid for start <= x <= end by the line from *first* to *last*, *lift* above what its ends pay."""

    start: Any
    end: Any
    first: Any
    last: Any
    lift: Any


def edge_over(paid: Polynomial, whole: Polynomial, start: Any, width: Any) -> Edge | None:
    """Return an edge over paid(h)/whole(h), 0 <= h <= width; None where *whole* may not be positive."""
    degree = len(paid) - 1
    weights = bernstein(whole, width, degree)
    if min(weights) <= 0:
        return None
    first = -(-paid[0] // whole[0])
    last = -(-_at(paid, width) // _at(whole, width))
    # (first + (last - first)·h/width)·whole - paid, times width
    under = mixed(times((first * width, last - first), whole), 1, paid, -width)
    missing = max(
        -(value // (weight * width))
        for value, weight in zip(bernstein(under, width, degree), weights, strict=True)
    )
    lift = max(missing, mpz(0))
    return Edge(start, start + width, first + lift, last + lift, lift)


def _at(polynomial: Polynomial, h: Any) -> Any:
    value = mpz(0)
    for coefficient in reversed(polynomial):
        value = value * h + coefficient
    return value


def bernstein(polynomial: Polynomial, width: Any, degree: int) -> list[Any]:
    """
    Return 12 times the Bernstein coefficients in [0, width]: a polynomial without a negative one is never negative.

    >>> bernstein([1, 0, 1], 2, 2)
    [12, 12, 60]
    """
    scaled = [coefficient * width**power for power, coefficient in enumerate(polynomial)]
    return [
        sum(weight * coefficient for weight, coefficient in zip(weights, scaled, strict=False))
        for weights in _WEIGHTS[degree]
    ]


@attrs.frozen
class Post:
    """
    A chord with the least fee: at *x* no more than *value* is paid, and *slope* more for each unit of x.

    *fine* makes the edges from here to the next post.
    """

    x: Any
    value: Any
    slope: Any
    fine: Callable[[], Iterable[Edge]]
    _made: list[tuple[Edge, ...]] = attrs.field(factory=list, init=False, eq=False)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Return the edges from here to the next post, made at the first question."""
        if not self._made:
            self._made.append(tuple(self.fine()))
        return self._made[0]


@attrs.frozen
class Cover:
    """
    Bound what is paid for every x: *count* posts from left to right, each made when it is needed.

    The first is where the swap begins; the last is a level that holds from there on. Slopes fall.
    """

    count: int
    make: Callable[[int], Post]
    _made: dict[int, Post] = attrs.field(factory=dict, init=False, eq=False)

    def post(self, index: int) -> Post:
        """Return a post, made at the first question."""
        found = self._made.get(index)
        if found is None:
            found = self._made[index] = self.make(index)
        return found

    def lift(self, at: Any, value: Any, slope: tuple[Any, Any]) -> Any:
        """Return by how much the line through (at, value) must be lifted to be nowhere below."""
        steep = (slope[0] << _SLOPE_BITS) // slope[1]

        def line(x: Any) -> Any:
            return _line(at, value, steep, x)

        end = self.count - 1
        first = last = self._first_flatter(steep)
        while first > 0 and not _covers_left(self.post(first), line, steep):
            first -= 1
        while last < end and not _covers_right(self.post(last), line, steep):
            last += 1
        level = self.post(last)
        missing = [mpz(0), level.value - line(level.x)]
        for index in range(first, last):
            edges = self.post(index).edges
            missing += (edge.first - line(edge.start) for edge in edges)
            missing += (edge.last - line(edge.end) for edge in edges)
        return max(missing)

    def _first_flatter(self, steep: Any) -> int:
        """Return the first post that is no steeper; the last at most."""
        low, high = 0, self.count - 1
        while low < high:
            middle = (low + high) // 2
            if self.post(middle).slope << _SLOPE_BITS <= steep:
                high = middle
            else:
                low = middle + 1
        return low


def _covers_left(post: Post, line: Callable[[Any], Any], steep: Any) -> bool:
    return bool(post.slope << _SLOPE_BITS > steep and line(post.x) >= post.value)


def _covers_right(post: Post, line: Callable[[Any], Any], steep: Any) -> bool:
    return bool(post.slope << _SLOPE_BITS <= steep and line(post.x) >= post.value)


def _line(at: Any, value: Any, steep: Any, x: Any) -> Any:
    """Return the line at *x*, rounded down: its slope is *steep* or a little more."""
    run = x - at
    return value + ((steep if run > 0 else steep + 1) * run >> _SLOPE_BITS)
