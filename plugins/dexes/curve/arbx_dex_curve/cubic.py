"""
The CryptoSwap invariant as a cubic in K0, solved by Cardano's formula in truncated integers.

With α = A·N^N·γ², the balances counted in D, S the sum of the known ones and t·K0 the unknown one, the invariant
``α·K0·(Σx - 1) = (1 - K0)·(1 + γ - K0)²`` (docs/explanation/curve-bounds.md) is, ordered by powers of K0,

    K0³ + (α·t - 3 - 2γ)·K0² + (α·(S - 1) + 3 + 4γ + γ²)·K0 - (1 + γ)² = 0.

Any a·k³ + b·k² + c·k + d = 0 becomes, with U = 3a·k + b and divided by b, so that 256 bits hold it,

    U³ + 3b·p·U = b²·q,    p = 3ac/b - b,    q = 9ac/b - 2b - 27a²d/b²,

and U = C - b·p/C for C = ∛(b²·(q ± ω)/2), ω² = q² + 4p³/b. Which of the quotients are truncated, and in what unit
everything is counted, is each contract's own affair: twocrypto.py and tricrypto.py.
"""

from collections.abc import Callable
from typing import Any

from gmpy2 import iroot, isqrt, mpz

import arbx
from arbx_dex_curve.checked import i256, truncated

__all__ = ["cbrt", "depressed_root", "divider_of"]

# Above these the contracts scale by less than 1e36, so that 256 bits hold the scaled number.
_SCALE_E18 = 115792089237316195423570985008687907853269
_SCALE_NONE = _SCALE_E18 * 10**18
_LARGE = 10**12  # every number above 1 in 1e18 has a larger root
_E18, _E36 = mpz(10**18), mpz(10**36)


def depressed_root(b: Any, p: Any, q: Any, fits: Callable[[Any], Any]) -> Any | None:
    """
    Return C of the depressed cubic, or None where its roots are all real: the contracts turn to Newton there.

    Of q ± ω the one without cancellation is taken. *fits* is what the contract does with a product that may be too
    large for a word.
    """
    fourth = truncated(i256(4 * p * p), b)
    omega_squared = i256(i256(q * q) + fits(fourth * p))
    if omega_squared <= 0:
        return None
    omega = isqrt(omega_squared)
    half = cbrt((q + omega) // 2) if q > 0 else -cbrt((omega - q) // 2)
    b_cbrt = cbrt(abs(b))
    c = truncated(b_cbrt * b_cbrt // _E18 * half, _E18)
    if c == 0:
        raise arbx.WouldRevert("the contract divides by zero at this amount")
    return c


def cbrt(x: Any) -> Any:
    """
    Return the cube root of a number in 1e18 fixed point, off by one unit of its last place at most.

    >>> int(cbrt(27 * 10**18))
    3000000000000000000
    """
    if x < _SCALE_E18:
        return _root(x * _E36)
    return _root(x * _E18) * 10**6 if x < _SCALE_NONE else _root(x) * 10**12


def _root(scaled: Any) -> Any:
    """
    Return where the contract's seven Newton steps end: at the root rounded down, unless it is nearly the next.

    The start is at most 21 % off, so the fifth step is within 2e-20 of the root and the sixth and seventh within
    a unit, never below; a step from r or r + 1 lands on r where the root is not within 4/r of r + 1.
    """
    if scaled == 0:
        return mpz(0)
    root, _ = iroot(scaled, 3)
    following = root + 1
    if root > _LARGE and following * following * following - scaled > 16 * following:
        return root
    return _newton_root(scaled)


def _newton_root(scaled: Any) -> Any:
    """Take the contract's own seven steps, from a power of two."""
    # log2 rounded down, split into thirds: 2**(1/3) is 1260/1000 here.
    third, rest = divmod(max(int(scaled).bit_length() - 1, 0), 3)
    a = mpz((1 << third) * 1260**rest // 1000**rest)
    for _ in range(7):
        a = (2 * a + scaled // (a * a)) // 3
    return a


def divider_of(size: Any, steps: tuple[tuple[int, int], ...]) -> int:
    """Return the power of ten that *size* is scaled down by: of the first limit that it exceeds."""
    for limit, divider in steps:
        if size > limit:
            return divider
    return 1
