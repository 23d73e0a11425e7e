"""
One alert sink's own lane: a thread with an event loop, a bounded queue, a rate limit, a quarantine.

A sink is a stranger's code on the way of money. Each has a thread of its own, so that even one that blocks its event
loop (``time.sleep`` in ``send``) delays no other sink and never the engine.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from arbx.errors import PluginError
from arbx.plugins.boundary import FailureCounter, answer_of, blamed
from arbx.protocols import AlertSink
from arbx.telemetry.bucket import Bucket
from arbx.telemetry.events import Severity, event_kind
from arbx.telemetry.queue import Alert, AlertQueue

__all__ = ["Lane", "LaneReport", "Route"]

_FAILURES_IN_A_ROW = 3
_BETWEEN_DROP_REPORTS_S = 60.0


@attrs.frozen
class Route:
    """Say how one sink is served: from which severity on, how often, and with how much patience."""

    name: str
    sink: AlertSink
    min_severity: Severity = Severity.INFO
    max_per_minute: int = attrs.field(default=60, validator=attrs.validators.ge(1))
    send_timeout_s: float = attrs.field(default=10.0, validator=attrs.validators.gt(0))
    queue_size: int = attrs.field(default=1_000, validator=attrs.validators.ge(1))
    quarantine_s: float = attrs.field(default=60.0, validator=attrs.validators.ge(0))


@attrs.frozen
class LaneReport:
    """Count what became of the events that a sink should have been told."""

    name: str
    sent: int
    failed: int
    dropped: int
    waiting: int
    quarantined: bool


class Lane:
    """Send alerts to one sink, in order, in a daemon thread; ``put`` never waits."""

    def __init__(self, route: Route, tell: Callable[[str, Mapping[str, Any]], None]) -> None:
        self.name, self._route, self._tell = route.name, route, tell
        self._queue = AlertQueue(route.queue_size)
        self._bucket = Bucket(route.max_per_minute, time.monotonic)
        self._failures = FailureCounter(_FAILURES_IN_A_ROW)
        self._sent = self._failed = self._rate_dropped = self._reported = 0
        self._next_drop_report_s = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"arbx-alert-{route.name}", daemon=True
        )
        self._thread.start()

    def put(self, alert: Alert) -> None:
        """Queue the alert if the sink wants to hear of it; drop the least severe when there are too many."""
        if alert.severity < self._route.min_severity or self._closing.is_set():
            return
        if alert.severity < Severity.CRITICAL and not self._bucket.take():
            self._rate_dropped += 1
            return
        self._queue.put(alert)

    def close(self, deadline: float) -> None:
        """Send what is waiting until *deadline* (``time.monotonic``), then leave the thread alone."""
        self._closing.set()
        self._queue.end()
        self._thread.join(max(0.0, deadline - time.monotonic()))

    @property
    def dropped(self) -> int:
        """Return how many events were dropped: over the rate, or over what the queue holds."""
        return self._rate_dropped + self._queue.dropped

    def report(self) -> LaneReport:
        """Return the counts by now."""
        quarantined = bool(self._failures.quarantined)
        waiting = len(self._queue)
        return LaneReport(self.name, self._sent, self._failed, self.dropped, waiting, quarantined)

    def _run(self) -> None:
        # One loop for the life of the thread: a sink may keep a connection that belongs to its loop.
        with asyncio.Runner() as runner:
            while (alert := self._queue.take()) is not None:
                runner.run(self._serve(alert))
            runner.run(self._report_drops())

    async def _serve(self, alert: Alert) -> None:
        await self._sit_out_quarantine()
        if self._failures.quarantined:  # closing: a sink that does not answer is not waited for
            self._failed += 1
            return
        await self._report_drops()
        await self._send(alert.event, alert.fields)

    async def _report_drops(self) -> None:
        # Once a minute, and at the end: in a flood each report would be one message more.
        dropped, now = self.dropped - self._reported, time.monotonic()
        due = now >= self._next_drop_report_s or self._closing.is_set()
        wanted = event_kind("alerts_dropped").severity >= self._route.min_severity
        if dropped and due and wanted:
            self._reported += dropped
            self._next_drop_report_s = now + _BETWEEN_DROP_REPORTS_S
            await self._send("alerts_dropped", {"sink": self.name, "count": dropped})

    async def _send(self, event: str, fields: Mapping[str, Any]) -> None:
        sink, timeout_s = self._route.sink, self._route.send_timeout_s
        try:
            await answer_of(
                self.name, f"send of {event}", sink.send(event, fields), timeout_s=timeout_s
            )
        except PluginError as error:
            self._blame(error)
        except BaseException as error:  # noqa: BLE001  # whatever a sink raises, its lane goes on
            self._blame(blamed(self.name, f"send of {event}", error))
        else:
            self._sent += 1
            self._failures.succeeded(self.name)

    def _blame(self, error: PluginError) -> None:
        self._failed += 1
        fields = {"plugin": self.name, "where": error.where}
        if self._failures.failed(self.name):
            self._tell("plugin_quarantined", {**fields, "failures": _FAILURES_IN_A_ROW})
        else:
            self._tell("plugin_failed", {**fields, "reason": error.why})

    async def _sit_out_quarantine(self) -> None:
        if not self._failures.quarantined:
            return
        # Not for ever: a sink that was unreachable for a while is the only way to reach the human.
        if not await asyncio.to_thread(self._closing.wait, self._route.quarantine_s):
            self._failures.release(self.name)
            self._tell("plugin_released", {"plugin": self.name})
