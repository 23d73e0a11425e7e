"""The constant-product curve: x · y = k with the fee taken from the input."""

from gmpy2 import mpz

import arbx

__all__ = ["ConstantProduct"]

_MAX_RESERVE = 2**112 - 1


class ConstantProduct:
    """
    Price one direction of a Uniswap V2 pair: out = ⌊in·num·Rout / (Rin·den + in·num)⌋.

    UniswapV2Library.getAmountOut, with its fee as num/den: 997/1000 for Uniswap and Sushi, 9975/10000 for Pancake.

    >>> ConstantProduct(10_000, 10_000, fee_num=997, fee_den=1000).amount_out(1_000)
    906
    """

    __slots__ = ("_fee_num", "_in_den", "_max_in", "_out", "_out_num", "_pieces")

    def __init__(self, reserve_in: int, reserve_out: int, *, fee_num: int, fee_den: int) -> None:
        self._fee_num, self._out = mpz(fee_num), mpz(reserve_out)
        self._in_den, self._out_num = mpz(reserve_in) * fee_den, self._out * fee_num
        # UniswapV2Pair._update: require(balance <= uint112(-1)); an empty side makes the router revert.
        self._max_in = _MAX_RESERVE - reserve_in if reserve_in and reserve_out else 0
        self._pieces: arbx.Envelope | None = None

    @property
    def max_in(self) -> int:
        """Return what still fits into the reserve's uint112; nothing does in an empty pair."""
        return self._max_in

    def amount_out(self, amount_in: int, /) -> int:
        """Return what the pair pays, rounded down once."""
        if type(amount_in) is not int:
            amount_in = arbx.checked_amount(amount_in)
        if 0 < amount_in <= self._max_in:
            return int(amount_in * self._out_num // (self._in_den + amount_in * self._fee_num))
        if amount_in <= 0:
            zero: int = arbx.checked_amount(amount_in)
            return zero
        raise self._refusal(amount_in)

    def least_in(self, amount_out: int, /) -> int:
        """
        Return the least input that pays at least *amount_out*: ⌈y·Rin·den / (num·(Rout − y))⌉.

        UniswapV2Library.getAmountIn rounds down and adds one, which is one too many when the division is exact.
        """
        if type(amount_out) is not int or amount_out < 0:
            amount_out = arbx.checked_amount(amount_out)
        if amount_out == 0:
            return 0
        left = self._out - amount_out
        if left > 0 and self._max_in:
            amount_in = int(-(-amount_out * self._in_den // (self._fee_num * left)))
            if amount_in <= self._max_in:
                return amount_in
        raise arbx.InsufficientLiquidity(
            f"the pair can't pay {amount_out} for any input it takes; it holds {self._out}"
        )

    def line(self, amount_in: int, /) -> arbx.Line:
        """Return the tangent of a·x/(b + c·x) at *amount_in*, exactly; concavity makes it a bound."""
        x = mpz(arbx.checked_amount(amount_in))
        if self._max_in == 0:
            return arbx.Line(0, 0, 1)
        a, b, c = self._out_num, self._in_den, self._fee_num
        # a·b/(b+cx)² · z  +  a·c·x²/(b+cx)²
        return arbx.Line(a * b, a * c * x * x, (b + c * x) ** 2)

    def pieces(self) -> arbx.Envelope:
        """Return the whole curve as one Möbius piece; an empty pair has none."""
        if self._pieces is None:
            self._pieces = arbx.Envelope((self._piece(),) if self._max_in else ())
        return self._pieces

    def _piece(self) -> arbx.Moebius:
        width_x64 = mpz(self._max_in) << 64
        return arbx.Moebius(self._out_num, self._in_den, self._fee_num, 0, 0, width_x64)

    def _refusal(self, amount_in: int) -> arbx.InsufficientLiquidity:
        if self._max_in == 0:
            return arbx.InsufficientLiquidity("the pair is empty or full: it takes nothing")
        return arbx.InsufficientLiquidity(
            f"the pair takes at most {self._max_in}, not {amount_in}: a reserve is a uint112"
        )
