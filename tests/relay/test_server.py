"""The local relay as a stranger's client meets it: plain HTTP."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from arbx.testing.relay import (
    Fault,
    LocalRelay,
    decode_signed,
    sign_body,
    sign_transfer,
    signer_of,
)

KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
ADDRESS = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
# Computed with eth-account for anvil's first account, not with the code under test.
BODY = (
    b'{"jsonrpc":"2.0","id":1,"method":"eth_cancelBundle","params":'
    b'[{"replacementUuid":"5f2c7f7e-8f0e-4a65-9a0b-6b5a3a1d2c10"}]}'
)
HEADER = (
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266:0xbb54ed361d6110165b10a50331501aaf89b283c80d6312186c13e516bcd335af"
    "1599fe0b0eec3e5e789ad2cb6ee454b3cfa62e5916e78887029be187515781781c"
)
RAW = (
    "0x02f872010784773594008506fc23ac008252089470997970c51812dc3a010c7d01b50e0d17dc79c887038d7ea4c6800080c080a0944ce691"
    "edcd63602ae15063d380f846351c2392da0c397c58d056d2674ec821a0030c9a9133e9df5c4e06197046dac88f675912b328228a9c7025f945"
    "dac7ef07"
)
RAW_HASH = "0x9dd206b08f839d98ad7cfef40c1c046beba6ee8b8cb5784ffe5a536002d24251"


@pytest.fixture
def relay():
    with LocalRelay() as served:
        yield served


def post(relay, body, *, method="POST", **headers):
    sent = {"Content-Type": "application/json", "X-Flashbots-Signature": sign_body(KEY, body)}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    target = urlsplit(relay.url)
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=5)
    try:
        connection.request(method, "/", body, sent)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def call(relay, method, *params, **headers):
    request = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    status, body = post(relay, json.dumps(request).encode(), **headers)
    return status, json.loads(body)


def test_signs_as_the_worked_example():
    assert sign_body(KEY, BODY) == HEADER
    assert signer_of(HEADER, BODY) == ADDRESS


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (None, "no signature provided"),
        ("", "no signature provided"),
        (ADDRESS, "missing separator"),
        (f"{ADDRESS}:0x", "invalid recovery id"),
        (f"{ADDRESS}:{HEADER[-130:]}", "invalid recovery id"),
        (f"{ADDRESS}:0x{'zz' * 65}", "invalid recovery id"),
        (f"{ADDRESS}:0x{'00' * 65}", "invalid recovery id"),
        (f"0x{'11' * 20}{HEADER[42:]}", "signing address mismatch"),
    ],
)
def test_refuses_a_wrong_signature(header, why):
    with pytest.raises(ValueError, match=why):
        signer_of(header, BODY)


def test_refuses_a_signature_of_other_bytes(relay):
    spaced = json.dumps(json.loads(BODY)).encode()
    status, body = post(relay, spaced, X_Flashbots_Signature=HEADER)
    error = json.loads(body)["error"]

    assert status == 400
    assert error["code"] == -32600
    assert error["message"] == "invalid signature provided: signing address mismatch"


def test_decodes_and_signs_the_worked_transaction():
    decoded = decode_signed(bytes.fromhex(RAW[2:]))
    signed = sign_transfer(KEY, chain_id=1, nonce=7, to=decoded.to, value_wei=10**15, gas=21_000)

    assert (decoded.hash, decoded.sender) == (RAW_HASH, ADDRESS)
    assert "0x" + signed.hex() == RAW


# eth-account 0.14 for the same key: nonce 3, 21000 gas at 1 gwei, 7 wei to 0x5a…5a.
OLDER = {
    "before EIP-155": (
        "f86303843b9aca00825208945a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a07801ba05b9742515ea0a39a12cd57f1822954f65612"
        "fae124273eda053bec53e54c3ac9a054522d935fa92481d628955c6ac9e007796e2e7b5b6b23deb28307fb2c7a3720",
        "0xe44e3418065b68ae740036ff9ec33e0160bf612b9e9381e8c7e43e6a25be5cbe",
        None,
    ),
    "EIP-155": (
        "f86303843b9aca00825208945a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a078025a0b6515ead586b1e1e459ea965f8cf926fe8f7"
        "180a1461eef3fcd013a948fda2d7a0314b316628677e96be2931e5185a50891b827a7ca1dfcb11480f42f6dfd58c7e",
        "0x80eb8b6b721f9e9841d7c69a417699a8f5a692417ea9cff0ae89024c6462b4de",
        1,
    ),
    "EIP-2930": (
        "01f89e0103843b9aca00825208945a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a0780f838f7945a5a5a5a5a5a5a5a5a5a5a5a5a5a"
        "5a5a5a5a5a5ae1a0000000000000000000000000000000000000000000000000000000000000000080a0f542dba4a8804527e3e8af27"
        "bf842795fb025ac65f0317f92a24c7dc203683e3a015e069ab08b9bdc50ccf118aaf02f06e55083e81ec6dc86930533f807e85601d",
        "0x8aec06bf84fc3a60a79f644b46dc96e0028d21425edcdae47f2fe236e983e79a",
        1,
    ),
}


@pytest.mark.parametrize("kind", OLDER)
def test_decodes_older_transactions(kind):
    raw, tx_hash, chain_id = OLDER[kind]
    decoded = decode_signed(bytes.fromhex(raw))

    assert (decoded.hash, decoded.sender, decoded.chain_id) == (tx_hash, ADDRESS, chain_id)
    assert (decoded.nonce, decoded.gas, decoded.value_wei) == (3, 21_000, 7)
    assert (decoded.to, decoded.max_fee_wei) == ("0x" + "5a" * 20, 10**9)


@pytest.mark.parametrize("raw", ["", "02", "c0", "f8", RAW[2:-2], RAW[2:] + "00"])
def test_refuses_what_is_no_transaction(raw):
    with pytest.raises(ValueError, match="unable to decode txs"):
        decode_signed(bytes.fromhex(raw))


@pytest.mark.parametrize("kind", ["03", "04", "7f"])
def test_refuses_types_that_no_bundle_holds(kind):
    with pytest.raises(ValueError, match="unsupported transaction type"):
        decode_signed(bytes.fromhex(kind + "c0"))


def test_answers_the_hash_of_the_bundle(relay):
    status, answer = call(relay, "eth_sendBundle", {"txs": [RAW], "blockNumber": "0x1"})

    assert status == 200
    assert answer["id"] == 7
    assert set(answer["result"]) == {"bundleHash"}


def test_answers_smart_as_text_when_builders_are_named(relay):
    params = {"txs": [RAW], "blockNumber": "0x1", "builders": ["Titan"]}

    assert call(relay, "eth_sendBundle", params)[1]["result"]["smart"] == "true"


@pytest.mark.parametrize(
    ("params", "code", "why"),
    [
        ({"txs": [], "blockNumber": "0x1"}, -32000, "bundle with no txs"),
        ({"txs": [RAW] * 101, "blockNumber": "0x1"}, -32000, "too many txs in bundle"),
        ({"txs": [RAW[:-2]], "blockNumber": "0x1"}, -32000, "unable to decode txs"),
        ({"txs": ["0xzz"], "blockNumber": "0x1"}, -32000, "unable to decode txs"),
        ({"txs": [RAW], "blockNumber": 1}, -32602, "blockNumber is not a hex quantity"),
        ({"txs": [RAW], "blockNumber": "1"}, -32602, "blockNumber is not a hex quantity"),
        ({"txs": [RAW]}, -32602, "blockNumber is not a hex quantity"),
        (
            {"txs": [RAW], "blockNumber": "0x1", "replacementUuid": "x"},
            -32602,
            "replacementUuid is not a UUID",
        ),
    ],
)
def test_refuses_a_malformed_bundle(relay, params, code, why):
    assert call(relay, "eth_sendBundle", params)[1]["error"] == {"code": code, "message": why}


@pytest.mark.parametrize(
    "method",
    [
        "flashbots_getBundleStats",
        "flashbots_getBundleStatsV2",
        "flashbots_getUserStats",
        "flashbots_getUserStatsV2",
        "flashbots_getSbundleStats",
    ],
)
def test_statistics_are_forbidden(relay, method):
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": [{}]}).encode()
    status, body = post(relay, request)

    assert status == 403
    assert b"403 Forbidden" in body


def test_knows_no_other_method(relay):
    assert call(relay, "eth_chainId")[1]["error"]["code"] == -32601


@pytest.mark.parametrize(
    ("status", "options"),
    [
        (405, {"method": "GET"}),
        (415, {"Content_Type": "application/json; charset=utf-8"}),
        (415, {"Content_Type": "text/plain"}),
    ],
)
def test_takes_posts_of_exactly_json(relay, status, options):
    assert post(relay, BODY, **options)[0] == status


def test_answers_a_parse_error_to_what_is_no_json(relay):
    status, body = post(relay, b"{")

    assert (status, json.loads(body)["error"]["code"]) == (400, -32700)


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        (Fault.TOO_MANY_REQUESTS, 429, b"Too Many Requests"),
        (Fault.FORBIDDEN, 403, b"<h1>403 Forbidden</h1>"),
        (Fault.BAD_GATEWAY, 502, b"<h1>502 Bad Gateway</h1>"),
        (Fault.SERVER_ERROR, 500, b"internal server error"),
        (Fault.STRING_ERROR, 400, b'{"error":"unable to decode txs"}'),
        (Fault.OBJECT_ERROR, 200, b"unable to decode bundle"),
        (Fault.NOT_JSON, 200, b"ok"),
        (Fault.WRONG_JSON, 200, b'["accepted"]'),
    ],
)
def test_misbehaves_on_command_and_behaves_again(relay, fault, status, says):
    relay.misbehave(fault)
    answer = post(relay, BODY)
    relay.behave()

    assert answer[0] == status
    assert says in answer[1]
    assert json.loads(post(relay, BODY)[1])["result"] == {}


def test_misbehaves_in_one_method_only(relay):
    relay.misbehave(Fault.FORBIDDEN, method="eth_callBundle")
    params = {"txs": [RAW], "blockNumber": "0x1", "stateBlockNumber": "latest"}
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_callBundle", "params": [params]}

    assert post(relay, BODY)[0] == 200
    assert post(relay, json.dumps(request).encode())[0] == 403


def test_drops_the_connection_after_reading(relay):
    relay.misbehave(Fault.DROPS)

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        post(relay, BODY)
    assert [heard.kind for heard in relay.heard] == ["cancel"]


def test_remembers_what_it_heard(relay):
    params = {"txs": [RAW], "blockNumber": "0x2a", "replacementUuid": str(BODY[-40:-4], "ascii")}
    call(relay, "eth_sendBundle", params)
    call(relay, "eth_sendBundle", params, X_Flashbots_Signature=HEADER)
    first, second = relay.heard

    assert (first.kind, first.signer, first.transactions) == ("submit", ADDRESS, (RAW,))
    assert first.target_block == "0x2a"
    assert first.replacement_uuid == "5f2c7f7e-8f0e-4a65-9a0b-6b5a3a1d2c10"
    assert second.signer is None


def test_on_paper_a_bundle_lands_in_its_block(relay):
    answer = call(relay, "eth_sendBundle", {"txs": [RAW], "blockNumber": "0x2"})[1]

    assert [relay.build().included for _ in range(2)] == [(), (answer["result"]["bundleHash"],)]


def test_a_private_transaction_is_cancelled_by_its_hash(relay):
    sent = call(relay, "eth_sendPrivateTransaction", {"tx": RAW})[1]["result"]
    cancelled = [
        call(relay, "eth_cancelPrivateTransaction", {"txHash": sent})[1]["result"]
        for _ in range(2)
    ]

    assert sent == RAW_HASH
    assert cancelled == [True, False]
    assert relay.build().included == ()


def test_closing_twice_does_nothing():
    relay = LocalRelay()
    relay.close()
    with relay:
        relay.close()
    relay.close()

    with pytest.raises(OSError, match="refused"):
        post(relay, BODY)
