"""Time the stages of a block."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

__all__ = ["Stopwatch"]


class Stopwatch:
    """
    Add up how long each stage of a block takes, from the making of the watch on.

    >>> watch = Stopwatch()
    >>> with watch.stage("sign"):
    ...     pass
    >>> list(watch.spent_s), watch.whole_s() >= watch.spent_s["sign"]
    (['sign'], True)
    """

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time within towards a stage, however it ends."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - started)

    def add(self, name: str, span_s: float) -> None:
        """Count a time towards a stage."""
        self._spent[name] = self._spent.get(name, 0.0) + span_s

    @property
    def spent_s(self) -> Mapping[str, float]:
        """Return the stages in their order, as they are now."""
        return MappingProxyType(dict(self._spent))

    def whole_s(self) -> float:
        """Return the time since the making, whatever it went into."""
        return time.perf_counter() - self._started
