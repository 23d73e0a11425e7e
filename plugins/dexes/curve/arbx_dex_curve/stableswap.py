"""StableSwap's classic pools: a constant rate for each coin and a constant fee on the output."""

from typing import Any

import attrs
from gmpy2 import mpz

import arbx
from arbx_dex_curve.bounds import Support
from arbx_dex_curve.checked import u256
from arbx_dex_curve.generations import Generation
from arbx_dex_curve.solver import PRECISION, Problem, Solver

__all__ = ["FEE_DENOMINATOR", "PRECISION", "PlainSwap", "StableState", "virtual"]

FEE_DENOMINATOR = 10**10


@attrs.frozen
class StableState:
    """A pool's balances and parameters; *amp* is already times the generation's precision of A."""

    generation: Generation
    amp: int
    fee_e10: int
    admin_fee_e10: int
    balances: tuple[int, ...]
    rates: tuple[int, ...]


def virtual(balances: tuple[int, ...], rates: tuple[int, ...]) -> tuple[Any, ...]:
    """Return the balances in virtual units: xp = ⌊rate·balance / 1e18⌋ (_xp_mem)."""
    return tuple(
        u256(mpz(rate) * balance) // PRECISION
        for rate, balance in zip(rates, balances, strict=True)
    )


class PlainSwap:
    """
    Pay as exchange of a classic pool pays.

    gross = xp_j - y - 1 (sUSD: no -1), out = (gross - ⌊gross·fee / 1e10⌋)·1e18 / rate_j.
    """

    __slots__ = (
        "_fee", "_gives_up", "_in", "_rate_in", "_rate_out", "_scales", "_solver",
        "_stored", "_support", "_top",
    )  # fmt: skip

    def __init__(self, state: StableState, token_in: int, token_out: int) -> None:
        xp = virtual(state.balances, state.rates)
        problem = Problem(state.generation, xp, mpz(state.amp), token_in, token_out)
        self._solver = Solver(problem)
        self._in, self._top = xp[token_in], xp[token_out]
        self._rate_in, self._rate_out = mpz(state.rates[token_in]), mpz(state.rates[token_out])
        self._fee = mpz(state.fee_e10)
        self._gives_up = 1 if state.generation.gives_up_one else 0
        self._scales = state.generation.scales
        self._stored = state.generation.stores_virtual
        self._support: Support | None = None

    def pays(self, amount_in: Any) -> Any:
        """Return what exchange pays for a positive input; raise WouldRevert."""
        x = self._in + self._scaled(amount_in)
        if self._stored:
            u256(x * PRECISION)
        gross = self._top - self._solver.y(x) - self._gives_up
        if gross <= 0:
            return mpz(0)
        fee = gross * self._fee // FEE_DENOMINATOR
        return (gross - fee) * PRECISION // self._rate_out

    def settled(self, state: StableState, amount_in: int) -> tuple[int, int, int]:
        """Return what exchange pays for *amount_in*, and the balances it stores of the coins in and out."""
        _, _, _, i, j = self._solver.problem
        x = self._in + self._scaled(mpz(amount_in))
        y = self._solver.y(x)
        gross = self._top - y - self._gives_up
        fee = gross * self._fee // FEE_DENOMINATOR
        admin = fee * state.admin_fee_e10 // FEE_DENOMINATOR
        paid = (gross - fee) * PRECISION // self._rate_out
        if self._stored:
            left = (y + fee - admin) * PRECISION // self._rate_out
            return int(paid), int(x * PRECISION // self._rate_in), int(left)
        left = state.balances[j] - paid - admin * PRECISION // self._rate_out
        return int(paid), state.balances[i] + amount_in, int(left)

    def line(self, amount_in: int) -> arbx.Line:
        """Return a line that exchange never exceeds, touching it near *amount_in*."""
        if self._support is None:
            self._support = Support(
                self._solver, self._rate_in, self._rate_out, self._fee, self._gives_up
            )
        return self._support.line(amount_in)

    def usual_in(self) -> int:
        """Return the input that is worth the whole pool four times."""
        return int(4 * self._solver.d * PRECISION // self._rate_in)

    def guess_in(self, amount_out: int) -> int:
        """Return the input whose balance belongs to what is left after paying *amount_out*."""
        net = mpz(amount_out) * self._rate_out // PRECISION
        gross = net * FEE_DENOMINATOR // max(FEE_DENOMINATOR - self._fee, 1)
        return self._solver.guess_in(gross + self._gives_up, self._rate_in)

    def _scaled(self, amount_in: Any) -> Any:
        if self._scales:
            return u256(amount_in * self._rate_in) // PRECISION
        return u256(amount_in)
