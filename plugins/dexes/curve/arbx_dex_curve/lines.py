"""Lines of a size that composes quickly."""

from typing import Any

from arbx import Line

__all__ = ["rounded"]

_LINE_BITS = 224  # of the denominator; the line is rounded up by 2**-224, so it stays a bound


def rounded(slope: Any, offset: Any, den: Any) -> Line:
    """Drop the bits that make a line slow to compose, rounding it up."""
    extra = den.bit_length() - _LINE_BITS
    if extra <= 0:
        return Line(slope, offset, den)
    return Line(-(-slope >> extra), -(-offset >> extra), den >> extra)
