"""The table of completely crossed steps, built as far as someone asks."""

import threading
from collections.abc import Iterator

from gmpy2 import c_div, mpz

from arbx_dex_uniswap_v3.state import PoolPrice
from arbx_dex_uniswap_v3.walk import Span, spans

__all__ = ["PIPS", "Step", "Steps", "crossing"]

PIPS = 1_000_000

# Input and output before the step, the price it starts at, its liquidity, and liquidity · 2**96.
Step = tuple[int, int, mpz, mpz, mpz]


class Steps:
    """
    Hold prefix sums over the steps of a swap; only a cache, thread-safe.

    SwapMath.computeSwapStep crosses a step exactly when what remains is at least ⌈amountIn·10⁶/(10⁶−fee)⌉,
    because ⌊r·(10⁶−fee)/10⁶⌋ >= amountIn says the same; so the sums of these decide where an input ends.
    """

    __slots__ = ("_kept", "_lock", "_spans", "_zero_for_one", "in_ends", "out_ends", "steps")

    def __init__(self, state: PoolPrice, zero_for_one: bool) -> None:
        self._kept = PIPS - state.fee_pips
        self._zero_for_one = zero_for_one
        self._spans: Iterator[Span] | None = spans(state, zero_for_one, word_edges=True)
        self._lock = threading.Lock()
        self.steps: list[Step] = []
        self.out_ends: list[int] = []
        self.in_ends: list[int] = []

    def reach_in(self, amount_in: int | None) -> None:
        """Build until a step ends beyond *amount_in*; all steps for None."""
        with self._lock:
            while self._spans is not None and (
                amount_in is None or not self.in_ends or self.in_ends[-1] <= amount_in
            ):
                self._build()

    def reach_out(self, amount_out: int) -> None:
        """Build until *amount_out* is paid."""
        with self._lock:
            while self._spans is not None and (
                not self.out_ends or self.out_ends[-1] < amount_out
            ):
                self._build()

    def at(self, place: int) -> Step:
        """Return a step by its number, building up to it."""
        with self._lock:
            while self._spans is not None and place >= len(self.steps):
                self._build()
        return self.steps[place]

    def _build(self) -> None:
        span = next(self._spans, None) if self._spans is not None else None
        if span is None:
            self._spans = None
            return
        price, _, liquidity = span
        amount_in, amount_out = crossing(span, self._zero_for_one, self._kept)
        start_in = self.in_ends[-1] if self.in_ends else 0
        start_out = self.out_ends[-1] if self.out_ends else 0
        # The step last: a reader that has no lock and finds a step has seen the ends that decide which it is.
        self.in_ends.append(start_in + amount_in)
        self.steps.append((start_in, start_out, price, liquidity, liquidity << 96))
        self.out_ends.append(start_out + amount_out)


def crossing(span: Span, zero_for_one: bool, kept: int) -> tuple[int, int]:
    """Return what a complete step takes, with the fee, and pays (SwapMath.computeSwapStep)."""
    price, target, liquidity = span
    numerator = liquidity << 96
    if zero_for_one:
        # getAmount0Delta, rounded up: divRoundingUp(mulDivRoundingUp(L·2⁹⁶, P−T, P), T)
        amount_in = c_div(numerator * (price - target), price * target)
        amount_out = (liquidity * (price - target)) >> 96
    else:
        # getAmount1Delta, rounded up; getAmount0Delta, rounded down
        amount_in = c_div(liquidity * (target - price), _Q96)
        amount_out = numerator * (target - price) // (target * price)
    return int(c_div(amount_in * PIPS, kept)), int(amount_out)


_Q96 = mpz(1) << 96
