"""What an alert sink promises: that each event arrives, whole, once, and that nothing is held up by it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs

from arbx.protocols import AlertSink
from arbx.telemetry.events import EVENTS
from arbx.testing.case import Broken, NotBrought
from arbx.testing.leaks import leak_in, overhear, pickled, shown_by

__all__ = [
    "ALERT_PROMISES",
    "AlertCase",
    "AlertPromise",
    "fails_when_nobody_listens",
    "holds_nobody_up",
    "keeps_the_order",
    "leaves_the_fields_alone",
    "sends_each_event_once",
    "sends_every_event_of_the_catalogue",
    "sends_every_field",
    "sends_many_at_once",
    "shows_no_secret",
    "survives_another_loop",
    "takes_every_value",
]

_FIELDS: Mapping[str, Any] = MappingProxyType(
    {"plan_id": 48_151_623, "relay": "flashbots-42", "reason": "wrong nonce", "target_block": 19_000_001}
)  # fmt: skip
_HEARTBEAT_S = 0.01
_LONGEST_HOLD_S = 0.25


@attrs.frozen
class AlertCase:
    """
    One sink under test.

    *make* builds it, listened to by somebody; *received* returns the texts that have arrived so far, in order;
    *make_deaf* builds one that nobody listens to; *secrets* are what it may not show (a token, a password).
    """

    make: Callable[[], AlertSink]
    received: Callable[[], Sequence[str]]
    make_deaf: Callable[[], AlertSink] | None = None
    secrets: tuple[str, ...] | None = None

    async def arrived(self, *events: tuple[str, Mapping[str, Any]]) -> list[str]:
        """Send the events one after the other; return the texts that arrived of them."""
        before, sink = len(self.received()), self.make()
        for event, fields in events:
            await sink.send(event, fields)
        return list(self.received())[before:]


AlertPromise = Callable[[AlertCase], Awaitable[None]]


async def sends_every_field(case: AlertCase) -> None:
    """Promise the event's name and each field, name and value, in what arrives."""
    text = "\n".join(await case.arrived(("bundle_rejected", _FIELDS)))
    for word in ("bundle_rejected", *_FIELDS, *map(str, _FIELDS.values())):
        if word not in text:
            raise Broken(f"{word!r} does not arrive: {text[:200]!r}")


async def sends_each_event_once(case: AlertCase) -> None:
    """Promise one message for each event: two would be two losses to whoever reads them."""
    arrived = await case.arrived(*[("relay_failed", {"relay": f"relay-{n}-"}) for n in range(3)])
    for n in range(3):
        count = sum(text.count(f"relay-{n}-") for text in arrived)
        if count > 1:
            raise Broken(f"one event arrives {count} times")


async def keeps_the_order(case: AlertCase) -> None:
    """Promise that what is sent first arrives first."""
    sent = [f"reason-{n}-" for n in range(5)]
    text = "\n".join(await case.arrived(*[("limit_hit", {"reason": word}) for word in sent]))
    places = [text.find(word) for word in sent if word in text]
    if places != sorted(places):
        raise Broken("events arrive in another order than they were sent in")


async def sends_every_event_of_the_catalogue(case: AlertCase) -> None:
    """Promise to send whatever the engine may tell, and what a plugin may tell."""
    for event in (*EVENTS, "an_event_of_a_plugin"):
        fields = dict.fromkeys(EVENTS[event].fields if event in EVENTS else ("relay",), "1")
        if event not in "\n".join(await case.arrived((event, fields))):
            raise Broken(f"{event} does not arrive")


async def takes_every_value(case: AlertCase) -> None:
    """Promise to send values of every kind: large integers to the unit, None, bytes, lists, any letter."""
    odd = {
        "none": None, "true": True, "negative": -1, "half": 0.5, "nan": float("nan"), "raw": b"\x00\xff",
        "listed": [1, (2, {"x": 3})], "letters": "ünïcødé ✓ \n \x1b[31m \ud800", "thing": object(), "empty": "",
    }  # fmt: skip
    for fields in ({"net_profit": 2**255 - 19}, odd, {}):
        try:
            text = "\n".join(await case.arrived(("plan_failed", fields)))
        except Exception as error:
            raise Broken(f"can't send {fields!r}: {type(error).__name__}: {error}") from error
        if "net_profit" in fields and str(2**255 - 19) not in text:
            raise Broken("a large integer does not arrive to the unit")


async def leaves_the_fields_alone(case: AlertCase) -> None:
    """Promise to change nothing in the fields: other sinks get the same mapping."""
    fields = {"relay": "flashbots", "reasons": ["late"]}
    sink = case.make()
    await sink.send("relay_failed", fields)
    if fields != {"relay": "flashbots", "reasons": ["late"]}:
        raise Broken(f"the fields were changed to {fields}")


async def holds_nobody_up(case: AlertCase) -> None:
    """Promise to wait without blocking the event loop, in which others have work to do."""
    sink = case.make()
    await sink.send("engine_started", {})  # imports and connections of the first time are fair
    stop, gaps = asyncio.Event(), [0.0]
    heart = asyncio.create_task(_beat(stop, gaps))
    await asyncio.sleep(0)
    await sink.send("bundle_missed", _FIELDS)
    stop.set()
    await heart
    if max(gaps) > _LONGEST_HOLD_S:
        raise Broken(
            f"blocks the event loop for {max(gaps):.2f} s; wait with `await`, or in a thread"
        )


async def sends_many_at_once(case: AlertCase) -> None:
    """Promise that of many concurrent events each arrives, whole."""
    before, sink = len(case.received()), case.make()
    sent = [(f"relay-{n:03}", f"reason-{n:03}") for n in range(20)]
    events = [{"relay": relay, "reason": reason} for relay, reason in sent]
    await asyncio.gather(*(sink.send("relay_failed", fields) for fields in events))
    texts = list(case.received())[before:]
    lost = [pair for pair in sent if not any(pair[0] in t and pair[1] in t for t in texts)]
    if lost:
        raise Broken(f"{len(lost)} of {len(sent)} concurrent events do not arrive")


async def survives_another_loop(case: AlertCase) -> None:
    """Promise to work in whatever event loop it is asked in: the loop may be a new one after a restart."""
    sink = case.make()
    await sink.send("engine_started", {})
    try:
        await asyncio.to_thread(lambda: asyncio.run(_send(sink, "engine_stopped")))
    except Exception as error:
        raise Broken(f"in another event loop: {type(error).__name__}: {error}") from error


async def fails_when_nobody_listens(case: AlertCase) -> None:
    """Promise to raise where the event can't arrive; what raises is counted, told to others, quarantined."""
    if case.make_deaf is None:
        raise NotBrought("gives no make_deaf_sink: can't fail")
    try:
        await case.make_deaf().send("trading_stopped", {"reason": "unheard"})
    except Exception:  # noqa: BLE001  # any failure is the promise kept
        return
    raise Broken("says nothing where the event can't arrive")


async def shows_no_secret(case: AlertCase) -> None:
    """Promise repr, pickle, logs, and errors with their local variables without a token or password."""
    if case.secrets is None:
        raise NotBrought("names no secrets, so that none can be looked for")
    shown: list[str] = []
    for make in filter(None, (case.make, case.make_deaf)):
        sink = make()
        with overhear() as heard:
            error = await _error_of(sink)
        texts = (
            repr(sink),
            str(sink),
            pickled(sink),
            *heard.commands,
            shown_by(error) if error else "",
        )
        shown += texts if make is case.make_deaf else [heard.text, *texts]
    if leak_in("\n".join(shown), case.secrets):
        raise Broken("repr, pickle, logs or errors show a secret")


async def _send(sink: AlertSink, event: str) -> None:
    await sink.send(event, {})


async def _error_of(sink: AlertSink) -> Exception | None:
    try:
        await sink.send("trading_stopped", {"reason": "to look for secrets"})
    except Exception as error:  # noqa: BLE001  # looked into, whatever it is
        return error
    return None


async def _beat(stop: asyncio.Event, gaps: list[float]) -> None:
    last = time.monotonic()
    while not stop.is_set():
        await asyncio.sleep(_HEARTBEAT_S)
        now = time.monotonic()
        gaps.append(now - last)
        last = now


ALERT_PROMISES: tuple[AlertPromise, ...] = (
    sends_every_field,
    sends_each_event_once,
    keeps_the_order,
    sends_every_event_of_the_catalogue,
    takes_every_value,
    leaves_the_fields_alone,
    holds_nobody_up,
    sends_many_at_once,
    survives_another_loop,
    fails_when_nobody_listens,
    shows_no_secret,
)
