"""
Lines above what remove_liquidity_one_coin pays.

Let N be the balance that would be left without a fee: convex in the invariant that is left. The fee on the coin
itself gives fee·N back, the fee on the others lifts what is left to y >= N, and y is bounded from below by a plane.
N is at most y less what the fee on the others is worth. docs/explanation/curve-bounds.md has the proof.
"""

from typing import Any

import attrs
from gmpy2 import isqrt, mpz

from arbx import Line
from arbx_dex_curve.basepool import BasePool
from arbx_dex_curve.invariant import get_d
from arbx_dex_curve.lines import rounded
from arbx_dex_curve.plane import Plane, invariant_below, plane
from arbx_dex_curve.stableswap import FEE_DENOMINATOR, PRECISION

__all__ = ["WithdrawalLines"]


@attrs.frozen
class _Rest:
    """What the fee on the other coins is worth, fee²·worth·(1 - s), as long as D1 >= d; and the plane at D1 = d."""

    worth: Any
    d: Any
    floor: tuple[Any, Any, Any]


class WithdrawalLines:
    """Bound the withdrawal of one coin for every amount of LP tokens."""

    __slots__ = ("_ann", "_base", "_coin", "_others", "_rest", "_units")

    def __init__(self, base: BasePool, coin: int) -> None:
        self._base, self._coin = base, coin
        self._ann = base.amp * len(base.xp)
        self._others = tuple(x for k, x in enumerate(base.xp) if k != coin)
        lost = self._unit_error() if base.is_plain else None
        self._units, self._rest = None, None
        if lost is not None:
            full = base.balance_left(base.xp, base.d0, coin) + 1 + lost
            self._units = 2 + lost + self._blurred(full)
            self._rest = self._worth_of_fees(full)

    def _unit_error(self) -> Any | None:
        """
        Return by how much the divisions of get_y_D can lower its root, for every D1 <= D0; None: unknown.

        They lower c by at most e, so the root by e / √(b² + 4c) with b >= S' - D1, S' the sum of the others: up to
        D1 = S'/2 the first term is enough, from there on the second.
        """
        n, d = len(self._base.xp), self._base.d0
        kept = FEE_DENOMINATOR - self._base.fee
        least = [x * kept // FEE_DENOMINATOR for x in self._others]
        if min(least) <= 0:
            return None
        lost = mpz(0)
        for x in least:
            lost = -(-lost * d // (n * x)) + 1
        lost = -(-lost * d // (self._ann * n)) + 1
        half, spread = sum(least) // 2, n**n * self._ann
        for x in self._others:
            spread *= x + 1
        c = half ** (n + 1) // spread - lost
        return -(-lost // min(half, 2 * isqrt(c))) if c > 0 and half > 0 else None

    def _blurred(self, full: Any) -> Any:
        """Return the fee on what roundings of the other coins and of N can move N by."""
        base = self._base
        moved = mpz(3)
        for x in self._others:
            moved += max(1, full * FEE_DENOMINATOR // (x * (FEE_DENOMINATOR - base.fee)) + 1)
        return base.fee * moved // FEE_DENOMINATOR + 1

    def _worth_of_fees(self, full: Any) -> _Rest | None:
        """Return what the fee on the others is worth while half of the coin is left; None: nothing sure."""
        base, i = self._base, self._coin
        above, below = base.xp[i] // 2, base.xp[i] * 3 // 8
        if below <= 0:
            return None
        d_above, d_below = self._d_at(above) + 1, self._d_at(below)
        d_below = invariant_below(self._ann, self._at(below), d_below)
        if d_below <= 0 or d_below >= d_above or d_above >= base.d0:
            return None
        worth = (above - below) * base.d0 // (d_above - d_below) - full
        floor = self._floor(plane(self._ann, self._at(above), d_above))
        return _Rest(worth, d_above, floor) if worth > 0 else None

    def _at(self, balance: Any) -> tuple[Any, ...]:
        xp, i = self._base.xp, self._coin
        return (*xp[:i], balance, *xp[i + 1 :])

    def _d_at(self, balance: Any) -> Any:
        return get_d(self._base.state.generation, self._at(balance), self._base.amp)

    def _floor(self, touching: Plane) -> tuple[Any, Any, Any]:
        """
        Return level, fall and unit of a plane's line: ``y >= (level - fall·(D0 - D1)) / unit`` after the fee.

        Each other coin has at most x_k·(1 - fee·(1 - s)) + 1 then. level and unit count 1e10·D0 times.
        """
        base, i = self._base, self._coin
        rates = [g for k, g in enumerate(touching.rates) if k != i]
        value = sum(g * x for g, x in zip(rates, self._others, strict=True))
        scale = FEE_DENOMINATOR * base.d0
        return (
            (touching.whole * base.d0 - value - sum(rates)) * scale,
            touching.whole * scale - base.fee * value,
            touching.rates[i] * scale,
        )

    def line(self, lp_amount: Any) -> Line | None:
        """Return the line that touches near *lp_amount*; None where nothing of the coin is left, or is known."""
        base, i, fee = self._base, self._coin, self._base.fee
        if self._units is None:
            return None
        made = base.withdrawn(lp_amount, i) if lp_amount else None
        xs, d1 = (
            (base.xp, base.d0) if made is None else (self._left(made.charged, made.y), made.d1)
        )
        if xs[i] <= 0 or d1 <= 0:
            return None
        level, fall, unit = floor = self._floor(plane(self._ann, xs, d1))
        # The fee is taken on xp_i·s - N, and N <= y: (1 - fee)·y and fee·xp_i·(1 - s) remain.
        kept, scale = FEE_DENOMINATOR - fee, FEE_DENOMINATOR * base.d0
        top = base.xp[i] * kept + self._units * FEE_DENOMINATOR
        start = top * unit - kept * level
        slope = fee * base.xp[i] * (unit // base.d0) + kept * fall
        slope -= self._saved(floor) * (unit // scale)
        # start and slope count 1e10·unit times; D0 - D1 is at most lp·D0 / supply
        den = FEE_DENOMINATOR * unit * base.supply * (base.state.rates[i] // PRECISION)
        return rounded(max(slope, mpz(0)) * base.d0, max(start, mpz(0)) * base.supply, den)

    def _left(self, charged: tuple[Any, ...], y: Any) -> tuple[Any, ...]:
        return (*charged[: self._coin], y, *charged[self._coin + 1 :])

    def _saved(self, floor: tuple[Any, Any, Any]) -> Any:
        """
        Return fee²·worth if the line may use it for every input, else 0.

        Below the s from which it is sure, the plane there must be above this line's by as much.
        """
        rest, base = self._rest, self._base
        if rest is None:
            return mpz(0)
        saved, kept = base.fee * base.fee * rest.worth, FEE_DENOMINATOR - base.fee
        for gone in (base.d0 - rest.d, base.d0):
            here = floor[0] - floor[1] * gone
            there = rest.floor[0] - rest.floor[1] * gone
            above = there * floor[2] - here * rest.floor[2]
            if kept * above * FEE_DENOMINATOR * base.d0 < saved * gone * floor[2] * rest.floor[2]:
                return mpz(0)
        return saved
