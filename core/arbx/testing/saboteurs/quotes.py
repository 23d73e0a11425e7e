"""Curves that break one promise about what they answer or refuse."""

from arbx.errors import WouldRevert
from arbx.testing.reference import ToothedProduct

__all__ = [
    "Dips",
    "OverflowsNearMaxIn",
    "PaysForNegativeInput",
    "PaysForNothing",
    "PaysOneAboveMaxIn",
    "PaysWhatTheContractRejects",
    "RefusesItsMaxIn",
    "RefusesWithTheWrongError",
    "TakesTheWrongFee",
]


class TakesTheWrongFee(ToothedProduct):
    """Break matches_recorded_vectors: an honest pool, but another one (0.25 % instead of 0.3 %)."""

    def __init__(self, reserve_in: int, reserve_out: int) -> None:
        super().__init__(reserve_in, reserve_out, 9975, 10_000)


class PaysForNothing(ToothedProduct):
    """Break pays_zero_for_zero."""

    def amount_out(self, amount_in: int, /) -> int:
        return super().amount_out(amount_in) if amount_in else 1


class Dips(ToothedProduct):
    """
    Break never_decreases: at odd kept amounts inside a step it pays one unit less.

    The first input of each step pays in full, so that ``least_in`` stays the least; a tooth dips
    as a whole, so that ``teeth`` stay honest.
    """

    def amount_out(self, amount_in: int, /) -> int:
        out = super().amount_out(amount_in)
        kept, first = (self._num * x // self._den for x in (amount_in, super().least_in(out)))
        return out - 1 if out and kept % 2 and kept != first else out


class RefusesItsMaxIn(ToothedProduct):
    """Break accepts_max_in: what it calls max_in is one more than it takes."""

    def amount_out(self, amount_in: int, /) -> int:
        if amount_in == self.max_in:
            raise WouldRevert("overflow")
        return super().amount_out(amount_in)


class PaysOneAboveMaxIn(ToothedProduct):
    """Break rejects_more_than_max_in: off by one."""

    def amount_out(self, amount_in: int, /) -> int:
        off_by_one = amount_in == self.max_in + 1
        return super().amount_out(self.max_in if off_by_one else amount_in)


class RefusesWithTheWrongError(ToothedProduct):
    """Break rejects_more_than_max_in: the kernel waits for InsufficientLiquidity."""

    def amount_out(self, amount_in: int, /) -> int:
        if amount_in > self.max_in:
            raise WouldRevert("overflow")
        return super().amount_out(amount_in)


class PaysForNegativeInput(ToothedProduct):
    """Break rejects_negative_amounts: a refund."""

    def amount_out(self, amount_in: int, /) -> int:
        return super().amount_out(amount_in) if amount_in >= 0 else amount_in


class PaysWhatTheContractRejects(ToothedProduct):
    """Break rejects_what_the_contract_rejects: it believes in a wider reserve (uint113)."""

    @property
    def max_in(self) -> int:
        return (1 << 113) - 1 - self._reserve_in


class OverflowsNearMaxIn(ToothedProduct):
    """Break does_not_overflow_at_the_edges."""

    def amount_out(self, amount_in: int, /) -> int:
        if self.max_in // 2 < amount_in < self.max_in:
            raise OverflowError("Python int too large to convert to C long")
        return super().amount_out(amount_in)
