"""
Newton's method on the CryptoSwap invariant, for one balance and for D.

With k = K0 = N^N·Πx / D^N, G = |γ + 1 - k| and the *pull* P = D·G² / (A·N^N·γ²) towards a constant product it reads

    F = Σx - D - P·(1 - k) / k = 0.

The step is Newton's for F·k/P where a balance is sought and for F/P where D is: by the logarithm of the variable the
factors change at the rates ``1 + turn`` and ``-(1 + turn)``, with turn = 2k/G for y and 2N·k/G for D. So F itself
drops out of the slopes, and what is left is

    y:  y + (Σx - D)·(1 + turn) + P              y' = y - y·F / slope
    D:  Σx + (Σx - D)·turn + N·P/k               D' = D + D·F / slope

F·k/P is convex and rises with y above its root, so from k = 1, where the search for a balance begins, the steps fall
towards the root and never pass it by more than their roundings. k, turn and slopes are integers in 1e18.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

from gmpy2 import mpz

import arbx
from arbx_dex_curve.checked import quotient, u256
from arbx_dex_curve.invariant import ROUNDS

__all__ = ["newton_d", "newton_y"]

_A_MULTIPLIER = 10000
_CLOSE = 10**14  # iterations end at a step of a part in 1e14
_E18 = mpz(10**18)


def newton_y(ann: Any, gamma: Any, others: Sequence[Any], d: Any) -> Any:
    """Return the balance that the other balances leave for D."""
    n, known = len(others) + 1, sum(others)
    falling = sorted(others, reverse=True)
    near = max(falling[0] // _CLOSE, d // _CLOSE, 100)
    k_per_y = _E18  # k·D / (N·y)
    for value in falling:
        k_per_y = quotient(k_per_y * value * n, d)
    y = _in_balance(falling[::-1], d)
    for _ in range(ROUNDS):
        before, k = y, quotient(k_per_y * y * n, d)
        pull, turn = _pull_and_turn(ann, gamma, d, k, 1)
        moved = _moved_y(y, known + y, d, k, pull, _E18 + turn)
        if moved is None:
            y = before // 2
            continue
        y = moved
        if abs(y - before) < max(near, y // _CLOSE):
            return y
    raise arbx.WouldRevert("newton_y does not converge at this amount")


def _in_balance(rising: Sequence[Any], d: Any) -> Any:
    """Return the y of k = 1, D^N / (N^N·Πothers)."""
    n = len(rising) + 1
    if n == 2:
        return quotient(d * d, prod(rising) * n * n)
    y = d // n
    for value in rising:
        y = quotient(y * d, value * n)
    return y


def _moved_y(y: Any, total: Any, d: Any, k: Any, pull: Any, weight: Any) -> Any | None:
    """
    Return y·(slope - F) / slope, halved instead where it is negative; None for a slope below 0.

    *pull* and *weight* = 1 + turn are in 1e18, and so is y times the slope.
    """
    slope_y = u256(_E18 * y + total * weight + pull) - d * weight
    if slope_y < 0:
        return None
    slope = quotient(slope_y, y)
    share = quotient(pull, slope)
    above = (slope_y + _E18 * d) // slope + quotient(share * _E18, k)
    below = share + _E18 * total // slope
    return above - below if above >= below else y // 2


def newton_d(ann: Any, gamma: Any, falling: Sequence[Any], start: Any) -> Any:
    """Return D of the balances, largest first, from *start*."""
    total, d = sum(falling), start
    for _ in range(ROUNDS):
        if d <= 0:
            break
        before, k = d, _k_of(falling, d)
        d = _moved_d(ann, gamma, d, total, k, len(falling))
        if abs(d - before) * _CLOSE < max(10**16, d):
            return d
    raise arbx.WouldRevert("newton_D does not converge at this amount")


def _moved_d(ann: Any, gamma: Any, d: Any, total: Any, k: Any, n: int) -> Any:
    """Return D·(slope + F) / slope, or half of what it falls below 0."""
    pull, turn = _pull_and_turn(ann, gamma, d, k, n)
    slope = u256(total + total * turn // _E18 + quotient(pull * n, k) - turn * d // _E18)
    above = quotient(d * (slope + total), slope)
    below = u256(d * d) // slope
    # P·(1 - k)/k changes sign where rounding has lifted k over 1.
    bent = d * (pull // slope) // _E18 * abs(_E18 - k) // k
    below = below + bent if k < _E18 else u256(below - bent)
    return above - below if above > below else (below - above) // 2


def _k_of(falling: Sequence[Any], d: Any) -> Any:
    """Return k, divided by D once a coin."""
    if len(falling) == 2:
        return 4 * _E18 * falling[0] // d * falling[1] // d
    k = _E18
    for value in falling:
        k = k * value * 3 // d
    return k


def _pull_and_turn(ann: Any, gamma: Any, d: Any, k: Any, count: int) -> tuple[Any, Any]:
    """Return P and *count* times 2k/G; G counts one unit more, so that it is never 0."""
    gap = abs(gamma + _E18 - k) + 1
    pull = u256(_E18 * d // gamma * gap)
    pull = u256(pull // gamma * gap)
    return u256(pull * _A_MULTIPLIER) // ann, 2 * _E18 * count * k // gap
