"""A bounded queue between the engine and one sink: putting never waits, taking does."""

import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

import attrs

from arbx.telemetry.events import Severity

__all__ = ["Alert", "AlertQueue"]


@attrs.frozen
class Alert:
    """One event on its way to a human."""

    event: str
    severity: Severity
    fields: Mapping[str, Any]


class AlertQueue:
    """
    Keep alerts in order; when full, drop the oldest of the least severe, and count it.

    >>> queue = AlertQueue(2)
    >>> for word in ("critical", "info", "info"):
    ...     queue.put(Alert(word, Severity.named(word), {}))
    >>> queue.dropped, queue.take().event, queue.take().event
    (1, 'critical', 'info')
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: deque[Alert] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self.dropped = 0

    def put(self, alert: Alert) -> None:
        """Append the alert, and drop one where that is one too many."""
        with self._changed:
            self._waiting.append(alert)
            if len(self._waiting) > self._size:
                self._waiting.remove(min(self._waiting, key=lambda waiting: waiting.severity))
                self.dropped += 1
            self._changed.notify()

    def end(self) -> None:
        """Say that nothing more will be put."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def take(self) -> Alert | None:
        """Wait for the next alert; None when there is none and will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            return self._waiting.popleft() if self._waiting else None

    def __len__(self) -> int:
        return len(self._waiting)
