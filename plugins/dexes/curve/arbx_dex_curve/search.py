"""Find limits and inverses of what a contract pays by asking it: safeguarded, monotone searches."""

from typing import Any, Protocol

from arbx import WouldRevert

__all__ = ["Swap", "largest_taken", "least_paying"]

_WORD_BITS = 256
_GALLOP_BITS = 6
_NUDGE_BITS = 10


class Swap(Protocol):
    """What a contract pays, and where to begin to look for limits and inverses."""

    def pays(self, amount_in: Any) -> Any:
        """Return what exchange pays for a positive input; raise WouldRevert."""

    def usual_in(self) -> int:
        """Return an input as large as the pool itself: up to it nothing special is expected."""

    def guess_in(self, amount_out: int) -> int:
        """Return about the input that pays *amount_out*."""


def _takes(swap: Swap, amount_in: int) -> bool:
    try:
        swap.pays(amount_in)
    except WouldRevert:
        return False
    return True


def _pays_less(swap: Swap, amount_in: int, wanted: int) -> bool:
    # What is too small reverts: it pays less, too.
    try:
        return bool(swap.pays(amount_in) < wanted)
    except WouldRevert:
        return True


def largest_taken(swap: Swap) -> int:
    """
    Return the largest input that exchange takes: the first place above the usual ones where it reverts.

    0 where it takes nothing at all.
    """
    good = max(1, swap.usual_in())
    while good and not _takes(swap, good):
        good //= 2
    if not good:
        return 0
    bad = 2 * good
    while bad.bit_length() <= _WORD_BITS and _takes(swap, bad):
        good, bad = bad, 2 * bad
    while bad - good > 1:
        middle = (good + bad) // 2
        if _takes(swap, middle):
            good = middle
        else:
            bad = middle
    return good


def least_paying(swap: Swap, wanted: int, max_in: int) -> int | None:
    """
    Return an input that pays at least *wanted* while one unit less pays less; None if none does.

    Gallop from the guess to both sides, then halve. A dynamic fee can make very large inputs pay less again:
    where none above the guess pays enough, start from the input that pays most.
    """
    guess = min(max(1, swap.guess_in(wanted)), max_in)
    step, low, high = 1, guess, guess
    if _pays_less(swap, guess, wanted):
        while True:
            low, high = high, min(high + step, max_in)
            if not _pays_less(swap, high, wanted):
                break
            if high == max_in:
                high = _peak(swap, max_in)
                if _pays_less(swap, high, wanted):
                    return None
                low = 0
                break
            step <<= _gallop(step)
    else:
        while low > 0 and not _pays_less(swap, low, wanted):
            high, low = low, max(0, low - step)
            step <<= _gallop(step)
    return _halve(swap, low, high, wanted)


def _peak(swap: Swap, max_in: int) -> int:
    """Return about the input that pays most: the best power of two, then thirds around it."""
    tried = [min(1 << bit, max_in) for bit in range(max_in.bit_length() + 1)]
    best = max(tried, key=lambda amount: (_paid(swap, amount), -amount))
    low, high = best // 2, min(2 * best, max_in)
    while high - low > 2:
        third = (high - low) // 3
        if _paid(swap, low + third) < _paid(swap, high - third):
            low += third
        else:
            high -= third
    return max(range(low, high + 1), key=lambda amount: (_paid(swap, amount), -amount))


def _paid(swap: Swap, amount_in: int) -> Any:
    try:
        return swap.pays(amount_in) if amount_in else 0
    except WouldRevert:
        return 0


def _gallop(step: int) -> int:
    # Guesses are usually within a few units; where they are not, the bits of the distance are found quickly.
    return 1 if step < 1 << 4 else _GALLOP_BITS


def _halve(swap: Swap, low: int, high: int, wanted: int) -> int:
    """
    Close in between *low*, which pays less (0 does), and *high*, which pays enough.

    Every other step is where a straight line between the two meets *wanted*, nudged to the side that shrinks
    the bracket; the others halve it.
    """
    paid_low, paid_high, straight = _paid(swap, low), _paid(swap, high), True
    while high - low > 1:
        middle = (low + high) // 2
        if straight and paid_high > paid_low:
            across = int((wanted - paid_low) * (high - low) // (paid_high - paid_low))
            nudge = max(1, (high - low) >> _NUDGE_BITS)
            aimed = low + across + (nudge if 2 * across < high - low else -nudge)
            middle = min(max(aimed, low + 1), high - 1)
        paid, straight = _paid(swap, middle), not straight
        if paid < wanted:
            low, paid_low = middle, paid
        else:
            high, paid_high = middle, paid
    return high
