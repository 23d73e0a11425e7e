"""What the Vault and the pool do to an amount before and after the pool's own mathematics."""

import attrs
from gmpy2 import mpz

import arbx
from arbx_dex_balancer.fixed import ONE, ceil_div

__all__ = ["Gate", "v2_gate", "v3_gate"]

# Balancer V3 VaultExtension: MINIMUM_TRADE_AMOUNT, in 18-decimal units.
V3_MINIMUM_TRADE = 10**6


@attrs.frozen
class Gate:
    """
    Take the fee and scale to 18 decimals on the way in; scale back on the way out.

    ``enter(x) = ⌊⌊x·first/1e18⌋·second/1e18⌋`` and ``leave(c) = ⌊c·1e18/undo⌋``. V2 takes the fee first and
    scales then, V3 the other way round. *smallest* is the least scaled amount that the Vault trades.
    """

    first: int
    second: int
    undo: int
    smallest: int = 0

    def enter(self, amount_in: int) -> int:
        """Return the scaled amount that the pool's mathematics sees."""
        return amount_in * self.first // ONE * self.second // ONE

    def leave(self, scaled: int) -> int:
        """Return what the Vault pays, in the token's own units."""
        return scaled * ONE // self.undo

    def least_entering(self, scaled: int) -> int:
        """Return the least amount_in of which at least *scaled* enters."""
        return ceil_div(ceil_div(scaled * ONE, self.second) * ONE, self.first)

    def most_entering(self, scaled: int) -> int:
        """Return the largest amount_in of which at most *scaled* enters."""
        first = ((scaled + 1) * ONE - 1) // self.second
        return ((first + 1) * ONE - 1) // self.first

    def least_leaving(self, amount_out: int) -> int:
        """Return the least scaled amount that leaves as at least *amount_out*."""
        return max(ceil_div(amount_out * self.undo, ONE), self.smallest)

    def outside(self, slope: int, offset: int, den: int) -> arbx.Line:
        """
        Return the raw line over a scaled one: enter(x) <= x·first·second/1e36, leave(c) <= c·1e18/undo.

        A curve pays nothing for nothing, so an offset below 0 would bound nothing; 0 does.
        """
        return arbx.Line(
            slope * self.first * self.second,
            max(offset, 0) * ONE * ONE,
            den * self.undo * ONE,
        )

    def ceiling(self, a: int, b: int, c: int, max_in: int) -> arbx.Moebius:
        """Return the raw Möbius function over a scaled one, from the same two inequalities as *outside*."""
        entering = mpz(self.first) * self.second
        undo = mpz(self.undo)
        return arbx.Moebius(
            a * entering * ONE, b * undo * ONE * ONE, c * undo * entering, 0, 0, max_in << 64
        )


def v2_gate(fee_e18: int, scaling_in: int, scaling_out: int) -> Gate:
    """
    Return the gate of BasePool.onSwap, given in.

    ``amount - amount.mulUp(fee)`` is ``⌊amount·(1e18 - fee)/1e18⌋``; then ``_upscale`` (mulDown) and, on the
    way out, ``_downscaleDown`` (divDown). Rates are in the scaling factors.
    """
    return Gate(ONE - fee_e18, scaling_in, scaling_out)


def v3_gate(fee_e18: int, scaling_in: int, rate_in: int, scaling_out: int, rate_out: int) -> Gate:
    """
    Return the gate of Vault.swap, exact in.

    ``toScaled18ApplyRateRoundDown``, the fee ``mulUp`` of the scaled amount, and on the way out
    ``toRawUndoRateRoundDown`` with ``computeRateRoundUp``: a rate that is not whole is taken one higher.
    """
    rate_up = rate_out if rate_out % ONE == 0 else rate_out + 1
    return Gate(scaling_in * rate_in, ONE - fee_e18, scaling_out * rate_up, V3_MINIMUM_TRADE)
