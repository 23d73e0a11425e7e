"""Lines of a size that composes quickly."""

from typing import Any

from arbx import Line

__all__ = ["after", "lifted", "rounded"]

_LINE_BITS = 224  # of the denominator; the line is rounded up by 2**-224, so it stays a bound


def rounded(slope: Any, offset: Any, den: Any) -> Line:
    """Drop the bits that make a line slow to compose, rounding it up."""
    extra = den.bit_length() - _LINE_BITS
    if extra <= 0:
        return Line(slope, offset, den)
    return Line(-(-slope >> extra), -(-offset >> extra), den >> extra)


def after(second: Line, first: Line) -> Line:
    """
    Return the line of two swaps, one after the other: neither slope falls, so a bound of one goes into the other.

    >>> after(Line(1, 1, 4), Line(3, 5, 2))
    Line(slope_num=3, offset_num=7, den=8)
    """
    return rounded(
        second.slope_num * first.slope_num,
        second.slope_num * first.offset_num + second.offset_num * first.den,
        second.den * first.den,
    )


def lifted(line: Line, at: Any, level: Any) -> Line:
    """
    Return the line, parallel to *line* and not below it, that is at least *level* from *at* on.

    >>> lifted(Line(1, 2, 1), 10, 15)
    Line(slope_num=1, offset_num=5, den=1)
    """
    slope, offset, den = line
    return Line(slope, max(offset, level * den - slope * at), den)
