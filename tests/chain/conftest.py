"""A node that says what a test tells it to, and the local chain."""

import contextlib
import http.server
import json
import threading
import time

import pytest

import arbx
from arbx.chain import Chain
from arbx.testing.localchain import fixtures
from arbx.testing.localchain.watching import Watch

local_market = fixtures.local_market
market = fixtures.market
local_mixed = fixtures.local_mixed
mixed = fixtures.mixed


class ScriptedNode:
    """Answer each request by the next line of a script, the last one for ever."""

    def __init__(self):
        self.script = [lambda request: {"result": "0x1"}]
        self.requests = []
        node = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                node.requests.append(request)
                step = node.script.pop(0) if len(node.script) > 1 else node.script[0]
                status, body = node.outcome(step, request)
                with contextlib.suppress(ConnectionError):  # who asked may have given up
                    self.respond(status, body)

            def respond(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.host = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.host}/v3/very-secret-key"

    @staticmethod
    def outcome(step, request):
        if isinstance(step, int):
            return step, b"no"
        if isinstance(step, bytes):
            return 200, step
        if isinstance(step, float):
            time.sleep(step)
            return 200, b"{}"
        if isinstance(request, list):
            whole = step(request)
            rows = (
                whole if isinstance(whole, dict) else [{"id": r["id"], **step(r)} for r in request]
            )
            return 200, json.dumps(rows).encode()
        return 200, json.dumps({"jsonrpc": "2.0", "id": request["id"], **step(request)}).encode()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def node():
    scripted = ScriptedNode()
    yield scripted
    scripted.stop()


@pytest.fixture(scope="module")
def host(request):
    """Load the plugin that the module names as PLUGIN."""
    return arbx.Host.load([request.module.PLUGIN], strict=True)


@pytest.fixture
async def chain(mixed):
    async with await Chain.connect(mixed.chain.url) as connected:
        yield connected


@pytest.fixture
def watch(request, host, chain, mixed):
    return Watch(request.module.PROVIDER, host, chain, mixed)


@pytest.fixture
def source(watch):
    return watch.source()


@pytest.fixture
async def seen(watch, source):
    return await watch.observe(source)
