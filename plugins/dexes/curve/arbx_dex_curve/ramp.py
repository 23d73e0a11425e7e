"""
A and gamma on their way to new values: linear in the block's timestamp, as the contracts compute them.

A pool that ramps has another A in each block, and no event tells so. What it answers is A at the block that was
read; a swap meets A at the block that takes it.
"""

import attrs

__all__ = ["Clock", "Ramp"]


@attrs.frozen
class Clock:
    """The timestamps of the block that was read and of the next; None where the time between blocks isn't known."""

    now_s: int
    next_s: int | None


@attrs.frozen
class Ramp:
    """
    One number between two times.

    >>> up, down = Ramp(10, 13, 100, 110), Ramp(13, 10, 100, 110)
    >>> up.at(105), down.at(105), up.at(110)
    (11, 12, 13)
    >>> up.mean_at(105), down.mean_at(105)
    (11, 11)
    """

    initial: int
    future: int
    starts_s: int
    ends_s: int

    def at(self, timestamp_s: int) -> int:
        """Return initial ± ⌊|future - initial|·elapsed / duration⌋, as StableSwap's _A does."""
        if timestamp_s >= self.ends_s:
            return self.future
        elapsed, duration = timestamp_s - self.starts_s, self.ends_s - self.starts_s
        part = abs(self.future - self.initial) * elapsed // duration
        return self.initial + part if self.future > self.initial else self.initial - part

    def mean_at(self, timestamp_s: int) -> int:
        """Return ⌊(initial·left + future·elapsed) / duration⌋, as CryptoSwap's _A_gamma does."""
        if timestamp_s >= self.ends_s:
            return self.future
        elapsed, left = timestamp_s - self.starts_s, self.ends_s - timestamp_s
        return (self.initial * left + self.future * elapsed) // (elapsed + left)
