"""Newton's method on the CryptoSwap invariant, for a balance and for D, as the math contracts iterate it."""

from collections.abc import Sequence
from typing import Any

from gmpy2 import mpz

import arbx
from arbx_dex_curve.checked import quotient, u256
from arbx_dex_curve.invariant import ROUNDS

__all__ = ["newton_d", "newton_y"]

_A_MULTIPLIER = 10000
_E18 = mpz(10**18)


def _g1k0(gamma: Any, k0: Any) -> Any:
    """Return |γ + 1 - K0| + 1 unit, in 1e18."""
    return abs(gamma + _E18 - k0) + 1


def newton_y(ann: Any, gamma: Any, others: Sequence[Any], d: Any) -> Any:
    """Return the balance that the other balances leave for D (_newton_y), started at the balanced product."""
    n = len(others) + 1
    rising, falling = sorted(others), sorted(others, reverse=True)
    limit = max(falling[0] // 10**14, d // 10**14, 100)
    if n == 2:
        y = quotient(d * d, others[0] * 4)
    else:
        y = d // n
        for value in rising:
            y = quotient(y * d, value * n)
    k0_i = mpz_e18 = _E18
    for value in falling:
        k0_i = quotient(k0_i * value * n, d)
    s_i = sum(others)
    for _ in range(ROUNDS):
        y_prev = y
        y = _y_step(ann, gamma, d, n, k0_i, s_i, y, mpz_e18)
        if y is None:
            y = y_prev // 2
            continue
        if abs(y - y_prev) < max(limit, y // 10**14):
            return y
    raise arbx.WouldRevert("newton_y does not converge at this amount")


def _y_step(ann: Any, gamma: Any, d: Any, n: int, k0_i: Any, s_i: Any, y: Any, e18: Any) -> Any:
    """Return the next y, or None where the contract halves it without a convergence test."""
    k0 = quotient(k0_i * y * n, d)
    s, g1k0 = s_i + y, _g1k0(gamma, k0)
    mul1 = u256(u256(u256(e18 * d // gamma * g1k0) // gamma * g1k0) * _A_MULTIPLIER) // ann
    mul2 = e18 + 2 * e18 * k0 // g1k0
    yfprime = u256(e18 * y + s * mul2 + mul1)
    if yfprime < d * mul2:
        return None
    yfprime -= d * mul2
    fprime = quotient(yfprime, y)
    y_minus = quotient(mul1, fprime)
    y_plus = (yfprime + e18 * d) // fprime + quotient(y_minus * e18, k0)
    y_minus += e18 * s // fprime
    return y // 2 if y_plus < y_minus else y_plus - y_minus


def newton_d(ann: Any, gamma: Any, falling: Sequence[Any], start: Any) -> Any:
    """Return D of the balances, largest first, from *start* (newton_D's loop, without its range checks)."""
    n, s, d = len(falling), sum(falling), start
    for _ in range(ROUNDS):
        if d <= 0:
            break
        d_prev = d
        k0 = _k0(falling, d)
        g1k0 = _g1k0(gamma, k0)
        mul1 = _E18 * d // gamma * g1k0 // gamma * g1k0 * _A_MULTIPLIER // ann
        mul2 = 2 * _E18 * n * k0 // g1k0
        neg_fprime = u256(s + s * mul2 // _E18 + quotient(mul1 * n, k0) - mul2 * d // _E18)
        d_plus = quotient(d * (neg_fprime + s), neg_fprime)
        d_minus = u256(d * d) // neg_fprime
        tilt = d * (mul1 // neg_fprime) // _E18 * abs(_E18 - k0) // k0
        d_minus = d_minus + tilt if k0 < _E18 else u256(d_minus - tilt)
        d = d_plus - d_minus if d_plus > d_minus else (d_minus - d_plus) // 2
        if abs(d - d_prev) * 10**14 < max(10**16, d):
            return d
    raise arbx.WouldRevert("newton_D does not converge at this amount")


def _k0(falling: Sequence[Any], d: Any) -> Any:
    """Return K0 = Πx·N^N / D^N in 1e18, divided by D once a coin."""
    if len(falling) == 2:
        return 4 * _E18 * falling[0] // d * falling[1] // d
    k0 = _E18
    for value in falling:
        k0 = k0 * value * 3 // d
    return k0
