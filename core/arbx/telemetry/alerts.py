"""Tell every configured sink what happens; ``tell`` returns at once, whatever the sinks do."""

import threading
import time
from collections.abc import Iterable, Mapping
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any

from arbx.log import get_logger, hide_secrets
from arbx.telemetry.events import Severity, event_kind
from arbx.telemetry.lane import Lane, LaneReport, Route
from arbx.telemetry.queue import Alert

if TYPE_CHECKING:
    from arbx.config import Settings
    from arbx.host import Host

__all__ = ["Alerts", "LaneReport", "Route", "alerts_of"]


class Alerts:
    """
    Log each event and send it to the sinks that want it; any thread may tell.

    ::

        with alerts_of(host, settings) as alerts:
            alerts.tell("bundle_included", plan_id=7, tx_hash="0x…", block=19_000_001, net_profit=5)
    """

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self._lanes = tuple(Lane(route, self._told_by(route.name)) for route in routes)

    def tell(self, event: str, /, **fields: Any) -> None:
        """Log the event and queue it for each sink; never wait, never raise."""
        self._tell(event, fields, but="")

    def close(self, timeout_s: float = 5.0) -> tuple[LaneReport, ...]:
        """Send what is waiting, for so long and no longer; return what became of it, by sink."""
        deadline = time.monotonic() + timeout_s
        # All at once, so that one sink that hangs takes no other's time.
        closers = [threading.Thread(target=lane.close, args=(deadline,)) for lane in self._lanes]
        for closer in closers:
            closer.start()
        for closer in closers:
            closer.join()
        reports = self.reports()
        for report in (report for report in reports if report.waiting):
            _log(
                "alerts_dropped", Severity.WARNING, {"sink": report.name, "count": report.waiting}
            )
        return reports

    def reports(self) -> tuple[LaneReport, ...]:
        """Return what became of the events so far, by sink."""
        return tuple(lane.report() for lane in self._lanes)

    def __enter__(self) -> "Alerts":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _told_by(self, name: str) -> Any:
        # A sink's failure is told to the others; telling it to itself would go round in circles.
        return lambda event, fields: self._tell(event, fields, but=name)

    def _tell(self, event: str, fields: Mapping[str, Any], *, but: str) -> None:
        severity = event_kind(event).severity
        shown = MappingProxyType(dict(hide_secrets(None, "", dict(fields))))
        _log(event, severity, shown)
        alert = Alert(event, severity, shown)
        for lane in self._lanes:
            if lane.name != but:
                lane.put(alert)


def alerts_of(host: "Host", settings: "Settings") -> Alerts:
    """Build the sinks of the configuration's ``[alerts.NAME]`` sections; close what is returned."""
    routes = [
        Route(
            name,
            host.build_alert_sink(use.use, use.settings, settings.context(name)),
            Severity.named(use.min_severity),
            use.max_per_minute,
            use.send_timeout_s,
        )
        for name, use in settings.alerts.items()
    ]
    return Alerts(routes)


def _log(event: str, severity: Severity, fields: Mapping[str, Any]) -> None:
    # Two names are structlog's own; a field that is called so keeps its value under a name nearby.
    words = {f"{key}_" if key in {"event", "self"} else key: v for key, v in fields.items()}
    getattr(get_logger(), severity.word)(event, **words)
