"""A relay on this machine: a real HTTP server that speaks Flashbots' protocol, and misbehaves on command."""

import asyncio
import json
import threading
from types import TracebackType
from typing import Any

import attrs
from aiohttp import web

from arbx.testing.localchain.chain import LocalChain
from arbx.testing.relay.book import Book
from arbx.testing.relay.builder import Block, ChainBuilder, PaperBuilder
from arbx.testing.relay.desk import STATISTICS, Desk, RefusedError
from arbx.testing.relay.faults import Fault, Misbehaviour, body_of
from arbx.testing.relay.signature import signer_of

__all__ = ["Heard", "LocalRelay"]

_MOST_BYTES = 30 << 20  # flashbots/go-utils, rpcserver
_KINDS = {
    "eth_sendBundle": "submit",
    "eth_callBundle": "simulate",
    "eth_cancelBundle": "cancel",
    "eth_sendPrivateTransaction": "private",
}


@attrs.frozen
class Heard:
    """
    One request as it came: *kind* is submit, simulate, cancel, private or other.

    *signer* is None where the signature is not one of exactly these bytes; *target_block* is the text sent.
    """

    kind: str
    body: bytes = attrs.field(repr=False)
    signer: str | None
    transactions: tuple[str, ...] = attrs.field(default=(), repr=False)
    target_block: str | None = None
    replacement_uuid: str | None = None


class LocalRelay:
    """
    Serve for as long as the context lasts, on a free port, from a thread of its own.

    With a *chain* it simulates on it and builds its blocks; without one everything succeeds on paper. Without
    *verifies* a wrong signature is only heard, not refused.

    ::

        with LocalChain() as chain, LocalRelay(chain) as relay:
            ...                       # submit to relay.url
            block = relay.build()     # mines; block.included has the hashes of the bundles in it
    """

    def __init__(
        self, chain: LocalChain | None = None, *, head: int = 0, verifies: bool = True
    ) -> None:
        self._verifies = verifies
        self.heard: list[Heard] = []
        self.book = Book()
        self.paper = PaperBuilder(head)
        self._chain = None if chain is None else ChainBuilder(chain.url, chain.chain_id)
        self._desk = Desk(self.book, self._chain or self.paper)
        self._misbehaviour: Misbehaviour | None = None
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="local-relay", daemon=True
        )
        self._runner: web.AppRunner | None = None
        self.url = ""

    def __enter__(self) -> "LocalRelay":
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; a second call does nothing."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()
            if self._chain is not None:
                self._chain.close()

    def misbehave(self, fault: Fault, *, delay_s: float = 0.0, method: str | None = None) -> None:
        """Misbehave from now on, in answer to one *method* or to each."""
        self._misbehaviour = Misbehaviour(fault, delay_s, method)

    def behave(self) -> None:
        """Behave again."""
        self._misbehaviour = None

    def let_revert(self, tx_hash: str, reason: str) -> None:
        """Let a transaction revert in simulations on paper; on a chain the contracts decide."""
        self.paper.reverts[tx_hash] = reason

    def build(self) -> Block:
        """Build the next block, on the chain or on paper, with the bundles that fit into it."""
        with self._lock:
            return (self._chain or self.paper).build(self.book)

    async def _start(self) -> str:
        app = web.Application(client_max_size=_MOST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        # what still sleeps for a client that has gone
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _serve(self, request: web.Request) -> web.Response:
        if request.method == "GET" and request.path in {"/livez", "/readyz"}:
            return web.Response()
        if request.method != "POST":
            return web.Response(status=405)
        if request.headers.get("Content-Type") != "application/json":
            return web.Response(status=415)
        body = await request.read()
        signature = request.headers.get("X-Flashbots-Signature")
        return await self._respond(request, body, signature)

    async def _respond(
        self, request: web.Request, body: bytes, signature: str | None
    ) -> web.Response:
        asked = _object(body)
        self.heard.append(_heard(body, asked, signature))
        method = asked.get("method")
        fault = self._fault_for(method)
        if fault is not None and not fault.fault.carried_out:
            return _canned(fault.fault)
        response = await asyncio.to_thread(self._answer, body, asked, signature, fault)
        if fault is None:
            return response
        if fault.fault is Fault.SLOW:
            await asyncio.sleep(fault.delay_s)
        if fault.fault is Fault.DROPS and request.transport is not None:
            request.transport.abort()
        return _canned(fault.fault) if body_of(fault.fault) else response

    def _fault_for(self, method: str | None) -> Misbehaviour | None:
        now = self._misbehaviour
        return now if now is not None and now.concerns(method) else None

    def _answer(
        self,
        body: bytes,
        asked: dict[str, Any],
        signature: str | None,
        misbehaviour: Misbehaviour | None,
    ) -> web.Response:
        method = str(asked.get("method"))
        if method in STATISTICS:
            return _canned(Fault.FORBIDDEN)
        if not asked:
            return _error(None, -32700, "parse error", status=400)
        number = asked.get("id")
        try:
            signer = signer_of(signature, body)
        except ValueError as error:
            if self._verifies:
                return _error(number, -32600, str(error), status=400)
            signer = ""
        fault = None if misbehaviour is None else misbehaviour.fault
        try:
            with self._lock:
                result = self._desk.answer(method, asked.get("params"), signer, fault)
        except RefusedError as error:
            return _error(number, error.code, error.message)
        return web.json_response({"jsonrpc": "2.0", "id": number, "result": result})


def _heard(body: bytes, asked: dict[str, Any], signature: str | None) -> Heard:
    try:
        signer: str | None = signer_of(signature, body)
    except ValueError:
        signer = None
    params = asked.get("params")
    first = params[0] if isinstance(params, list) and params else {}
    row = first if isinstance(first, dict) else {}
    txs = row.get("txs", [row["tx"]] if "tx" in row else [])
    return Heard(
        kind=_KINDS.get(str(asked.get("method")), "other"),
        body=body,
        signer=signer,
        transactions=tuple(map(str, txs)) if isinstance(txs, list) else (),
        target_block=row.get("blockNumber", row.get("maxBlockNumber")),
        replacement_uuid=row.get("replacementUuid"),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}


def _canned(fault: Fault) -> web.Response:
    status, content_type, text = body_of(fault) or (500, "text/plain", "")
    return web.Response(status=status, content_type=content_type, text=text)


def _error(number: Any, code: int, message: str, *, status: int = 200) -> web.Response:
    error = {"code": code, "message": message}
    return web.json_response({"jsonrpc": "2.0", "id": number, "error": error}, status=status)
