"""The conformance tests of an alert sink, to inherit from."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

import pytest

from arbx.protocols import AlertSink
from arbx.testing.case import NotBrought
from arbx.testing.promises import alerts
from arbx.testing.promises.alerts import AlertCase, AlertPromise

__all__ = ["AlertSinkTests"]


class AlertSinkTests:
    """
    Inherit this, return your sink, and say what has arrived at the other end.

    Override *make_deaf_sink* with one that nobody listens to, where there can be such a thing; name in *secrets*
    what it may not show, such as the token in its URL.
    """

    secrets: ClassVar[Sequence[str] | None] = None

    def make_sink(self) -> AlertSink:
        """Return the sink under test; whoever it tells is the one that *received* asks."""
        raise NotImplementedError(f"{type(self).__name__} gives no make_sink")

    def make_deaf_sink(self) -> AlertSink | None:
        """Return a sink whose events can't arrive, or None where that can't be."""
        return None

    def received(self) -> Sequence[str]:
        """Return all texts that have arrived so far, in order."""
        raise NotImplementedError(f"{type(self).__name__} gives no received")

    def keep(self, promise: AlertPromise) -> None:
        """Hold the sink to the promise."""
        try:
            asyncio.run(self._keep(promise))
        except NotBrought as why:
            pytest.skip(str(why))

    def test_sends_every_field(self) -> None:
        self.keep(alerts.sends_every_field)

    def test_sends_each_event_once(self) -> None:
        self.keep(alerts.sends_each_event_once)

    def test_keeps_the_order(self) -> None:
        self.keep(alerts.keeps_the_order)

    def test_sends_every_event_of_the_catalogue(self) -> None:
        self.keep(alerts.sends_every_event_of_the_catalogue)

    def test_takes_every_value(self) -> None:
        self.keep(alerts.takes_every_value)

    def test_leaves_the_fields_alone(self) -> None:
        self.keep(alerts.leaves_the_fields_alone)

    def test_holds_nobody_up(self) -> None:
        self.keep(alerts.holds_nobody_up)

    def test_sends_many_at_once(self) -> None:
        self.keep(alerts.sends_many_at_once)

    def test_survives_another_loop(self) -> None:
        self.keep(alerts.survives_another_loop)

    def test_fails_when_nobody_listens(self) -> None:
        self.keep(alerts.fails_when_nobody_listens)

    def test_shows_no_secret(self) -> None:
        self.keep(alerts.shows_no_secret)

    async def _keep(self, promise: AlertPromise) -> None:
        secrets = None if self.secrets is None else tuple(self.secrets)
        deaf = self.make_deaf_sink()
        make_deaf = None if deaf is None else lambda: deaf
        await promise(AlertCase(self.make_sink, self.received, make_deaf, secrets))
