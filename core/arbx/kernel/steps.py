"""
Round a real-valued optimum to the best integers near it.

The best input is always the least input of some step of some hop. The step that matters is that of the coarsest
amount in the cycle, the one with the fewest units (USDC has 6 decimals): walking the wei of the input instead
finds the same few steps again and again.
"""

from collections.abc import Sequence

from arbx.errors import InsufficientLiquidity
from arbx.kernel.envelope import Envelope
from arbx.kernel.types import Curve
from arbx.kernel.walk import amounts_along, least_in_along

__all__ = ["NOTHING", "Sized", "best_near", "coarsest", "lossless", "size_step", "walked_back"]

# A sized input: (profit, amount_in, what each hop pays).
Sized = tuple[int, int, tuple[int, ...]]
NOTHING: Sized = (0, 0, ())

# So few units that a step changes the profit as much as rounding does.
_FEW = 1 << 10
# How far from the optimum a step is looked for that loses little to rounding.
_REACH = 8


def coarsest(amount_in: int, amounts: Sequence[int]) -> int:
    """Return the hop whose input has the fewest units."""
    hop, fewest = 0, amount_in
    for index in range(len(amounts) - 1):
        if amounts[index] < fewest:
            hop, fewest = index + 1, amounts[index]
    return hop


def lossless(curve: Curve, amount_in: int) -> Sequence[int]:
    """
    Return the inputs around *amount_in* at which the curve's fee rounds to nothing lost, nearest below first.

    floor(w * num / den) loses (-w*fee mod den)/den with fee = den - num, least just below w = m*den/fee.
    """
    teeth = getattr(curve, "teeth", None)
    if teeth is None:
        return ()
    num, den, start, end = teeth(amount_in)
    fee = den - num
    if not 0 < fee <= den // 2:
        return ()
    tooth = (amount_in - start) * fee // den
    below, above = start + tooth * den // fee, start + (tooth + 1) * den // fee
    return (below, above) if above < end else (below,)


def size_step(curves: Sequence[Curve], hop: int, amount: int) -> Sized:
    """Return the least input that brings *amount* to *hop*, sized; NOTHING where a pool can't take it."""
    try:
        amount_in = least_in_along(curves[:hop], amount) if hop else amount
        amounts = amounts_along(curves, amount_in)
    except InsufficientLiquidity:
        return NOTHING
    return amounts[-1] - amount_in, amount_in, amounts


def best_near(curves: Sequence[Curve], start: int) -> Sized:
    """
    Return the best input among the steps next to *start*; NOTHING when none of them pays.

    Raises InsufficientLiquidity when the pools can't take *start*.
    """
    amounts = amounts_along(curves, start)
    best = first = (amounts[-1] - start, start, amounts)
    hop = coarsest(start, amounts)
    amount = amounts[hop - 1] if hop else start
    for candidate in _candidates(curves, hop, amount, best):
        if candidate > 0:
            sized = size_step(curves, hop, candidate)
            if sized[0] > best[0]:
                best = sized
    if best[0] <= 0:
        return NOTHING
    # The least input for a step of the coarsest amount is the least for what the finer hops behind it pay, too.
    return walked_back(curves, best) if best is first or hop == 0 else best


def _candidates(curves: Sequence[Curve], hop: int, amount: int, sized: Sized) -> Sequence[int]:
    """Return the steps next to *amount* that may be best."""
    ends = lossless(curves[hop], amount)
    if ends and amount >> 20:
        return ends  # the teeth are close together, and no step between is better than their ends
    if amount < _FEW:
        return range(amount - 3, amount + 5)
    quiet = _quiet(curves, hop, amount, sized)
    return (amount, amount + 1, *ends) if quiet is None else (quiet, *ends)


def _quiet(curves: Sequence[Curve], hop: int, amount: int, sized: Sized) -> int | None:
    """
    Return the step next to *amount* at which a second coarse amount, beside the coarsest, loses least to rounding.

    A unit of it is worth about input/units; None when that is below 2**-27 of the profit, when too few steps are
    as good as the best, or when the curve between the two is no constant-product pool.
    """
    profit, start, amounts = sized
    before = amounts[hop - 2] if hop > 1 else start
    rounds_up = hop > 0 and before < amounts[hop]
    units = before if rounds_up else amounts[hop]
    if amount < 1 << 16 or (start << 27) < profit * units:
        return None
    pieces = getattr(curves[hop - rounds_up], "pieces", None)
    table = pieces() if pieces is not None else None
    single = table.single if isinstance(table, Envelope) else None
    if single is None:
        return None
    a, b, c, *_ = single
    steps = range(amount - _REACH, amount + _REACH + 1)
    if rounds_up:  # the least input b*y / (a - c*y) is rounded up
        return min(steps, key=lambda y: -b * y % (a - c * y))
    return min(steps, key=lambda y: a * y % (b + c * y))


def walked_back(curves: Sequence[Curve], sized: Sized) -> Sized:
    """Return the least input that is paid as much: what an input gives away to rounding is taken back."""
    amount_in = least_in_along(curves, sized[2][-1])
    if amount_in >= sized[1]:
        return sized
    amounts = amounts_along(curves, amount_in)
    return amounts[-1] - amount_in, amount_in, amounts
