"""Tell the human in front of the terminal: an event on one line of standard error."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

import arbx

__all__ = ["Console", "ConsoleSettings"]


class ConsoleSettings(BaseModel):
    """The keys of ``[alerts.…]`` with ``use = "console"``: none but arbx's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Console:
    """Write each event and its fields on one line; standard output stays free for results."""

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send one event with its fields."""
        words = (event, *(f"{name}={value}" for name, value in fields.items()))
        print(*map(_plain, words), file=sys.stderr, flush=True)


@arbx.hookimpl
def arbx_alert_sinks() -> Iterator[arbx.Provider[arbx.AlertSink]]:
    """Offer the sink."""
    yield arbx.Provider(
        "console", lambda settings: Console(), ConsoleSettings, summary="a line on standard error"
    )


def _plain(text: str) -> str:
    # A token's symbol comes from a stranger: no escape codes, and no line that looks like another event.
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
