"""
The StableSwap invariant, ``A·nⁿ·S + D = A·nⁿ·D + Dⁿ⁺¹ / (nⁿ·Π)``, as Balancer's StableMath solves it.

Balancer's amplification parameter is A·nⁿ⁻¹ in these terms, times a precision of 1000 where it is a state.
"""

from collections.abc import Callable, Sequence
from typing import Final

import arbx
from arbx_dex_balancer.fixed import UINT256, ceil_div, uint256

__all__ = [
    "AMP_PRECISION",
    "Solver",
    "balance_v2",
    "balance_v3",
    "invariant",
    "invariant_rounded_up",
    "invariant_slack",
    "last_invariant",
    "newton_balance",
]

AMP_PRECISION: Final = 1000
ROUNDS: Final = 255

Solver = Callable[[int, Sequence[int]], int]


def invariant(amp: int, balances: Sequence[int]) -> int:
    """
    Return D in Curve's form, every division rounded down.

    StableMath._calculateInvariant of StablePool v2 and of every composable stable pool (V2), and
    computeInvariant (V3).
    """
    d, settled = last_invariant(amp, balances)
    if not settled:
        raise arbx.WouldRevert("the invariant does not converge (BAL#321)")
    return d


def last_invariant(amp: int, balances: Sequence[int]) -> tuple[int, bool]:
    """Return the last iterate of Curve's form, and whether the contract accepts it."""
    n, total = len(balances), sum(balances)
    amp_n = amp * n
    linear = uint256(amp_n * total) // AMP_PRECISION
    d = total
    for _ in range(ROUNDS):
        d_p = d
        for balance in balances:
            d_p = uint256(d_p * d) // (balance * n)
        before = d
        d = uint256((linear + d_p * n) * d) // (
            (amp_n - AMP_PRECISION) * d // AMP_PRECISION + (n + 1) * d_p
        )
        if -1 <= d - before <= 1:
            return d, True
    return d, False


def invariant_slack(balances: Sequence[int], largest: Sequence[int]) -> int:
    """
    Return by how much Curve's form may end above the real D, at the most.

    *largest* is, for each balance, the D at which ``balance·n / D`` is the largest considered. The partial
    products of these ratios are what flooring D_P once is worth in D; balancer-bounds.md derives the rest.
    """
    n = len(balances)
    total, num, den = 3, 1, 1
    for balance, d in zip(balances, largest, strict=True):
        num, den = num * balance * n, den * d
        total += ceil_div(num, den)
    return (n + 1) * total


def invariant_rounded_up(amp: int, balances: Sequence[int]) -> int:
    """Return D with every division rounded so that D comes out larger (StablePool v1, roundUp = true)."""
    n, total = len(balances), sum(balances)
    amp_n = amp * n
    d = total
    for _ in range(ROUNDS):
        p_d = balances[0] * n
        for balance in balances[1:]:
            p_d = ceil_div(uint256(p_d * balance * n), d)
        before = d
        up = uint256(n * d * d) + ceil_div(uint256(amp_n * total * p_d), AMP_PRECISION)
        down = (n + 1) * d + uint256((amp_n - AMP_PRECISION) * p_d) // AMP_PRECISION
        d = ceil_div(up, down)
        if -1 <= d - before <= 1:
            return d
    raise arbx.WouldRevert("the invariant does not converge (BAL#322)")


def balance_v2(amp: int, balances: Sequence[int], d: int, index: int) -> int:
    """
    Return the balance of *index* that makes the invariant *d*, given all others; rounded up.

    StableMath._getTokenBalanceGivenInvariantAndAllOtherBalances (V2): c is rounded up before it is multiplied by
    the precision, D / A before too.
    """
    amp_n, p_d = _amp_and_product(amp, balances, d)
    c = uint256(ceil_div(d * d, amp_n * p_d) * AMP_PRECISION * balances[index])
    b = sum(balances) - balances[index] + d // amp_n * AMP_PRECISION
    return newton_balance(d * d, c, d, b)


def balance_v3(amp: int, balances: Sequence[int], d: int, index: int) -> int:
    """Return the same with the precision multiplied in before the divisions (V3 StableMath.computeBalance)."""
    amp_n, p_d = _amp_and_product(amp, balances, d)
    c = uint256(ceil_div(uint256(d * d * AMP_PRECISION), amp_n * p_d) * balances[index])
    b = sum(balances) - balances[index] + d * AMP_PRECISION // amp_n
    return newton_balance(d * d, c, d, b)


def newton_balance(square: int, c: int, d: int, b: int) -> int:
    """Iterate ``y = ⌈(y² + c) / (2y + b - D)⌉`` from ``⌈(D² + c) / (D + b)⌉`` until it moves by at most one."""
    y = -(-(square + c) // (d + b))
    b -= d
    for _ in range(ROUNDS):
        before = y
        y = -(-(y * y + c) // (2 * y + b))
        if -1 <= y - before <= 1:
            return y
    raise arbx.WouldRevert("the balance does not converge (BAL#322)")


def _amp_and_product(amp: int, balances: Sequence[int], d: int) -> tuple[int, int]:
    n = len(balances)
    p_d = balances[0] * n
    for balance in balances[1:]:
        p_d = uint256(p_d * balance * n) // d
    amp_n = amp * n
    if p_d == 0:
        raise arbx.WouldRevert("the product of the balances vanishes (BAL#004)")
    if amp_n * p_d >= UINT256 or d * d >= UINT256:
        raise arbx.WouldRevert("the contract's arithmetic overflows 256 bits")
    return amp_n, p_d
