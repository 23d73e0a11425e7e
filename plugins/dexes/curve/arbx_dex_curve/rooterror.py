"""
How far the contracts' root can lie below the invariant's: derived, not measured.

A truncation leaves a residual of the cubic, which is small beside the cubic's slope p' at the root. The slope has
bounds for all inputs, the residual follows from the formula's own numbers, and where either is too uncertain there
is no answer. docs/explanation/curve-bounds.md has the derivation with these names. Numbers are counted in 1e36, and
every rounding makes the error larger.
"""

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import attrs
from gmpy2 import iroot, isqrt, mpz

from arbx_dex_curve.tricrypto import TriMath
from arbx_dex_curve.twocrypto import TwoMath

__all__ = ["root_error"]

_E18, _E36, _E54, _E72 = mpz(10**18), mpz(10**36), mpz(10**54), mpz(10**72)
_A_PRECISION = 10**4
_MOST_SHARE = 100  # of a coin in D, in every range
_MOST_STEEP = 1024 * _E36
_UNITS, _LAST_STEP_BITS = 256, 38


@attrs.frozen
class _Shape:
    """
    Bound the cubic of one direction for every input.

    *full* is the coin out's balance at K0 = 1 where the swap begins and *alpha* = A·N^N·γ²; p' is between *slope* and
    *steep*; its coefficient b is at least *steady* in size.
    """

    d: Any
    full: Any
    least_share_e18: Any
    alpha: Any
    slope: Any
    steep: Any
    steady: Any


class _Unit(NamedTuple):
    """
    The unit that a contract counts the cubic in.

    *least_a* is the first coefficient where the unit is coarsest; *per_slope* is the unit over p', *per_power* over
    p'^1.5; *last* is what the last truncations take from K0; below *least_slope* nothing is derived.
    """

    least_a: Any
    per_slope: Any
    per_power: Any
    last: Any
    least_slope: Any


def root_error(
    math: TwoMath | TriMath, ann: Any, gamma: Any, d: Any, x: Any, others: Sequence[Any]
) -> Any | None:
    """
    Return how many units the contract's balance can be below the invariant's, for every input that leaves *x* or more.

    None where it can't be derived: the pool is too flat (γ and A tiny) or too stiff (b may come near 0).
    """
    shape = _shape_of(math, ann, gamma, d, x, others)
    if shape.steady < _E36 or shape.steep > _MOST_STEEP:
        return None
    unit = _unit_of_two(shape) if isinstance(math, TwoMath) else _unit_of_three(math, shape, ann)
    root_a, _ = iroot(unit.least_a, 3)
    # what the truncated cube roots of b and G lose, in parts
    b_part = 2 * _E36 // (10**12 * root_a) + _E36 // (10**6 * root_a * root_a) + 15 * 10**16
    g_part = 23 * _E36 // (10**13 * root_a) + _E36 // unit.least_a + 1
    if shape.slope < unit.least_slope or not _is_near(shape, unit, b_part, g_part):
        return None
    steep_root = isqrt(shape.steep) + 1
    k = (
        35 * unit.per_slope
        + 12 * unit.per_slope * steep_root // (5 * _E18)
        + 2 * unit.per_power
        + 6 * steep_root * b_part // _E18
        + 3 * g_part
        + unit.last
        + 4
    )
    last_step = (d >> _LAST_STEP_BITS) // gamma + 1
    quotients = _UNITS + 8 * shape.full * _E18 // (shape.least_share_e18 * d)
    return shape.full * k // _E36 + quotients + last_step


def _shape_of(
    math: TwoMath | TriMath, ann: Any, gamma: Any, d: Any, x: Any, others: Sequence[Any]
) -> _Shape:
    n = math.coins
    full = d**n // (n**n * x * prod(others, start=mpz(1))) + 1
    least_share, _ = math.shares(int(gamma))
    alpha = ann * gamma * gamma // _A_PRECISION
    pulled = (alpha + 1) * full // d + 1
    return _Shape(
        d=d,
        full=full,
        least_share_e18=mpz(least_share),
        alpha=alpha,
        slope=gamma * gamma + alpha * least_share // _E18,
        steep=(alpha + 1) * _MOST_SHARE * n + pulled + (_E18 + gamma) * (3 * _E18 + gamma),
        steady=3 * _E36 + 2 * gamma * _E18 - pulled,
    )


def _unit_of_two(shape: _Shape) -> _Unit:
    slope, steady = shape.slope, shape.steady
    return _Unit(
        least_a=mpz(10**20),
        per_slope=3 * _E54 // steady + 16 * 10**4 * _E36 // slope + 2,
        per_power=16 * _E18 * _E72 // (steady * steady) + _powered(13_000, slope) + 2,
        last=_E18 + _E18 * shape.steep // steady + 1,
        least_slope=6 * 10**21,
    )


def _unit_of_three(math: TriMath, shape: _Shape, ann: Any) -> _Unit:
    slope, steep, one = shape.slope, shape.steep, _E36 // 27
    least_a = one // (3 * math.divider(4 * steep * one // _E36))
    return _Unit(
        least_a=least_a,
        per_slope=3 * _E18 + (130 + ann // 10**5 + 1) * _E36 // slope + 1,
        per_power=33 * _E36 // (10 * isqrt(slope)) + _powered(130, slope) + 2,
        last=2 * _E36 // least_a + 1,
        least_slope=5 * 10**20,
    )


def _powered(number: int, slope: Any) -> Any:
    """Return *number* over p'^1.5."""
    return number * _E54 // (slope * isqrt(slope))


def _is_near(shape: _Shape, unit: _Unit, b_part: Any, g_part: Any) -> bool:
    """Tell whether the largest residual of all leaves K0 between 3/4 of the root and the root and an eighth."""
    steep, steep_root = shape.steep, isqrt(shape.steep) + 1
    residual = (
        (16 * _E36 + steep_root * _E18) // unit.least_a
        + 2 * steep * steep_root * b_part // _E54
        + steep * g_part // _E36
        + 4
    )
    share = shape.least_share_e18
    return bool(
        8 * residual * shape.full * _E18 <= share * shape.d * shape.slope
        and 8 * residual * _E18 <= shape.alpha * share
    )
