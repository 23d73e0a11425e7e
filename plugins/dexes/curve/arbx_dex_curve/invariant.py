"""
The StableSwap invariant: A·n^n·Σx + D = A·D·n^n + D^(n+1) / (n^n·Πx).

Written from the published invariant; each function names the contract function whose iteration, order of
operations and roundings it follows. These are the slow, checked ways: the curves only come here once for D,
or for amounts near the limits of 256 bits.
"""

from collections.abc import Sequence
from typing import Any

from arbx import WouldRevert
from arbx_dex_curve.checked import quotient, u256
from arbx_dex_curve.generations import Generation, ProductForm

__all__ = ["ROUNDS", "get_d", "get_y", "get_y_d"]

ROUNDS = 255


def get_d(generation: Generation, xp: Sequence[Any], amp: Any) -> Any:
    """Return D of the balances *xp*, as get_D iterates it; *amp* is already times the precision of A."""
    n, precision = len(xp), generation.a_precision
    total = u256(sum(xp))
    if total == 0:
        return total
    d, ann = total, amp * n
    for _ in range(ROUNDS):
        d_p, d_prev = _product_term(generation.product_form, d, xp), d
        numerator = u256((u256(ann * total) // precision + u256(d_p * n)) * d)
        denominator = u256((ann - precision) * d) // precision + u256((n + 1) * d_p)
        d = quotient(numerator, denominator)
        if abs(d - d_prev) <= 1:
            return d
    if generation.raises_unconverged:
        raise WouldRevert("get_D does not converge: the pool's balances are too far apart")
    return d


def _product_term(form: ProductForm, d: Any, xp: Sequence[Any]) -> Any:
    """Return D^(n+1) / (n^n·Πx) with the divisions in the order of the contract's generation."""
    n, d_p = len(xp), d
    if form is ProductForm.PER_COIN:
        for x in xp:
            d_p = quotient(d_p * d, x * n)
    elif form is ProductForm.PER_COIN_PLUS_ONE:
        for x in xp:
            d_p = quotient(d_p * d, x * n + 1)
    else:
        for x in xp:
            d_p = quotient(d_p * d, x)
        d_p //= n**n
    return d_p


def get_y(
    generation: Generation, xp: Sequence[Any], amp: Any, d: Any, i: int, j: int, x: Any
) -> Any:
    """Return the balance of coin *j* once coin *i* has *x*, as get_y iterates it."""
    others = [x if k == i else value for k, value in enumerate(xp) if k != j]
    return _solve(generation, others, len(xp), amp, d)


def get_y_d(generation: Generation, xp: Sequence[Any], amp: Any, d: Any, j: int) -> Any:
    """Return the balance of coin *j* that belongs to the invariant *d*, as get_y_D iterates it."""
    others = [value for k, value in enumerate(xp) if k != j]
    return _solve(generation, others, len(xp), amp, d)


def _solve(generation: Generation, others: Sequence[Any], n: int, amp: Any, d: Any) -> Any:
    """Solve y² + (b - D)·y = c by the contract's Newton iteration from y = D."""
    ann, precision, c = amp * n, generation.a_precision, d
    for value in others:
        c = quotient(c * d, value * n)
    c = quotient(u256(c * d) * precision, ann * n)
    b = u256(u256(sum(others)) + d * precision // ann)
    y = d
    for _ in range(ROUNDS):
        y_prev = y
        y = quotient(y * y + c, u256(2 * y + b) - d)
        if abs(y - y_prev) <= 1:
            return y
    if generation.raises_unconverged:
        raise WouldRevert("get_y does not converge at this amount")
    return y
