"""Follow the EVM's checked 256-bit arithmetic: what does not fit is a revert."""

from typing import Any

from gmpy2 import mpz, t_div

from arbx import WouldRevert

__all__ = [
    "MAX_INT256",
    "MAX_UINT256",
    "i256",
    "quotient",
    "truncated",
    "u256",
    "wrapped",
    "wrapped_int",
]

MAX_UINT256 = mpz(2**256 - 1)
MAX_INT256 = mpz(2**255 - 1)
_MIN_INT256 = mpz(-(2**255))


def u256(value: Any) -> Any:
    """Return *value* if an unsigned 256-bit word holds it; else the contract reverts."""
    if 0 <= value <= MAX_UINT256:
        return value
    raise WouldRevert("the contract's 256-bit arithmetic overflows at this amount")


def i256(value: Any) -> Any:
    """Return *value* if a signed 256-bit word holds it; else the contract reverts."""
    if _MIN_INT256 <= value <= MAX_INT256:
        return value
    raise WouldRevert("the contract's signed 256-bit arithmetic overflows at this amount")


def quotient(numerator: Any, denominator: Any) -> Any:
    """Divide unsigned words, rounding down; division by zero reverts."""
    if denominator == 0:
        raise WouldRevert("the contract divides by zero at this amount")
    return u256(numerator) // u256(denominator)


def truncated(numerator: Any, denominator: Any) -> Any:
    """Divide signed words as the EVM's SDIV does: towards zero, and anything by zero is zero."""
    return t_div(numerator, denominator) if denominator else mpz(0)


def wrapped(value: Any) -> Any:
    """Reduce to an unsigned word as unsafe_mul and unsafe_add do."""
    return value & MAX_UINT256


def wrapped_int(value: Any) -> Any:
    """Reduce to a signed word as unsafe_mul and unsafe_add do."""
    if _MIN_INT256 <= value <= MAX_INT256:
        return value
    value &= MAX_UINT256
    return value - MAX_UINT256 - 1 if value > MAX_INT256 else value
