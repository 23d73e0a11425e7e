"""Polynomials of one variable with exact integer coefficients, lowest power first."""

from collections.abc import Sequence
from typing import Any

__all__ = ["Polynomial", "mixed", "squared", "times"]

Polynomial = Sequence[Any]


def times(left: Polynomial, right: Polynomial) -> list[Any]:
    """
    Return the product.

    >>> times([1, 2], [3, 0, 1])
    [3, 6, 1, 2]
    """
    product = [0] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            product[i + j] += a * b
    return product


def squared(linear: Polynomial) -> tuple[Any, ...]:
    """
    Return the square of a constant or a straight line.

    >>> squared([1, 2])
    (1, 4, 4)
    """
    if len(linear) == 1:
        return (linear[0] * linear[0],)
    a, b = linear
    return a * a, 2 * a * b, b * b


def mixed(one: Polynomial, weight: Any, other: Polynomial, weight_other: Any) -> list[Any]:
    """
    Return ``weight * one + weight_other * other`` of two polynomials of one degree.

    >>> mixed([1, 2], 3, [4, 5], -1)
    [-1, 1]
    """
    return [weight * a + weight_other * b for a, b in zip(one, other, strict=True)]
