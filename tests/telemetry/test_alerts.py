"""The dispatcher: every event reaches whom it should, and no sink holds anybody up."""

import asyncio
import logging
import threading
import time

import pytest
import structlog
from structlog.testing import capture_logs

import arbx
from arbx.config import AlertUse, Settings
from arbx.telemetry.alerts import Alerts, Route, alerts_of
from arbx.telemetry.events import EVENTS, Severity


class Heard:
    """Keep what is sent; *fault* runs first."""

    def __init__(self, fault=None):
        self.events, self.threads, self._fault = [], set(), fault

    async def send(self, event, fields):
        self.threads.add(threading.get_ident())
        if self._fault is not None:
            await self._fault(event)
        self.events.append((event, dict(fields)))

    @property
    def names(self):
        return [event for event, _ in self.events]


def route(sink, name="mine", **settings):
    return Route(
        name, sink, **{"min_severity": Severity.DEBUG, "max_per_minute": 10_000, **settings}
    )


async def fails(event):
    raise OSError("no route to host")


async def hangs(event):
    await asyncio.sleep(60)


async def blocks_its_thread(event):
    time.sleep(60)


async def exits(event):
    raise SystemExit(3)


async def cancels(event):
    raise asyncio.CancelledError


def told(alerts, count, event="bundle_submitted"):
    start = time.perf_counter()
    for number in range(count):
        alerts.tell(event, number=number)
    return time.perf_counter() - start


def test_every_event_reaches_every_sink_with_its_fields():
    sinks = [Heard(), Heard()]
    with Alerts([route(sinks[0], "a"), route(sinks[1], "b")]) as alerts:
        for kind in EVENTS.values():
            alerts.tell(kind.name, **dict.fromkeys(kind.fields, 7))

    expected = [(kind.name, dict.fromkeys(kind.fields, 7)) for kind in EVENTS.values()]
    assert [sink.events for sink in sinks] == [expected, expected]


def test_the_log_has_the_same_words():
    with capture_logs() as logged, Alerts() as alerts:
        alerts.tell("bundle_reverted", block=7, reason="MinProfit")

    assert logged == [
        {"event": "bundle_reverted", "log_level": "error", "block": 7, "reason": "MinProfit"}
    ]


def test_a_field_may_have_any_name():
    sink = Heard()
    with Alerts([route(sink)]) as alerts:
        alerts.tell("plan_failed", event="x", self=1, fields=2)

    assert sink.events == [("plan_failed", {"event": "x", "self": 1, "fields": 2})]


def test_a_secret_reaches_no_sink():
    sink = Heard()
    with Alerts([route(sink)]) as alerts:
        alerts.tell(
            "relay_failed", reason="https://rpc.example/v3/T0KEN is down", private_key="ab"
        )

    assert sink.events == [
        ("relay_failed", {"reason": "https://rpc.example/… is down", "private_key": "[hidden]"})
    ]


@pytest.mark.parametrize("least", list(Severity))
def test_a_sink_hears_nothing_below_its_severity(least):
    sink = Heard()
    with Alerts([route(sink, min_severity=least)]) as alerts:
        for name in EVENTS:
            alerts.tell(name)

    assert sink.names == [name for name, kind in EVENTS.items() if kind.severity >= least]


def test_a_sink_may_not_change_what_others_hear():
    class Thief(Heard):
        async def send(self, event, fields):
            fields["relay"] = "stolen"

    honest = Heard()
    with Alerts([route(Thief(), "thief"), route(honest, "honest")]) as alerts:
        alerts.tell("relay_recovered", relay="flashbots")
        time.sleep(0.1)

    assert ("relay_recovered", {"relay": "flashbots"}) in honest.events


def test_over_its_rate_a_sink_hears_how_much_it_missed():
    sink = Heard()
    with Alerts([route(sink, max_per_minute=3)]) as alerts:
        told(alerts, 10)
        reports = alerts.close()

    missed = [fields for event, fields in sink.events if event == "alerts_dropped"]
    assert sink.names.count("bundle_submitted") == 3
    assert sum(fields["count"] for fields in missed) == 7
    assert {fields["sink"] for fields in missed} == {"mine"}
    assert [(r.dropped, r.waiting) for r in reports] == [(7, 0)]


def test_a_flood_is_not_answered_with_a_flood_of_summaries():
    sink = Heard()
    with Alerts([route(sink, max_per_minute=600)]) as alerts:
        for _ in range(10):
            told(alerts, 100)
            time.sleep(0.02)

    assert 1 <= sink.names.count("alerts_dropped") <= 2


def test_critical_events_pass_the_rate():
    sink = Heard()
    with Alerts([route(sink, max_per_minute=1)]) as alerts:
        told(alerts, 5)
        alerts.tell("trading_stopped", reason="loss")

    assert "trading_stopped" in sink.names


def test_a_full_queue_drops_the_least_severe_first():
    gate = threading.Event()

    async def waits(event):
        await asyncio.to_thread(gate.wait, 5)

    sink = Heard(waits)
    alerts = Alerts([route(sink, queue_size=3)])
    alerts.tell("block_observed", n=0)
    time.sleep(0.1)  # it is on its way; what follows waits
    for n, event in enumerate(
        ("bundle_reverted", "block_observed", "trading_stopped", "limit_hit")
    ):
        alerts.tell(event, n=n)
    gate.set()
    alerts.close()

    assert sink.names == [
        "block_observed", "alerts_dropped", "bundle_reverted", "trading_stopped", "limit_hit",
    ]  # fmt: skip


@pytest.mark.parametrize("fault", [fails, hangs, blocks_its_thread, exits, cancels])
def test_a_bad_sink_holds_up_neither_the_engine_nor_another_sink(fault):
    bad, good = Heard(fault), Heard()
    alerts = Alerts([route(bad, "bad", send_timeout_s=0.05), route(good, "good")])
    seconds = told(alerts, 50)
    start = time.perf_counter()
    reports = {report.name: report for report in alerts.close(timeout_s=1.0)}

    assert seconds < 0.5
    assert time.perf_counter() - start < 2.0
    assert good.names.count("bundle_submitted") == 50
    assert bad.events == []
    assert reports["bad"].sent == 0
    assert len(good.threads | {threading.get_ident()}) == 2  # never in the thread that tells


def test_a_failing_sink_is_told_of_to_the_others_and_then_left_alone():
    bad, good = Heard(fails), Heard()
    with Alerts([route(bad, "bad", quarantine_s=60), route(good, "good")]) as alerts:
        told(alerts, 20)
        time.sleep(0.2)
        quarantined = {report.name: report.quarantined for report in alerts.reports()}

    about = [(event, fields) for event, fields in good.events if event.startswith("plugin_")]
    assert quarantined == {"bad": True, "good": False}
    assert [event for event, _ in about] == ["plugin_failed"] * 2 + ["plugin_quarantined"]
    assert about[0][1] == {
        "plugin": "bad", "where": "send of bundle_submitted", "reason": "OSError: no route to host",
    }  # fmt: skip


def test_after_its_quarantine_a_sink_is_told_what_waited():
    broken = [True] * 3

    async def for_a_while(event):
        if broken:
            broken.pop()
            raise OSError("no route to host")

    sink = Heard(for_a_while)
    alerts = Alerts([route(sink, quarantine_s=0.1)])
    told(alerts, 5)
    time.sleep(0.5)
    alerts.close()

    assert [fields["number"] for _, fields in sink.events] == [3, 4]


def test_closing_sends_what_waits_and_takes_nothing_new():
    async def slow(event):
        await asyncio.sleep(0.02)

    sink = Heard(slow)
    alerts = Alerts([route(sink)])
    told(alerts, 10)
    alerts.close()
    alerts.tell("bundle_missed")

    assert sink.names == ["bundle_submitted"] * 10


def test_closing_says_what_was_left():
    with capture_logs() as logged:
        alerts = Alerts([route(Heard(blocks_its_thread))])
        told(alerts, 3)
        time.sleep(0.05)
        alerts.close(timeout_s=0.1)

    assert {
        "event": "alerts_dropped",
        "log_level": "warning",
        "sink": "mine",
        "count": 2,
    } in logged


def test_many_threads_may_tell():
    sink = Heard()
    with Alerts([route(sink, queue_size=10_000)]) as alerts:
        threads = [threading.Thread(target=told, args=(alerts, 200)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(sink.events) == 800


async def test_telling_from_an_event_loop_does_not_wait_for_it():
    sink = Heard()
    alerts = Alerts([route(sink)])
    alerts.tell("engine_started", live=False)
    await asyncio.to_thread(alerts.close)

    assert sink.names == ["engine_started"]


@pytest.mark.parametrize(
    "wrong", [{"max_per_minute": 0}, {"queue_size": 0}, {"send_timeout_s": 0}]
)
def test_a_route_is_valid_from_birth(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        route(Heard(), **wrong)


def test_the_configuration_builds_the_sinks_with_their_limits(capsys):
    structlog.reset_defaults()
    logging.getLogger().setLevel(logging.WARNING)
    text = {"use": "console", "min_severity": "error", "max_per_minute": 5}
    settings = Settings.model_validate({"alerts": {"me": text}})
    with alerts_of(arbx.Host.load(["console"], strict=True), settings) as alerts:
        alerts.tell("bundle_submitted", relay="flashbots")
        alerts.tell("trading_stopped", reason="loss")

    assert "\ntrading_stopped reason=loss\n" in "\n" + capsys.readouterr().err
    assert isinstance(settings.alerts["me"], AlertUse)
    assert settings.alerts["me"].settings == {}
