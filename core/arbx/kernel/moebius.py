"""
Möbius functions as 2 × 2 integer matrices: ``(a*x + b) / (c*x + d)`` with determinant ``a*d - b*c``.

Constant-product swaps compose to one, and so does any cycle inside one combination of liquidity ranges.
Inputs and outputs of a piece are counted in 2**-64 units here, so that its base point is an integer.
"""

from typing import NamedTuple

from gmpy2 import isqrt, mpz

from arbx.kernel.types import Moebius

__all__ = [
    "IDENTITY",
    "Matrix",
    "after",
    "apply",
    "inverse",
    "of_piece",
    "slope_at_output",
    "stationary",
]


class Matrix(NamedTuple):
    """The function (a*x + b) / (c*x + d) and its determinant."""

    a: int
    b: int
    c: int
    d: int
    det: int


IDENTITY = Matrix(mpz(1), mpz(0), mpz(0), mpz(1), mpz(1))


def of_piece(piece: Moebius) -> Matrix:
    """
    Return one liquidity range as a matrix on 2**-64 units.

    >>> m = of_piece(Moebius(997, 1000, 1, 0, 0, 0))
    >>> apply(m, 10 << 64) == (9970 << 64) // 1010
    True
    """
    a, b, c, lo, out_lo, *_ = piece
    a, b = mpz(a) << 64, mpz(b) << 64
    rest = b - c * lo
    return Matrix(a + out_lo * c, out_lo * rest - a * lo, c, rest, a * b)


def after(outer: Matrix, inner: Matrix) -> Matrix:
    """Return outer ∘ inner; determinants multiply."""
    a, b, c, d, det = outer
    e, f, g, h, det_inner = inner
    return Matrix(a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h, det * det_inner)


def apply(matrix: Matrix, x: int) -> int:
    """Return the value at *x*, rounded down."""
    a, b, c, d, _ = matrix
    return (a * x + b) // (c * x + d)


def inverse(matrix: Matrix, y: int) -> int:
    """Return the input whose value is *y*, rounded down; *y* must be below the function's limit a/c."""
    a, b, c, d, _ = matrix
    return (d * y - b) // (a - c * y)


def slope_at_output(matrix: Matrix, y: int) -> tuple[int, int]:
    """
    Return the slope where the value is *y*, as numerator and denominator; (0, 1) beyond the limit a/c.

    From y = (ax+b)/(cx+d) follows cx+d = det/(a-cy), and the slope is det/(cx+d)**2.
    """
    rest = matrix.a - matrix.c * y
    return (rest * rest, matrix.det) if rest > 0 else (mpz(0), mpz(1))


def stationary(matrix: Matrix) -> int | None:
    """Return the *x* (rounded down) at which the slope is 1; None for a straight line."""
    if matrix.c == 0:
        return None
    return int((isqrt(matrix.det) - matrix.d) // matrix.c)
