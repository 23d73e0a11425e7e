"""Post bytes over pooled connections; nothing is ever sent twice from here."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from arbx_relay_flashbots.answers import Answer, Refusal, Unclear, read_answer

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Wire"]

_MOST_BYTES = 4 << 20  # of an answer; a simulation of 100 transactions is far smaller
_KEPT_ALIVE_S = 30  # longer than a slot, so that each block finds its connection open


class Wire:
    """Hold the connections to one relay, those of the running event loop."""

    def __init__(self, url: Callable[[], str], timeout_s: float) -> None:
        self._url, self._timeout_s = url, timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send exactly *body* and return what became of it; a lost answer is unclear, not a failure."""
        import aiohttp

        session = self._connected()
        try:
            # A redirect would take the bundle to a stranger.
            async with session.post(
                self._url(), data=body, headers=headers, allow_redirects=False
            ) as response:
                return read_answer(response.status, await _body(response))
        except aiohttp.InvalidURL:
            return Refusal("the URL can't be used; write it like https://host")
        except aiohttp.ClientConnectorError as error:
            return Refusal(
                f"can't be reached: {error.strerror or type(error).__name__}; nothing was sent"
            )
        except TimeoutError:
            return Unclear(f"no answer within {self._timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Unclear(f"the connection ended before the answer: {type(error).__name__}")

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _connected(self) -> "aiohttp.ClientSession":
        import aiohttp

        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            self._loop = loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(keepalive_timeout=_KEPT_ALIVE_S),
                timeout=aiohttp.ClientTimeout(total=self._timeout_s),
                skip_auto_headers=("User-Agent",),
            )
        return self._session


async def _body(response: Any) -> bytes:
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MOST_BYTES:
            return b"(an answer of more than 4 MiB)"
    return body
