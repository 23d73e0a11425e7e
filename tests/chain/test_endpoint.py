"""What a bad endpoint does to us, and what we say about it."""

import logging
import time

import pytest

from arbx.chain import Chain, Endpoint
from arbx.chain.answers import as_is
from arbx.chain.refusal import RefusedError
from arbx.errors import ChainError, ConfigError


def quick(url, **settings):
    return Endpoint(url, **{"first_wait_s": 0.01, "timeout_s": 5, **settings})


async def ask(url, method="eth_blockNumber", **settings):
    endpoint = quick(url, **settings)
    try:
        return await endpoint.ask(method, (), as_is)
    finally:
        await endpoint.close()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_transient_status_is_asked_again(node, status):
    node.script[:0] = [status, status]

    assert await ask(node.url) == "0x1"
    assert len(node.requests) == 3


@pytest.mark.parametrize("status", [429, 503])
async def test_a_status_that_stays_is_an_error_after_the_attempts(node, status):
    node.script = [status]

    with pytest.raises(
        ChainError, match=rf"eth_blockNumber failed 3 times: HTTP status {status}; "
    ):
        await ask(node.url, attempts=3)
    assert len(node.requests) == 3


async def test_a_busy_answer_in_json_is_asked_again(node):
    node.script.insert(0, lambda _: {"error": {"code": -32005, "message": "daily rate limit"}})

    assert await ask(node.url) == "0x1"


@pytest.mark.parametrize(("status", "cure"), [(401, "key"), (403, "key"), (404, "path")])
async def test_a_lasting_status_is_not_asked_again(node, status, cure):
    node.script = [status]

    with pytest.raises(ChainError, match=f"HTTP status {status}; check the .*{cure}"):
        await ask(node.url)
    assert len(node.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        *[
            b"<html>hello</html>",
            b"",
            b"[]",
            b"{}",
            b"7",
            b"\xff\xfe",
            b'{"jsonrpc":"2.0","id":1}',
        ],
        pytest.param(b"[" * 100_000, id="deeper than the stack"),
    ],
)
async def test_garbage_is_not_json_rpc(node, body):
    node.script = [body]

    with pytest.raises(ChainError, match=r"not JSON-RPC; is this the URL of an Ethereum node"):
        await ask(node.url)
    assert len(node.requests) == 1


async def test_a_node_that_hangs_is_given_up(node):
    node.script = [1.0]
    started = time.monotonic()

    with pytest.raises(ChainError, match=r"failed 2 times: no answer within 0.1 s; .*another"):
        await ask(node.url, timeout_s=0.1, attempts=2)
    assert time.monotonic() - started < 0.9


async def test_a_refused_connection_names_the_cause_and_the_cure(node):
    node.stop()

    with pytest.raises(ChainError, match=r"can't be reached: .*; is the node running"):
        await ask(node.url, attempts=2)


async def test_an_error_of_the_node_keeps_its_code_and_data(node):
    node.script = [
        lambda _: {"error": {"code": 3, "message": "execution reverted", "data": "0x08"}}
    ]

    with pytest.raises(RefusedError, match="execution reverted") as caught:
        await ask(node.url)
    assert (caught.value.code, caught.value.data) == (3, "0x08")
    assert len(node.requests) == 1


@pytest.mark.parametrize("step", [429, 500, 404, 400, 0.3, b"garbage"])
async def test_no_error_and_no_log_shows_the_secret_in_the_url(node, step, caplog):
    node.script = [step]
    caplog.set_level(logging.DEBUG)

    with pytest.raises(ChainError) as caught:
        await ask(node.url, attempts=2, timeout_s=0.1)
    assert str(caught.value).startswith(node.host + ": ")
    assert "secret" not in str(caught.value) + caplog.text + repr(quick(node.url))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ws://node/key", "has ws://; write it like http://127.0.0.1:8545"),
        ("ipc:/tmp/key", "has no scheme"),
        ("127.0.0.1:8545/key", "has no scheme"),
        ("", "has no scheme"),
        ("http:///key", "names no host"),
        ("http://node:port/key", "can't be read"),
        ("http://[key", "can't be read"),
    ],
)
def test_a_bad_url_is_refused_without_showing_it(url, why):
    with pytest.raises(ConfigError, match=why) as caught:
        Endpoint(url)
    assert "key" not in str(caught.value)


async def test_credentials_in_the_url_are_not_shown():
    assert (
        quick("https://user:password@node.example:8545/x?k=v").name == "https://node.example:8545"
    )


async def test_a_chain_id_is_asked_for_once(node):
    async with await Chain.connect(node.url) as chain:
        assert chain.chain_id == chain.chain_id == 1
        await chain.block_number()
    assert [request["method"] for request in node.requests] == ["eth_chainId", "eth_blockNumber"]


@pytest.mark.parametrize("answer", [None, "mainnet", {"a": 1}])
async def test_a_strange_chain_id_is_no_node(node, answer):
    node.script = [lambda _: {"result": answer}]

    with pytest.raises(ChainError, match="the answer to eth_chainId is not what Ethereum nodes"):
        await Chain.connect(node.url)
