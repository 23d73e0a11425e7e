"""Stand between arbx and a node, and fail on command: a real HTTP server."""

import asyncio
import enum
import json
import random
import threading
from types import TracebackType
from typing import Any

import aiohttp
from aiohttp import web

from arbx.testing.localchain.lag import lagging

__all__ = ["Proxy", "Trouble"]

_STATUSES = {"busy": 429, "broken": 503, "locked": 401}


class Trouble(enum.StrEnum):
    """Say how a node fails."""

    REFUSES = "refuses"
    DROPS = "drops"
    HANGS = "hangs"
    BUSY = "busy"
    BROKEN = "broken"
    LOCKED = "locked"
    GARBAGE = "garbage"
    LAGS = "lags"
    OTHER_CHAIN = "other chain"


class Proxy:
    """
    Serve a node's JSON-RPC for as long as the context lasts, on a free port, from a thread of its own.

    ::

        with LocalChain() as chain, Proxy(chain.url) as first, Proxy(chain.url) as second:
            ...                                  # Chain.connect(first.url, second.url)
            first.misbehave(Trouble.REFUSES)
    """

    def __init__(self, url: str, *, seed: int = 0) -> None:
        self._upstream, self._dice = url, random.Random(seed)  # a test's faults
        self._trouble: Trouble | None = None
        self._share, self._blocks = 1.0, 0
        self.methods: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="local-proxy", daemon=True
        )
        self._port = 0
        self.url = ""

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def misbehave(self, trouble: Trouble, *, share: float = 1.0, blocks: int = 2) -> None:
        """Fail from now on in a *share* of the requests; one that lags is so many *blocks* behind."""
        self._trouble, self._share, self._blocks = trouble, share, blocks
        if trouble is Trouble.REFUSES:
            self._run(self._site.stop())

    def behave(self) -> None:
        """Be a good node again."""
        refused, self._trouble = self._trouble is Trouble.REFUSES, None
        if refused:
            self._run(self._listen())

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self) -> None:
        self._session = aiohttp.ClientSession()
        app = web.Application(client_max_size=30 << 20)
        app.router.add_post("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self._listen()

    async def _listen(self) -> None:
        # the same port every time: a node that comes back is at its old address
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await self._site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def _stop(self) -> None:
        await self._runner.cleanup()
        await self._session.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _serve(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        rows = asked if isinstance(asked, list) else [asked]
        self.methods += [row["method"] for row in rows]
        trouble = self._trouble if self._dice.random() < self._share else None
        if trouble in {Trouble.REFUSES, Trouble.DROPS} and request.transport is not None:
            request.transport.abort()
        if trouble is Trouble.HANGS:
            await asyncio.sleep(3600)
        if trouble in _STATUSES:
            return web.Response(status=_STATUSES[trouble])
        if trouble is Trouble.GARBAGE:
            return web.Response(text="<html>Welcome to nginx!</html>")
        answers = [await self._answer(row, trouble) for row in rows]
        return web.json_response(answers if isinstance(asked, list) else answers[0])

    async def _answer(self, row: dict[str, Any], trouble: Trouble | None) -> dict[str, Any]:
        if trouble is Trouble.OTHER_CHAIN and row["method"] == "eth_chainId":
            return {"jsonrpc": "2.0", "id": row["id"], "result": "0x5"}
        if trouble is Trouble.LAGS:
            return await lagging(row, self._blocks, self._forwarded)
        return await self._forwarded(row)

    async def _forwarded(self, row: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(self._upstream, json=row) as response:
            answer: dict[str, Any] = await response.json()
            return answer
