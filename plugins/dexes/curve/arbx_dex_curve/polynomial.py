"""Polynomials of one variable with exact integer coefficients, lowest power first."""

from collections.abc import Sequence
from typing import Any

__all__ = ["Polynomial", "plus", "scaled", "times"]

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


def plus(left: Polynomial, right: Polynomial) -> list[Any]:
    """
    Return the sum.

    >>> plus([1, 2, 3], [4])
    [5, 2, 3]
    """
    short, long = sorted((left, right), key=len)
    return [a + b for a, b in zip(short, long, strict=False)] + list(long[len(short) :])


def scaled(polynomial: Polynomial, factor: Any) -> list[Any]:
    """
    Return *factor* times the polynomial.

    >>> scaled([1, 2], 3)
    [3, 6]
    """
    return [value * factor for value in polynomial]
