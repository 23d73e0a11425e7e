"""
Planes over the balances that no invariant D ever exceeds.

With P = D^(n+1) / (n^n·Πx) and Ann = A·n, as contracts write it, the invariant is ``0 = Ann·Σx - (Ann - 1)·D - P``.
P is convex in all balances and D together and of degree 1, so the right side is concave and at ANY point (X, D̄)
``0 <= Σ(Ann + P/X_k)·x_k - (Ann - 1 + (n + 1)·P/D̄)·D`` for every pool: docs/explanation/curve-bounds.md.
"""

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

from gmpy2 import mpz

from arbx_dex_curve.invariant import ROUNDS

__all__ = ["Plane", "invariant_below", "plane", "spread"]

_BITS = 128
_TRIES = 64


class Plane(NamedTuple):
    """Bound D of all balances x of a pool: ``D * whole <= Σ rates[k] * x[k]``."""

    rates: tuple[Any, ...]
    whole: Any


def plane(ann: Any, xs: Sequence[Any], d: Any) -> Plane:
    """Return the plane that touches at the positive balances *xs*, whose invariant is about *d*."""
    n = len(xs)
    product, power = n**n * prod(xs), d**n
    pull = (power * d << _BITS) // product + 1
    return Plane(
        tuple((ann << _BITS) + pull // x + 1 for x in xs),
        (ann - 1 << _BITS) + ((n + 1) * power << _BITS) // product,
    )


def invariant_below(ann: Any, xs: Sequence[Any], d: Any) -> Any:
    """Return a lower bound of the invariant of *xs*, the best next to *d*; 0 where none is near."""
    n, total = len(xs), sum(xs)
    product = n**n * prod(xs)
    for lower in range(_TRIES):
        least = d - (1 << lower) + 1
        if least > 0 and (ann * total - (ann - 1) * least) * product >= least ** (n + 1):
            return least
    return mpz(0)


def spread(ann: Any, least: Sequence[Any], most: Any) -> Any | None:
    """
    Return by how much get_D's answer can exceed the invariant of any balances from *least* on, of a sum up to *most*.

    It is never a unit or more below. None where nothing is known: its divisions lose up to e units of P, so each
    of its steps up to ν = 2e / (Ann - 1) units of D.
    """
    n, top, lost = len(least), most + most // 4, mpz(0)
    if ann <= n or min(least) <= 0 or most * n**ROUNDS > (n + 1) ** ROUNDS:
        return None
    for x in least:
        lost = -(-lost * top // (n * x)) + 1
    noise = -(-2 * lost // (ann - 1))
    if n * (n + 1) ** 2 * (1 + noise) ** 2 > min(least):
        return None
    return 2 + (n + 1) * noise
