"""
Lines above what add_liquidity mints for one coin.

The imbalance fee takes a part of what a coin is off its share of a balanced deposit, which grows with D1, the
invariant before the fee: a difference of two concave functions. A plane bounds D2, the invariant after the fee;
D1 is bounded from below by D2 and what the fees alone are worth. docs/explanation/curve-bounds.md has the proof.
"""

from typing import Any

from gmpy2 import mpz

from arbx import Line
from arbx_dex_curve.basepool import BasePool, Deposit
from arbx_dex_curve.invariant import get_d
from arbx_dex_curve.lines import rounded
from arbx_dex_curve.plane import Plane, invariant_below, plane, spread
from arbx_dex_curve.stableswap import FEE_DENOMINATOR

__all__ = ["DepositLines"]

_REACH_BITS = 10  # lines hold for deposits worth the pool a thousand times


class DepositLines:
    """Bound the deposit of one coin for every input up to *reach*; -1: nothing is known."""

    __slots__ = ("_ann", "_base", "_coin", "_error", "_fees", "_late", "_units", "reach")

    def __init__(self, base: BasePool, coin: int) -> None:
        self._base, self._coin = base, coin
        self._ann = base.amp * len(base.xp)
        self._units = base.units
        self._fees = self._late = mpz(0)
        most = self._most()
        error = spread(self._ann, [x // 2 for x in base.xp], most) if base.is_plain else None
        if error is None:
            self._error, self.reach = mpz(0), -1
            return
        self._error, self.reach = error, int((most - sum(base.xp)) // self._units[coin])
        self._fees, self._late = self._fees_alone(plane(self._ann, base.xp, base.d0), most)

    def _most(self) -> Any:
        """Return the sum of balances up to which the fees leave at least half of each coin."""
        base = self._base
        most = sum(base.xp) + (base.d0 << _REACH_BITS)
        return min(most, base.d0 * FEE_DENOMINATOR // (2 * base.fee)) if base.fee else most

    def _fees_alone(self, first: Plane, most: Any) -> tuple[Any, Any]:
        """
        Return W and ω with ``D1 >= D2 - ω + fee·W·(D1 - D0) / D0``.

        Of the coin that is deposited the fee takes at least fee·c·x_i a unit of (D1 - D0) / D0, of the others fee·x_k;
        W is what these are worth, ω what their roundings can take off.
        """
        base, i, error = self._base, self._coin, self._error
        room = base.d0 * first.whole // first.rates[i] - base.xp[i]
        start = sum(g * x for g, x in zip(first.rates, base.xp, strict=True))
        start += (error - base.d0) * first.whole
        lost = [2 * unit for unit in self._units]
        lost[i] += max(start, 0) // first.rates[i] + 2
        late = error + 1
        for amount, x in zip(lost, base.xp, strict=True):
            late += amount * max(2, most // x + 1)
        if room <= 0:
            return mpz(0), late
        alone = [*base.xp[:i], room, *base.xp[i + 1 :]]
        worth = invariant_below(self._ann, alone, get_d(base.state.generation, alone, base.amp))
        return (worth if base.d0 * FEE_DENOMINATOR > base.fee * worth else mpz(0)), late

    def touching(self, amount_in: Any) -> tuple[Any, Line]:
        """Return what *amount_in*, at most *reach*, mints, and the line that touches near it."""
        made = self._base.deposited(amount_in, self._coin) if amount_in else None
        return self._base.minted(made), self._line(made)

    def _line(self, made: Deposit | None) -> Line:
        base, i, fee = self._base, self._coin, self._base.fee
        charged, d2 = (base.xp, base.d0) if made is None else (made.charged, made.d2)
        rates, whole = plane(self._ann, charged, d2)
        kept = [g * x for g, x in zip(rates, base.xp, strict=True)]
        start = sum(kept) + self._error * whole
        start = start * FEE_DENOMINATOR + self._rounding(rates)
        slope = rates[i] * (FEE_DENOMINATOR - fee) * self._units[i]
        tilt, unit = fee * (2 * kept[i] - sum(kept)), FEE_DENOMINATOR * whole
        if tilt <= 0:
            bound = self._less(start, slope, unit, -tilt)
        else:
            given, d1 = (base.xp, base.d0) if made is None else (made.given, made.d1)
            bound = self._more(start, slope, unit, tilt, plane(self._ann, given, d1))
        start, slope, unit = bound
        offset = max(base.supply * (start - base.d0 * unit), mpz(0))
        return rounded(base.supply * slope, offset, base.d0 * unit)

    def _rounding(self, rates: tuple[Any, ...]) -> Any:
        """Return what rounding the fees down to raw units, and the ideal balances, leaves to the pool."""
        every = sum(g * unit for g, unit in zip(rates, self._units, strict=True))
        own = rates[self._coin] * self._units[self._coin]
        return every * FEE_DENOMINATOR + (every - own) * self._base.fee

    def _less(self, start: Any, slope: Any, unit: Any, tilt: Any) -> tuple[Any, Any, Any]:
        """Bound ``D2·unit <= start + slope·z - tilt·t`` with t from below, by D2 itself and the fees' worth."""
        d0, fee = self._base.d0, self._base.fee
        room = d0 * FEE_DENOMINATOR - fee * self._fees
        tilt *= FEE_DENOMINATOR
        return (
            room * start + tilt * (d0 + self._late),
            room * slope,
            room * unit + tilt,
        )

    def _more(
        self, start: Any, slope: Any, unit: Any, tilt: Any, before: Plane
    ) -> tuple[Any, Any, Any]:
        """Bound ``D2·unit <= start + slope·z + tilt·t`` with t from above, by a plane over D1."""
        base, i = self._base, self._coin
        level = sum(g * x for g, x in zip(before.rates, base.xp, strict=True))
        level += (self._error - base.d0) * before.whole
        scale = before.whole * base.d0
        return (
            start * scale + tilt * level,
            slope * scale + tilt * before.rates[i] * self._units[i],
            unit * scale,
        )
