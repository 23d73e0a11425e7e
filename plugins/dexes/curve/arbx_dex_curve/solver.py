"""
The balance that belongs to another balance, in one square root.

get_y solves y² + (b - D)·y = c, with c and b rounded down, by Newton's iteration from y = D and stops at the
first step of at most one unit. Its answer is the floor of the real root r* wherever the residue
``c - r·(r + b - D)`` with r = ⌊r*⌋ is not exactly ``2r + b - D``, the iteration starts above the root and
nothing overflows: every step from y >= r lands on r or above, from r, r + 1 and r + 2 it lands on r, and from
further above it moves by more than one unit (docs/explanation/curve-bounds.md has the proof). In the other
cases, one in 10**20, the contract's iteration itself is followed.
"""

from typing import Any, NamedTuple

from gmpy2 import isqrt, mpz

from arbx_dex_curve.checked import MAX_UINT256
from arbx_dex_curve.generations import Generation
from arbx_dex_curve.invariant import get_d, get_y

__all__ = ["PRECISION", "Problem", "Solver"]

PRECISION = 10**18


class Problem(NamedTuple):
    """One direction of one pool in virtual units (1e18): balances times rates, and who trades."""

    generation: Generation
    xp: tuple[Any, ...]
    amp: Any
    token_in: int
    token_out: int


class Solver:
    """Know D and everything of c and b that does not depend on the input."""

    __slots__ = (
        "_after", "_ann_n", "_back", "_before", "_d", "_d_precision", "_far", "_n", "beta", "problem",
        "x_limit",
    )  # fmt: skip

    def __init__(self, problem: Problem, d: Any = None) -> None:
        generation, xp, amp, i, j = self.problem = problem
        self._n = n = len(xp)
        d = self._d = get_d(generation, xp, amp) if d is None else d
        self._back: Solver | None = None
        ann = amp * n
        # From D below the root r*, the first step goes to at most r*²/D, which must not overflow either.
        self._far = max(d, min(d << 20, mpz(1) << 100))
        self._d_precision, self._ann_n = d * generation.a_precision, ann * n
        before = d
        for value in (xp[k] for k in range(i) if k != j):
            before = before * d // (value * n)
        self._before = before * d
        self._after = tuple(xp[k] * n for k in range(i + 1, n) if k != j)
        untouched = sum(xp) - xp[i] - xp[j]
        # b - D without the input: b = S' + x + ⌊D·precision / Ann⌋
        self.beta = untouched + self._d_precision // ann - d
        self.x_limit = self._safe_limit(untouched + self._d_precision // ann)

    @property
    def d(self) -> Any:
        """Return the invariant D of the pool's balances."""
        return self._d

    def y(self, x: Any) -> Any:
        """Return the balance of the coin out once the coin in has *x*, as get_y returns it."""
        if x <= self.x_limit:
            c = self._before // (x * self._n)
            for value in self._after:
                c = c * self._d // value
            c = c * self._d_precision // self._ann_n
            b = x + self.beta
            root = (isqrt(b * b + 4 * c) - b) >> 1
            if root <= self._far and c - root * (root + b) != 2 * root + b:
                return root
        return self.y_checked(x)

    def y_checked(self, x: Any) -> Any:
        """Follow the contract's iteration with its overflow checks."""
        generation, xp, amp, i, j = self.problem
        return get_y(generation, xp, amp, self._d, i, j, x)

    def guess_in(self, gross: Any, rate_in: Any) -> int:
        """Return about the input that takes *gross* out, by the same equation for the coin in."""
        generation, xp, amp, i, j = self.problem
        y = xp[j] - gross
        if y <= 0:
            return int(xp[i] * PRECISION // rate_in)
        if self._back is None:
            self._back = Solver(Problem(generation, xp, amp, j, i), self._d)
        return int((self._back._estimate(y) - xp[i]) * PRECISION // rate_in)

    def _estimate(self, x: Any) -> Any:
        c = self._before // (x * self._n)
        for value in self._after:
            c = c * self._d // value
        c = c * self._d_precision // self._ann_n
        b = x + self.beta
        return (isqrt(b * b + 4 * c) - b) >> 1

    def hyperbola(self) -> tuple[Any, Any]:
        """Return κ (rounded down) and e such that κ/x - e <= c for every input, with all floors of c."""
        kappa, divisor, error = self._before, mpz(self._n), mpz(1)
        for value in self._after:
            kappa, divisor = kappa * self._d, divisor * value
            error = -(-error * self._d // value) + 1
        kappa = kappa * self._d_precision // (divisor * self._ann_n)
        return kappa, -(-error * self._d_precision // self._ann_n) + 1

    def _safe_limit(self, rest: Any) -> Any:
        """
        Return the largest x for which no product or sum of get_y can overflow, or -1.

        c and every product on the way to it fall as x grows, so trying the pool's own balance is
        enough for them; x·N, S and 2·y + b grow with x, and y never exceeds D.
        """
        generation, xp, amp, i, _ = self.problem
        d, n, x = self._d, self._n, xp[i]
        c = d
        largest = c
        for k, value in enumerate(xp):
            if k != self.problem.token_out:
                largest = max(largest, c * d)
                c = c * d // (value * n)
        largest = max(largest, c * d * generation.a_precision)
        c = c * d * generation.a_precision // (amp * n * n)
        largest = max(largest, d * d + c)
        if largest > MAX_UINT256:
            return mpz(-1)
        return max(mpz(-1), (MAX_UINT256 - rest - 3 * d) // n if x else mpz(-1))
