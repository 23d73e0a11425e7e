"""Lines of a size that composes quickly."""

from typing import Any

from arbx import Line

__all__ = ["rounded"]

_LINE_BITS = 224  # bits of the denominator that are kept; rounding the line up by 2**-224 keeps it a bound


def rounded(slope: Any, offset: Any, den: Any) -> Line:
    """Drop the bits that make a line slow to compose, rounding it up."""
    extra = den.bit_length() - _LINE_BITS
    if extra <= 0:
        return Line(slope, offset, den)
    return Line(-(-slope >> extra), -(-offset >> extra), den >> extra)
