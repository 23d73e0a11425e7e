"""Integer roots as the CryptoSwap math contracts take them."""

from typing import Any

from gmpy2 import iroot, mpz

__all__ = ["cbrt", "divider_of"]

# Above these the contracts scale by less than 1e36, so that 256 bits hold the scaled number.
_SCALE_E18 = 115792089237316195423570985008687907853269
_SCALE_NONE = _SCALE_E18 * 10**18
_LARGE = 10**12  # every number above 1 in 1e18 has a larger root
_E18, _E36 = mpz(10**18), mpz(10**36)


def cbrt(x: Any) -> Any:
    """
    Return the cube root of a number in 1e18 fixed point (_cbrt).

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
    root = iroot(scaled, 3)[0]
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
