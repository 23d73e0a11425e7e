"""
Raise 18-decimal numbers to 18-decimal powers exactly as Balancer's LogExpMath does.

``pow(x, y) = exp(y · ln x)``. Every division is written where LogExpMath divides. Two divisions in a row are
one here, ``a // b // c = a // (b·c)``, and the signed divisions of the contract, which round towards zero,
are divisions of magnitudes.
"""

from typing import Final

from arbx import WouldRevert
from arbx_dex_balancer.fixed import ONE

__all__ = ["power", "power_up"]

ONE_20: Final = 10**20
ONE_36: Final = 10**36
HUNDRED: Final = 100

# Inside (0.9, 1.1) the logarithm is taken with 36 decimals.
LN_36_LOWER: Final = ONE - 10**17
LN_36_UPPER: Final = ONE + 10**17
MAX_EXPONENT: Final = 130 * ONE
MIN_EXPONENT: Final = -41 * ONE
# powUp and powDown move away from the computed power by this much, relative, and by one unit more.
MAX_POW_RELATIVE_ERROR: Final = 10_000

# (x_n, a_n = e**x_n): for n = 0, 1 with 18 decimals and none; from n = 2 on both with 20 decimals.
X0: Final = 128 * ONE
A0: Final = 38877084059945950922200000000000000000000000000000000000
X1: Final = 64 * ONE
A1: Final = 6235149080811616882910000000
STEPS: Final = (
    (3200000000000000000000, 7896296018268069516100000000000000),
    (1600000000000000000000, 888611052050787263676000000),
    (800000000000000000000, 298095798704172827474000),
    (400000000000000000000, 5459815003314423907810),
    (200000000000000000000, 738905609893065022723),
    (100000000000000000000, 271828182845904523536),
    (50000000000000000000, 164872127070012814685),
    (25000000000000000000, 128402541668774148407),
    (12500000000000000000, 113314845306682631683),
    (6250000000000000000, 106449445891785942956),
)
# exp stops one step before e**(1/8): its Taylor series converges from 1/4 on.
EXP_STEPS: Final = STEPS[:8]
# Where all logarithms of a swap lie (bases above 1/1.3), only the last three steps can apply.
LN_STEPS_SMALL: Final[tuple[tuple[int, int], ...]] = STEPS[7:]
SMALL: Final = STEPS[6][1]
# exp's next term is term · x / 1e20 / n, for n = 2 … 12.
TAYLOR: Final = tuple(ONE_20 * n for n in range(2, 13))


def power_up(base: int, exponent: int, *, shortcuts: bool) -> int:
    """
    Return base**exponent rounded up (FixedPoint.powUp).

    From WeightedPool v2 on the exponents 1, 2 and 4 are multiplications.
    """
    if shortcuts:
        if exponent == ONE:
            return base
        if exponent == 2 * ONE:
            return -(-base * base // ONE)
        if exponent == 4 * ONE:
            square = -(-base * base // ONE)
            return -(-square * square // ONE)
    raw = power(base, exponent)
    return raw - (-raw * MAX_POW_RELATIVE_ERROR // ONE) + 1


def power(x: int, y: int) -> int:
    """Return x**y, within 1e-14 of the truth (LogExpMath.pow)."""
    if y == 0:
        return ONE
    if x == 0:
        return 0
    if LN_36_LOWER < x < LN_36_UPPER:
        negative = x < ONE
        log = _ln_36(x)
        # log / 1e18 · y + log % 1e18 · y / 1e18 is log · y / 1e18, for the first part is whole
        product = log * y // ONE_36
    else:
        negative = x < ONE
        product = _ln(ONE_36 // x if negative else x) * y // ONE
    if product > (-MIN_EXPONENT if negative else MAX_EXPONENT):
        raise WouldRevert("the power is out of LogExpMath's range (BAL#008)")
    return ONE_36 // _exp(product) if negative else _exp(product)


def _ln_36(x: int) -> int:
    """Return the magnitude of ln x with 36 decimals, by 2·atanh((x - 1) / (x + 1)) (LogExpMath._ln_36)."""
    wide = x * ONE
    z = abs(wide - ONE_36) * ONE_36 // (wide + ONE_36)
    square = z * z // ONE_36
    total = term = z
    for odd in (3, 5, 7, 9, 11, 13, 15):
        term = term * square // ONE_36
        if not term:
            break
        total += term // odd
    return 2 * total


def _ln(a: int) -> int:
    """Return ln a with 18 decimals, for a >= 1 (LogExpMath._ln)."""
    total = 0
    steps = LN_STEPS_SMALL
    if a * HUNDRED >= SMALL:
        steps = STEPS
        if a >= A0 * ONE:
            a //= A0
            total += X0
        if a >= A1 * ONE:
            a //= A1
            total += X1
        total *= HUNDRED
    a *= HUNDRED
    for step, factor in steps:
        if a >= factor:
            a = a * ONE_20 // factor
            total += step
    z = (a - ONE_20) * ONE_20 // (a + ONE_20)
    square = z * z // ONE_20
    series = term = z
    for odd in (3, 5, 7, 9, 11):
        term = term * square // ONE_20
        series += term // odd
    return (total + 2 * series) // HUNDRED


def _exp(x: int) -> int:
    """Return e**x for x >= 0 (LogExpMath.exp)."""
    whole = 1
    if x >= X0:
        x -= X0
        whole = A0
    elif x >= X1:
        x -= X1
        whole = A1
    x *= HUNDRED
    product = ONE_20
    for step, factor in EXP_STEPS:
        if x >= step:
            x -= step
            product = product * factor // ONE_20
    series = ONE_20 + x
    term = x
    for divisor in TAYLOR:
        term = term * x // divisor
        if not term:
            break
        series += term
    return product * series // ONE_20 * whole // HUNDRED
