"""An honest alert sink that keeps what it is sent, for tests."""

from collections.abc import Mapping
from typing import Any

from arbx.errors import PluginError

__all__ = ["ReferenceSink"]


class ReferenceSink:
    """
    Keep each event as a text in *heard*; where that is None nobody listens.

    >>> import asyncio
    >>> heard = []
    >>> asyncio.run(ReferenceSink(heard).send("limit_hit", {"limit": "gas"}))
    >>> heard
    ['limit_hit limit=gas']
    """

    def __init__(self, heard: list[str] | None, token: str = "") -> None:
        self._heard, self._token = heard, token

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send one event with its fields."""
        self._deliver(" ".join([event, *(f"{name}={value}" for name, value in fields.items())]))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __reduce__(self) -> Any:
        return type(self), (None,)

    def _deliver(self, text: str) -> None:
        if self._heard is None:
            raise PluginError("reference", "send", "nobody listens")
        self._heard.append(text)
