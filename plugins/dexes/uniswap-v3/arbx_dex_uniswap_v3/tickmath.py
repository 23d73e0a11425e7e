"""TickMath of Uniswap V3: the square-root price at a tick, to the last bit."""

from functools import lru_cache

from gmpy2 import mpz

__all__ = [
    "MAX_SQRT_RATIO",
    "MAX_TICK",
    "MIN_SQRT_RATIO",
    "MIN_TICK",
    "sqrt_ratio_at_tick",
]

MIN_TICK, MAX_TICK = -887_272, 887_272
MIN_SQRT_RATIO = mpz(4_295_128_739)
MAX_SQRT_RATIO = mpz(1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342)

_LOW_BITS = 14
_LOW_MASK = (1 << _LOW_BITS) - 1
_MAX_UINT256 = mpz(2**256 - 1)

# TickMath's constants: 1.0001**(-2**i / 2) as Q128.128, for bit i of |tick|.
_FACTORS = tuple(
    mpz(factor)
    for factor in (
        0xFFFCB933BD6FAD37AA2D162D1A594001,
        0xFFF97272373D413259A46990580E213A,
        0xFFF2E50F5F656932EF12357CF3C7FDCC,
        0xFFE5CACA7E10E4E61C3624EAA0941CD0,
        0xFFCB9843D60F6159C9DB58835C926644,
        0xFF973B41FA98C081472E6896DFB254C0,
        0xFF2EA16466C96A3843EC78B326B52861,
        0xFE5DEE046A99A2A811C461F1969C3053,
        0xFCBE86C7900A88AEDCFFC83B479AA3A4,
        0xF987A7253AC413176F2B074CF7815E54,
        0xF3392B0822B70005940C7A398E4B70F3,
        0xE7159475A2C29B7443B29C7FA6E889D9,
        0xD097F3BDFD2022B8845AD8F792AA5825,
        0xA9F746462D870FDF8A65DC1F90E061E5,
        0x70D869A156D2A1B890BB3DF62BAF32F7,
        0x31BE135F97D08FD981231505542FCFA6,
        0x9AA508B5B7A84E1C677DE54F3E99BC9,
        0x5D6AF8DEDB81196699C329225EE604,
        0x2216E584F5FA1EA926041BEDFE98,
        0x48A170391F7DC42444E8FA2,
    )
)


@lru_cache(maxsize=1 << 16)
def sqrt_ratio_at_tick(tick: int) -> mpz:
    """
    Return √(1.0001**tick) · 2**96 as TickMath.getSqrtRatioAtTick does, rounding included.

    >>> int(sqrt_ratio_at_tick(0)) == 2**96
    True
    >>> sqrt_ratio_at_tick(-887272) == MIN_SQRT_RATIO
    True
    """
    if not MIN_TICK <= tick <= MAX_TICK:
        raise ValueError(f"tick {tick} is outside [{MIN_TICK}, {MAX_TICK}]")
    absolute = abs(tick)
    ratio = _low_part(absolute & _LOW_MASK)
    for factor in _HIGH_FACTORS[absolute >> _LOW_BITS]:
        ratio = (ratio * factor) >> 128
    if tick > 0:
        ratio = _MAX_UINT256 // ratio
    # Q128.128 to Q64.96, rounded up so that getTickAtSqrtRatio of the result is the tick again.
    return (ratio + 0xFFFFFFFF) >> 32


# The contract multiplies in the order of the bits, so the low bits' product is shared by many ticks.
@lru_cache(maxsize=1 << _LOW_BITS)
def _low_part(low: int) -> mpz:
    ratio = mpz(1) << 128
    for factor in _factors_of(low, 0):
        ratio = (ratio * factor) >> 128
    return ratio


def _factors_of(bits: int, first: int) -> tuple[mpz, ...]:
    return tuple(_FACTORS[first + bit] for bit in range(bits.bit_length()) if bits >> bit & 1)


_HIGH_FACTORS = tuple(_factors_of(high, _LOW_BITS) for high in range((MAX_TICK >> _LOW_BITS) + 1))
