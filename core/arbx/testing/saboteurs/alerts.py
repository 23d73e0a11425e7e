"""Alert sinks that break one promise each."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from arbx.telemetry.events import EVENTS
from arbx.testing.reference_sink import ReferenceSink

__all__ = ["ALERT_SABOTEURS"]


class LeavesNumbersOut(ReferenceSink):
    """Send the words, and not the block: a human can do without, can't he."""

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send all fields but one."""
        await super().send(event, {n: v for n, v in fields.items() if n != "target_block"})


class RepeatsItself(ReferenceSink):
    """Send again what was already taken, as after a time-out."""

    def _deliver(self, text: str) -> None:
        super()._deliver(text)
        super()._deliver(text)


class PutsTheLastFirst(ReferenceSink):
    """Hold one event back until the next one is there."""

    held = ""

    def _deliver(self, text: str) -> None:
        if not text.startswith("limit_hit reason="):
            super()._deliver(text)
        elif self.held:
            super()._deliver(text)
            super()._deliver(self.held)
            self.held = ""
        else:
            self.held = text


class KnowsItsEventsByHeart(ReferenceSink):
    """Send only what the catalogue has."""

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send what is known."""
        if event in EVENTS:
            await super().send(event, fields)


class RoundsAmounts(ReferenceSink):
    """Write numbers as floats."""

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send with 15 digits at most."""
        large = {n: v for n, v in fields.items() if isinstance(v, int) and v > 2**53}
        await super().send(event, {**fields, **{n: float(v) for n, v in large.items()}})


class CantSayNothing(ReferenceSink):
    """Join the values as texts."""

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send, if each value has a length or is a number."""
        _ = [len(value) for value in fields.values() if not isinstance(value, int)]
        await super().send(event, fields)


class SignsTheFields(ReferenceSink):
    """Add what it needs to the mapping that everybody shares."""

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send one field more, if it can be added."""
        if isinstance(fields, dict):
            fields["event"] = event
        await super().send(event, fields)


class SleepsOnTheLoop(ReferenceSink):
    """Wait as a program of one thing does."""

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send, after a nap of everybody."""
        if event == "bundle_missed":
            time.sleep(0.4)  # the fault
        await super().send(event, fields)


class SharesItsDesk(ReferenceSink):
    """Leave the text in an attribute while another event comes."""

    desk: Mapping[str, Any] = {}

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send whatever lies there by then."""
        self.desk = fields
        await asyncio.sleep(0)
        await super().send(event, self.desk)


class BelongsToItsLoop(ReferenceSink):
    """Keep a connection of the first loop that it was asked in."""

    loop: asyncio.AbstractEventLoop | None = None

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send where it has always sent."""
        self.loop = self.loop or asyncio.get_running_loop()
        if self.loop is not asyncio.get_running_loop():
            raise RuntimeError("attached to a different loop")
        await super().send(event, fields)


class SwallowsErrors(ReferenceSink):
    """Be content with having tried."""

    def _deliver(self, text: str) -> None:
        if self._heard is not None:
            self._heard.append(text)


class PrintsItsToken(ReferenceSink):
    """Show all attributes, as a dataclass does."""

    def __repr__(self) -> str:
        return f"PrintsItsToken({self._token})"


class LogsItsToken(ReferenceSink):
    """Log where it sends, as HTTP clients do."""

    def _deliver(self, text: str) -> None:
        logging.getLogger("httpish").info("POST https://hooks.example/%s", self._token)
        super()._deliver(text)


class BlamesTheWholeUrl(ReferenceSink):
    """Repeat the URL in its error."""

    def _deliver(self, text: str) -> None:
        if self._heard is None:
            raise OSError(f"can't reach https://hooks.example/{self._token}")
        super()._deliver(text)


ALERT_SABOTEURS: dict[str, tuple[type[ReferenceSink], ...]] = {
    "sends_every_field": (LeavesNumbersOut,),
    "sends_each_event_once": (RepeatsItself,),
    "keeps_the_order": (PutsTheLastFirst,),
    "sends_every_event_of_the_catalogue": (KnowsItsEventsByHeart,),
    "takes_every_value": (RoundsAmounts, CantSayNothing),
    "leaves_the_fields_alone": (SignsTheFields,),
    "holds_nobody_up": (SleepsOnTheLoop,),
    "sends_many_at_once": (SharesItsDesk,),
    "survives_another_loop": (BelongsToItsLoop,),
    "fails_when_nobody_listens": (SwallowsErrors,),
    "shows_no_secret": (PrintsItsToken, LogsItsToken, BlamesTheWholeUrl),
}
