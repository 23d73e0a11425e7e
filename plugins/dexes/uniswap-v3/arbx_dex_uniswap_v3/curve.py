"""The concentrated-liquidity curve: constant product between neighbouring ticks, exact to the wei."""

from bisect import bisect_left, bisect_right
from typing import Any

from gmpy2 import c_div, mpz

import arbx
from arbx_dex_uniswap_v3.envelope import pieces, tangent
from arbx_dex_uniswap_v3.state import PoolPrice
from arbx_dex_uniswap_v3.steps import PIPS, Step, Steps
from arbx_dex_uniswap_v3.walk import limit_of

__all__ = ["ConcentratedLiquidity", "curve"]

_UINT256 = mpz(1) << 256


class ConcentratedLiquidity:
    """
    Price one direction of a Uniswap V3 pool: (x + L/√P)·(y + L·√P) = L² between two ticks.

    UniswapV3Pool.swap with SwapMath.computeSwapStep and SqrtPriceMath. A quote is one bisection in the table of
    crossed steps and one partial step, however many ticks lie between.
    """

    __slots__ = ("_in_ends", "_kept", "_lookup", "_pieces", "_state", "_steps", "_zero_for_one")

    # The pool takes what it can up to its price limit and leaves the rest with the caller.
    fills_in_part = True

    def __init__(self, state: PoolPrice, zero_for_one: bool) -> None:
        self._state, self._zero_for_one = state, zero_for_one
        self._kept = PIPS - state.fee_pips
        self._lookup = lookup = Steps(state, zero_for_one)
        self._in_ends, self._steps = lookup.in_ends, lookup.steps
        self._pieces: arbx.Envelope | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._state, self._zero_for_one)

    def teeth(self, amount_in: int, /) -> arbx.Teeth:
        """Return the step that *amount_in* ends in: there the fee is rounded up to whole units."""
        lookup = self._lookup
        lookup.reach_in(amount_in)
        index = bisect_right(lookup.in_ends, amount_in)
        start = lookup.in_ends[index - 1] if index else 0
        end = lookup.in_ends[index] if index < len(lookup.in_ends) else amount_in + 1
        return arbx.Teeth(self._kept, PIPS, start, end)

    @property
    def max_in(self) -> int:
        """Return what a swap without end takes until the limit; builds the whole table once."""
        self._lookup.reach_in(None)
        ends = self._lookup.in_ends
        return ends[-1] if ends else 0

    def amount_out(self, amount_in: int, /) -> int:
        """Return what the pool pays for exactly *amount_in*."""
        if type(amount_in) is not int:
            amount_in = arbx.checked_amount(amount_in)
        if amount_in <= 0:
            zero: int = arbx.checked_amount(amount_in)
            return zero
        try:
            step = self._steps[bisect_right(self._in_ends, amount_in)]
        except IndexError:
            return self._further(amount_in)
        start_in, start_out, price, liquidity, numerator = step
        kept = (amount_in - start_in) * self._kept // PIPS
        if self._zero_for_one:
            product = kept * price
            denominator = numerator + product
            if denominator >= _UINT256:
                return int(start_out + _overflown(step, kept))
            # P' = ⌈N·P/(N + z·P)⌉ (getNextSqrtPriceFromAmount0RoundingUp), so P - P' = ⌊z·P·P/(N + z·P)⌋;
            # then getAmount1Delta, rounded down.
            return int(start_out + (liquidity * (product * price // denominator) >> 96))
        # getNextSqrtPriceFromAmount1RoundingDown, then getAmount0Delta, rounded down
        rise = (kept << 96) // liquidity
        return int(start_out + numerator * rise // ((price + rise) * price))

    def least_in(self, amount_out: int, /) -> int:
        """
        Return the least input that pays at least *amount_out*.

        Each floor and ceiling of the partial step is inverted exactly, the last first: output, price,
        input after the fee, input.
        """
        if type(amount_out) is not int or amount_out <= 0:
            amount_out = arbx.checked_amount(amount_out)
            if amount_out == 0:
                return 0
        lookup = self._lookup
        if not lookup.out_ends or lookup.out_ends[-1] < amount_out:
            lookup.reach_out(amount_out)
        index = bisect_left(lookup.out_ends, amount_out)
        if index == len(lookup.out_ends):
            raise self._refusal(
                f"pays at most {lookup.out_ends[-1] if index else 0}, not {amount_out}"
            )
        step = lookup.steps[index]
        invert = _kept_for_token1 if self._zero_for_one else _kept_for_token0
        kept = invert(step, amount_out - step[1])
        amount_in = step[0] - int(-kept * PIPS // self._kept)
        # Crossing the whole step always pays its whole output.
        return min(amount_in, lookup.in_ends[index])

    def pieces(self) -> arbx.Envelope:
        """Return the real-valued envelope, one Möbius piece for each range of equal liquidity, built lazily."""
        if self._pieces is None:
            self._pieces = arbx.Envelope(pieces(self._state, self._zero_for_one, self._lookup))
        return self._pieces

    def line(self, amount_in: int, /) -> arbx.Line:
        """Return the tangent of the envelope at *amount_in*: its slope is the price there after the fee."""
        return tangent(self.pieces(), arbx.checked_amount(amount_in))

    def _further(self, amount_in: int) -> int:
        lookup = self._lookup
        lookup.reach_in(amount_in)
        if lookup.in_ends and lookup.in_ends[-1] > amount_in:
            return self.amount_out(amount_in)
        if lookup.in_ends and lookup.in_ends[-1] == amount_in:
            return lookup.out_ends[-1]
        most = lookup.in_ends[-1] if lookup.in_ends else 0
        raise self._refusal(f"takes at most {most}, not {amount_in}")

    def _refusal(self, why: str) -> arbx.WouldRevert:
        state = self._state
        if state.sqrt_price_x96 == 0:
            return arbx.WouldRevert("the pool is not initialised (LOK)")
        if limit_of(state, self._zero_for_one) is None:
            return arbx.WouldRevert(
                f"the price limit {state.sqrt_price_limit_x96} is on the wrong side of the price "
                f"{state.sqrt_price_x96}, or the price is at its end (SPL)"
            )
        return arbx.InsufficientLiquidity(f"the pool {why}, up to its price limit")


def _overflown(step: Step, kept: int) -> mpz:
    """
    Return what a step pays when N + z·P overflows a uint256: P' = ⌈N/(⌊N/P⌋ + z)⌉.

    It pays no more than the exact formula for z, and no less than that for z - 1.
    """
    _, _, price, liquidity, numerator = step
    return liquidity * (price - c_div(numerator, numerator // price + kept)) >> 96


def _kept_for_token1(step: Step, amount_out: int) -> mpz:
    """
    Return the least input after the fee for which ⌊L·(P - P')/2⁹⁶⌋ >= amount_out.

    P - P' >= q = ⌈out·2⁹⁶/L⌉, and P' = ⌈N·P/(N + z·P)⌉ <= P - q says z >= N·q/((P - q)·P).
    """
    _, _, price, liquidity, numerator = step
    fall = c_div(mpz(amount_out) << 96, liquidity)
    kept = c_div(numerator * fall, (price - fall) * price)
    if numerator + kept * price < _UINT256:
        return kept
    # From the first overflowing input on P' = ⌈N/(⌊N/P⌋ + z)⌉; the inputs before it don't pay enough.
    first = c_div(_UINT256 - numerator, price)
    return max(first, c_div(numerator, price - fall) - numerator // price)


def _kept_for_token0(step: Step, amount_out: int) -> mpz:
    """
    Return the least input after the fee for which ⌊N·e/((P + e)·P)⌋ >= amount_out.

    e·(N - out·P) >= out·P², and e = ⌊z·2⁹⁶/L⌋ says z >= e·L/2⁹⁶.
    """
    _, _, price, liquidity, numerator = step
    owed = amount_out * price
    rise = c_div(owed * price, numerator - owed)
    return c_div(rise * liquidity, _Q96)


_Q96 = mpz(1) << 96


def curve(state: PoolPrice, token_in: int, token_out: int) -> ConcentratedLiquidity:
    """Return the curve of one direction."""
    if (token_in, token_out) not in ((0, 1), (1, 0)):
        raise arbx.InvalidState(
            "token_in, token_out",
            f"are {token_in} and {token_out}; a pool trades 0 for 1 or 1 for 0",
        )
    return ConcentratedLiquidity(state, zero_for_one=token_in == 0)
