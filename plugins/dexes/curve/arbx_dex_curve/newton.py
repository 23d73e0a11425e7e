"""
Newton's method on the CryptoSwap invariant, for one balance and for D, with the math contracts' roundings.

With K0 = N^N·Πx / D^N and G = |γ + 1 - K0| the invariant, divided by K·D^(N-1), reads

    Σx - D - P·(1 - K0) / K0 = 0,   P = D·G² / (A·N^N·γ²)   (the *pull* towards a constant product)

and the logarithmic derivative of the last term by K0 brings in 2·K0 / G (the *turn*). Both are integers in the
unit of the balances and in 1e18; every quotient below is rounded where the contract rounds it.
"""

from collections.abc import Sequence
from typing import Any

from gmpy2 import mpz

import arbx
from arbx_dex_curve.checked import quotient, u256
from arbx_dex_curve.invariant import ROUNDS

__all__ = ["newton_d", "newton_y"]

_A_MULTIPLIER = 10000
_CLOSE = 10**14  # iterations end at a step of a part in 1e14
_E18 = mpz(10**18)


def _pull_and_turn(ann: Any, gamma: Any, d: Any, k0: Any, count: int) -> tuple[Any, Any]:
    """Return P and *count* times 2·K0 / G (1e18); G counts one unit more, so that it is never 0."""
    gap = abs(gamma + _E18 - k0) + 1
    pull = u256(_E18 * d // gamma * gap)
    pull = u256(pull // gamma * gap)
    return u256(pull * _A_MULTIPLIER) // ann, 2 * _E18 * count * k0 // gap


def newton_y(ann: Any, gamma: Any, others: Sequence[Any], d: Any) -> Any:
    """Return the balance that the other balances leave for D (the contracts' _newton_y)."""
    largest_first = sorted(others, reverse=True)
    near = max(largest_first[0] // _CLOSE, d // _CLOSE, 100)
    k0_per_y = _E18  # K0·D / (N·y)
    for value in largest_first:
        k0_per_y = quotient(k0_per_y * value * (len(others) + 1), d)
    y = _in_balance(largest_first[::-1], d)
    for _ in range(ROUNDS):
        before, step = y, _next_y(ann, gamma, d, others, k0_per_y, y)
        if step is None:
            y = before // 2
            continue
        y = step
        if abs(y - before) < max(near, y // _CLOSE):
            return y
    raise arbx.WouldRevert("newton_y does not converge at this amount")


def _in_balance(smallest_first: Sequence[Any], d: Any) -> Any:
    """Return the y that makes K0 = 1: where the iteration begins."""
    n = len(smallest_first) + 1
    if n == 2:
        return quotient(d * d, smallest_first[0] * 4)
    y = d // n
    for value in smallest_first:
        y = quotient(y * d, value * n)
    return y


def _next_y(
    ann: Any, gamma: Any, d: Any, others: Sequence[Any], k0_per_y: Any, y: Any
) -> Any | None:
    """Return the next y; None where the slope would be negative: the contract halves y and goes on."""
    k0, total = quotient(k0_per_y * y * (len(others) + 1), d), sum(others) + y
    pull, turn = _pull_and_turn(ann, gamma, d, k0, 1)
    weight = _E18 + turn
    # y times the derivative, in 1e18: y + (Σx - D)·weight + P
    slope_y = u256(_E18 * y + total * weight + pull) - d * weight
    if slope_y < 0:
        return None
    slope = quotient(slope_y, y)
    pulled = quotient(pull, slope)
    rising = (slope_y + _E18 * d) // slope + quotient(pulled * _E18, k0)
    falling = pulled + _E18 * total // slope
    return y // 2 if rising < falling else rising - falling


def newton_d(ann: Any, gamma: Any, falling: Sequence[Any], start: Any) -> Any:
    """Return D of the balances, largest first, from *start* (newton_D's loop, without its range checks)."""
    n, total, d = len(falling), sum(falling), start
    for _ in range(ROUNDS):
        if d <= 0:
            break
        before = d
        d = _next_d(ann, gamma, falling, n, total, d)
        if abs(d - before) * _CLOSE < max(10**16, d):
            return d
    raise arbx.WouldRevert("newton_D does not converge at this amount")


def _next_d(ann: Any, gamma: Any, falling: Sequence[Any], n: int, total: Any, d: Any) -> Any:
    """Return the next D: D·(slope + Σx) / slope less D² / slope and the pull's part, halved below 0."""
    k0 = _k0(falling, d)
    pull, turn = _pull_and_turn(ann, gamma, d, k0, n)
    # minus the derivative by D: Σx·(1 + turn) + N·P / K0 - D·turn
    slope = u256(total + total * turn // _E18 + quotient(pull * n, k0) - turn * d // _E18)
    more = quotient(d * (slope + total), slope)
    less = u256(d * d) // slope
    pulled = d * (pull // slope) // _E18 * abs(_E18 - k0) // k0
    less = less + pulled if k0 < _E18 else u256(less - pulled)
    return more - less if more > less else (less - more) // 2


def _k0(falling: Sequence[Any], d: Any) -> Any:
    """Return K0 = Πx·N^N / D^N in 1e18, divided by D once a coin."""
    if len(falling) == 2:
        return 4 * _E18 * falling[0] // d * falling[1] // d
    k0 = _E18
    for value in falling:
        k0 = k0 * value * 3 // d
    return k0
