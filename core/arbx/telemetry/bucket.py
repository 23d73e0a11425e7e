"""Limit how often something happens."""

import threading
from collections.abc import Callable

__all__ = ["Bucket"]


class Bucket:
    """
    Hold one minute's tokens, refilled evenly: a burst may take them all, then they come back one by one.

    >>> now = [0.0]
    >>> bucket = Bucket(2, lambda: now[0])
    >>> [bucket.take() for _ in range(3)]
    [True, True, False]
    >>> now[0] = 30.0
    >>> [bucket.take() for _ in range(2)]
    [True, False]
    """

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._tokens, self._then = float(per_minute), clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take one token; tell whether there was one."""
        with self._lock:
            now = self._clock()
            refill = (now - self._then) * self._per_minute / 60
            self._tokens, self._then = min(self._per_minute, self._tokens + refill), now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
