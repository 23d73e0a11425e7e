"""Multiply and divide 18-decimal fixed-point numbers as Balancer's FixedPoint library rounds."""

from typing import Final

from arbx import WouldRevert

__all__ = [
    "ONE",
    "UINT256",
    "ceil_div",
    "complement",
    "div_down",
    "div_up",
    "mul_down",
    "mul_up",
    "uint256",
]

ONE: Final = 10**18
UINT256: Final = 2**256


def ceil_div(a: int, b: int) -> int:
    """Return a / b rounded up (Math.divUp, FixedPoint.divUpRaw)."""
    return -(-a // b)


def mul_down(a: int, b: int) -> int:
    """Return a·b / 1e18 rounded down (FixedPoint.mulDown)."""
    return a * b // ONE


def mul_up(a: int, b: int) -> int:
    """Return a·b / 1e18 rounded up (FixedPoint.mulUp)."""
    return -(-a * b // ONE)


def div_down(a: int, b: int) -> int:
    """Return a·1e18 / b rounded down (FixedPoint.divDown)."""
    return a * ONE // b


def div_up(a: int, b: int) -> int:
    """Return a·1e18 / b rounded up (FixedPoint.divUp)."""
    return -(-a * ONE // b)


def complement(x: int) -> int:
    """Return 1e18 - x, or 0 where x is above one (FixedPoint.complement)."""
    return ONE - x if x < ONE else 0


def uint256(value: int) -> int:
    """Return *value*, or refuse it as the contract's checked arithmetic does (MUL_OVERFLOW, Panic 0x11)."""
    if value >= UINT256:
        raise WouldRevert("the contract's arithmetic overflows 256 bits")
    return value
