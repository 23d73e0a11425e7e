"""
Leave an endpoint alone that fails, and try it again after a while.

Written here, because what exists doesn't fit requests that are awaited side by side: pybreaker does asyncio only
through Tornado, aiobreaker has had no release since 2021, and purgatory goes by the wall clock, takes a cancelled
request for a success, and lets every waiting request be the trial.
"""

import time
from collections.abc import Callable

__all__ = ["Breaker"]


class Breaker:
    """
    Be closed while things go well, open after *limit* failures in a row, and half open during a trial.

    After *cool_down_s* in the open state one trial is due, and only one at a time. What was asked before, or in spite
    of the breaker, counts too: any success closes it.

    >>> breaker = Breaker(limit=2, cool_down_s=30, clock=lambda: 7.0)
    >>> breaker.failed(), breaker.failed(), breaker.failed()
    (False, True, False)
    >>> breaker.closed, breaker.begin_trial(), breaker.succeeded(), breaker.closed
    (False, False, 0.0, True)
    """

    def __init__(
        self, *, limit: int, cool_down_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._cool_down_s, self._clock = limit, cool_down_s, clock
        self._failures = 0
        self._opened_at_s: float | None = None
        self._trial_at_s = 0.0
        self._on_trial = False

    @property
    def closed(self) -> bool:
        """Tell whether there is nothing to be said against asking."""
        return self._opened_at_s is None

    @property
    def state(self) -> str:
        """Return closed, open or half-open."""
        if self.closed:
            return "closed"
        return "half-open" if self._on_trial else "open"

    def failed(self, *, at_once: bool = False) -> bool:
        """Count a failure; tell whether it opened the breaker, as it does *at_once* or at the limit."""
        self._failures += 1
        self._trial_at_s = self._clock() + self._cool_down_s
        self._on_trial = False
        if not self.closed or not (at_once or self._failures >= self._limit):
            return False
        self._opened_at_s = self._clock()
        return True

    def succeeded(self) -> float | None:
        """Count a success; return for how many seconds the breaker was open, when this closed it."""
        opened_at_s, self._opened_at_s = self._opened_at_s, None
        self._failures, self._on_trial = 0, False
        return None if opened_at_s is None else self._clock() - opened_at_s

    def begin_trial(self) -> bool:
        """Tell whether a trial is due, and be half open from then on."""
        due = not self.closed and not self._on_trial and self._clock() >= self._trial_at_s
        self._on_trial = self._on_trial or due
        return due
