"""Small curves of every capability, for comparison with exhaustive search."""

from fractions import Fraction
from math import ceil, floor

from arbx.errors import InsufficientLiquidity
from arbx.kernel import Envelope, Line, Moebius


class Exact:
    """floor(a*x / (b + c*x)) with everything a curve can bring, as exact rationals."""

    def __init__(self, a, b, c, max_in):
        self.a, self.b, self.c, self.max_in = a, b, c, max_in

    def real(self, x):
        return Fraction(self.a * x, 1) / (self.b + self.c * x)

    def amount_out(self, amount_in, /):
        if amount_in > self.max_in:
            raise InsufficientLiquidity("too much")
        return floor(self.real(amount_in))

    def least_in(self, amount_out, /):
        if amount_out > self.amount_out(self.max_in):
            raise InsufficientLiquidity("too much")
        rest = self.a - self.c * amount_out
        return -(-self.b * amount_out // rest) if amount_out else 0

    def line(self, amount_in, /):
        wide = self.b + self.c * amount_in
        slope = Fraction(self.a * self.b, wide * wide)
        return as_line(slope, self.real(amount_in) - slope * amount_in)

    def pieces(self):
        return (Moebius(self.a, self.b, self.c, 0, 0, self.max_in << 64),)


def as_line(slope, offset):
    den = slope.denominator * offset.denominator
    return Line(slope.numerator * offset.denominator, offset.numerator * slope.denominator, den)


class Ranges:
    """Liquidity ranges with a fee that is rounded to whole units, as in a V3 pool."""

    def __init__(self, ranges, fee_per_mille=0):
        """Take (a, b, c, width) of each range; slopes fall from range to range."""
        self.kept = (1000 - fee_per_mille, 1000)
        keep = Fraction(1000 - fee_per_mille, 1000)
        self.table, lo, paid = [], Fraction(0), Fraction(0)
        for a, b, c, width in ranges:
            self.table.append((lo, paid, Fraction(a), Fraction(b), Fraction(c), Fraction(width)))
            lo, paid = lo + width, paid + Fraction(a * width, b + c * width)
        self.keep, self.max_in = keep, floor(lo / keep)

    def real(self, net):
        at = max(row for row in self.table if row[0] <= net)
        lo, paid, a, b, c, _ = at
        return paid + a * (net - lo) / (b + c * (net - lo))

    def amount_out(self, amount_in, /):
        if amount_in > self.max_in:
            raise InsufficientLiquidity("too much")
        return floor(self.real(Fraction(amount_in * self.kept[0] // self.kept[1])))

    def teeth(self, amount_in, /):
        return (*self.kept, 0, self.max_in + 1)

    def line(self, amount_in, /):
        net = amount_in * self.keep
        lo, _, a, b, c, _ = max(row for row in self.table if row[0] <= net)
        slope = self.keep * a * b / (b + c * (net - lo)) ** 2
        return as_line(slope, self.real(net) - slope * amount_in)

    def pieces(self):
        return Envelope(self._pieces())

    def _pieces(self):
        for lo, paid, a, b, c, width in self.table:
            scale = self.keep.denominator
            yield Moebius(
                int(a * self.keep.numerator),
                int(b * scale),
                int(c * self.keep.numerator),
                floor(lo / self.keep * 2**64),
                ceil(paid * 2**64),
                ceil(width / self.keep * 2**64),
            )


class LineOnly:
    """A curve that brings lines but no pieces, as StableSwap does."""

    def __init__(self, inner):
        self._inner, self.max_in = inner, inner.max_in
        self.amount_out, self.line = inner.amount_out, inner.line
        if hasattr(inner, "teeth"):
            self.teeth = inner.teeth


class PiecesOnly:
    """A curve that brings pieces but no lines."""

    def __init__(self, inner):
        self.max_in = inner.max_in
        self.amount_out, self.pieces = inner.amount_out, inner.pieces


class AmountOnly:
    """A stranger's first plugin."""

    def __init__(self, inner):
        self.max_in, self.amount_out = inner.max_in, inner.amount_out


class Wobbling:
    """A curve that pays one unit less at every seventh input, as Newton iterations may."""

    def __init__(self, inner):
        self._inner, self.max_in, self.line = inner, inner.max_in, inner.line

    def amount_out(self, amount_in, /):
        return max(self._inner.amount_out(amount_in) - (amount_in % 7 == 3), 0)

    def least_in(self, amount_out, /):
        for amount_in in range(self.max_in + 1):
            if self.amount_out(amount_in) >= amount_out:
                return amount_in
        raise InsufficientLiquidity("too much")
