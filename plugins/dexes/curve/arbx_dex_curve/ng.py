"""StableSwap-NG: a fee that grows as the pool leaves its peg, and oracles that can make exchange revert."""

from typing import Any

import attrs
from gmpy2 import mpz

import arbx
from arbx_dex_curve.bounds import Support
from arbx_dex_curve.checked import MAX_UINT256, quotient, u256
from arbx_dex_curve.nglines import NgFee, NgLines
from arbx_dex_curve.solver import PRECISION, Problem, Solver
from arbx_dex_curve.stableswap import FEE_DENOMINATOR, StableState, virtual

__all__ = ["DynamicFee", "NgState", "NgSwap"]

_WORD_128 = 2**128
_EASY_SHIFT = (
    12  # swaps that leave 1/4096 of the coin out need no check of the oracles, see _Oracles
)


@attrs.frozen
class NgState(StableState):
    """As a classic pool, plus the fee multiplier far off the peg (1e10 is: none)."""

    offpeg_fee_multiplier: int
    asset_types: tuple[int, ...]


@attrs.frozen
class DynamicFee:
    """fee·m / ((m - 1)·4·xpi·xpj / (xpi + xpj)² + 1), all in 1e10 (_dynamic_fee)."""

    fee_e10: Any
    multiplier_e10: Any

    def at(self, xpi: Any, xpj: Any) -> Any:
        """Return the fee for the mean balances before and after the swap."""
        if self.multiplier_e10 <= FEE_DENOMINATOR:
            return self.fee_e10
        xps2 = u256((xpi + xpj) ** 2)
        weight = u256((self.multiplier_e10 - FEE_DENOMINATOR) * 4 * xpi * xpj) // xps2
        return self.multiplier_e10 * self.fee_e10 // (weight + FEE_DENOMINATOR)


class NgSwap:
    """
    Pay as __exchange of a StableSwap-NG pool pays.

    gross = xp_j - y - 1, out = (gross - ⌊gross·fee / 1e10⌋)·1e18 / rate_j with the dynamic fee of the mean
    balances; then upkeep_oracles must not overflow.
    """

    __slots__ = (
        "_fee", "_in", "_lines", "_oracles", "_rate_in", "_rate_out", "_solver", "_top",
    )  # fmt: skip

    def __init__(self, state: NgState, token_in: int, token_out: int) -> None:
        xp = virtual(state.balances, state.rates)
        problem = Problem(state.generation, xp, mpz(state.amp), token_in, token_out)
        self._solver = Solver(problem)
        self._oracles = _Oracles(self._solver)
        self._in, self._top = xp[token_in], xp[token_out]
        self._rate_in, self._rate_out = mpz(state.rates[token_in]), mpz(state.rates[token_out])
        self._fee = DynamicFee(mpz(state.fee_e10), mpz(state.offpeg_fee_multiplier))
        self._lines: Support | NgLines | None = None

    def pays(self, amount_in: Any) -> Any:
        """Return what exchange pays for a positive input; raise WouldRevert."""
        x = self._in + u256(amount_in * self._rate_in) // PRECISION
        y = self._solver.y(x)
        gross = self._top - y - 1
        if gross <= 0:
            return mpz(0)
        fee = gross * self._fee.at((self._in + x) // 2, (self._top + y) // 2) // FEE_DENOMINATOR
        self._oracles.check(x, y)
        return (gross - fee) * PRECISION // self._rate_out

    def settled(self, state: NgState, amount_in: int) -> tuple[int, int, int]:
        """Return what exchange pays for *amount_in*, and the balances it leaves of the coins in and out."""
        _, _, _, i, j = self._solver.problem
        x = self._in + mpz(amount_in) * self._rate_in // PRECISION
        y = self._solver.y(x)
        gross = self._top - y - 1
        fee = gross * self._fee.at((self._in + x) // 2, (self._top + y) // 2) // FEE_DENOMINATOR
        paid = (gross - fee) * PRECISION // self._rate_out
        admin = fee * state.admin_fee_e10 // FEE_DENOMINATOR * PRECISION // self._rate_out
        return int(paid), state.balances[i] + amount_in, int(state.balances[j] - paid - admin)

    def line(self, amount_in: int) -> arbx.Line:
        """Return a line that exchange never exceeds, touching it near *amount_in*."""
        if self._lines is None:
            self._lines = self._make_lines()
        return self._lines.line(amount_in)

    def touches(self, amount_in: int) -> bool:
        """Tell whether the line near *amount_in* is proven to be tight there."""
        if self._lines is None:
            self._lines = self._make_lines()
        return isinstance(self._lines, Support) or self._lines.touches(amount_in)

    def _make_lines(self) -> Support | NgLines:
        """Return the lines of a constant fee, or of a fee that grows away from the peg."""
        fee = self._fee
        support = Support(self._solver, self._rate_in, self._rate_out, self._least_fee(), 1)
        if fee.multiplier_e10 <= FEE_DENOMINATOR or not fee.fee_e10:
            return support
        shape = NgFee(fee.fee_e10, fee.multiplier_e10, self._in, self._top)
        return NgLines(support, shape, (self._rate_in, self._rate_out), self.usual_in())

    def usual_in(self) -> int:
        """Return the input that is worth the whole pool four times."""
        return int(4 * self._solver.d * PRECISION // self._rate_in)

    def guess_in(self, amount_out: int) -> int:
        """Return about the input that pays *amount_out*: the fee is settled in two rounds."""
        net = mpz(amount_out) * self._rate_out // PRECISION
        fee, guess = self._fee.fee_e10, 0
        for _ in range(2):
            gross = net * FEE_DENOMINATOR // max(FEE_DENOMINATOR - fee, 1) + 1
            guess = self._solver.guess_in(gross, self._rate_in)
            x = self._in + max(guess, 0) * self._rate_in // PRECISION
            fee = self._fee.at((self._in + x) // 2, max(self._top - gross // 2, mpz(1)))
        return guess

    def _least_fee(self) -> Any:
        """
        Return the least fee of any input.

        The fee is least where both coins are equal. A swap that sells the more plentiful coin only moves away
        from there, so that no fee is below the one of an infinitesimal swap (less a unit of rounding).
        """
        if self._in < self._top:
            return self._fee.fee_e10
        try:
            return max(self._fee.fee_e10, self._fee.at(self._in, self._top) - 1)
        except (
            arbx.WouldRevert
        ):  # balances too large for the contract, too; swaps of more may not be
            return self._fee.fee_e10


class _Oracles:
    """Know when upkeep_oracles reverts: _get_p overflows or divides by zero, D exceeds 128 bits."""

    __slots__ = ("_ann", "_easy_x", "_easy_y", "_solver")

    def __init__(self, solver: Solver) -> None:
        _, xp, amp, i, j = solver.problem
        self._solver, self._ann = solver, amp * len(xp)
        self._easy_x, self._easy_y = 4 * solver.d, (xp[j] >> _EASY_SHIFT) + 1
        if not self._easy_is_safe(xp, i, j):
            self._easy_x = mpz(-1)

    def check(self, x: Any, y: Any) -> None:
        """Raise WouldRevert where the contract's price upkeep reverts after a swap to x and y."""
        if x <= self._easy_x and y >= self._easy_y:
            return
        generation, xp, _, i, j = self._solver.problem
        after = list(xp)
        after[i], after[j] = x, y
        d_r, first_a = self._d_r(after), u256(self._ann * after[0]) // generation.a_precision
        for value in after[1:]:
            share = u256(d_r * after[0]) // value
            quotient(PRECISION * u256(first_a + share), u256(first_a + d_r))
        if self._solver.d >= _WORD_128:
            u256(MAX_UINT256 + 1)

    def _d_r(self, xp: list[Any]) -> Any:
        d = self._solver.d
        d_r = d // len(xp) ** len(xp)
        for value in xp:
            d_r = quotient(d_r * d, value)
        return d_r

    def _easy_is_safe(self, xp: tuple[Any, ...], i: int, j: int) -> bool:
        """
        Try the worst corner of the easy region: every product of the check is at most what it is there.

        D_r grows as balances fall, so the coin in has its old balance and the coin out the least easy
        one; the products with xp[0] grow with it, so it has the largest it can have.
        """
        worst = list(xp)
        worst[j] = self._easy_y
        d, d_r = self._solver.d, self._solver.d // len(xp) ** len(xp)
        first = self._easy_x if i == 0 else xp[0]
        largest = mpz(0)
        for value in worst:
            largest = max(largest, d_r * d)
            d_r = d_r * d // value
        share = d_r * first // min(worst)
        first_a = self._ann * first
        largest = max(largest, d_r * first, first_a, PRECISION * (first_a + share + d_r))
        return bool(largest <= MAX_UINT256 and d < _WORD_128)
