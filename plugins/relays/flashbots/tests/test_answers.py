"""Whatever a relay answers is a result, a refusal, or unclear; a simulation is whole or an error."""

import copy
import json

import pytest

import arbx
from arbx_relay_flashbots.answers import Refusal, Result, Unclear, read_answer, read_simulation

BUNDLE = arbx.Bundle((b"\x02\xc0", b"\x02\xc1\x01"), 22_118_714)
ROW = {
    "coinbaseDiff": "42000000000000",
    "ethSentToCoinbase": "0",
    "fromAddress": "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
    "gasFees": "42000000000000",
    "gasPrice": "2000000000",
    "gasUsed": 21_000,
    "toAddress": "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
}
# The documented shape of eth_callBundle's result: numbers are decimal texts, a failing transaction is no error.
SIMULATED = {
    "bundleGasPrice": "2000000000",
    "bundleHash": BUNDLE.bundle_hash,
    "coinbaseDiff": "84000000000000",
    "ethSentToCoinbase": "0",
    "gasFees": "84000000000000",
    "results": [
        {**ROW, "txHash": BUNDLE.tx_hashes[0], "value": "0x01"},
        {
            **ROW,
            "txHash": BUNDLE.tx_hashes[1],
            "error": "execution reverted",
            "revert": "not profitable",
        },
    ],
    "stateBlockNumber": 22_118_713,
    "totalGasUsed": 42_000,
}
SIGNED = "0x" + "02f8" * 60


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            200,
            '{"jsonrpc":"2.0","id":1,"result":{"bundleHash":"0x1"}}',
            Result({"bundleHash": "0x1"}),
        ),
        (200, '{"result":200,"error":null,"id":1}', Result(200)),
        (200, '{"result":null,"id":1}', Result(None)),
        (
            200,
            '{"error":{"code":-32000,"message":"unable to decode bundle"}}',
            Refusal("unable to decode bundle"),
        ),
        (
            400,
            '{"error":"unable to decode txs"}',
            Refusal("unable to decode txs (HTTP status 400)"),
        ),
        (500, '{"error":{"message":"boom"}}', Refusal("boom (HTTP status 500)")),
        (200, '{"error":{"code":-32000}}', Refusal('{"code": -32000}')),
        (200, '{"error":["a"]}', Refusal('["a"]')),
        (200, '{"error":""}', Refusal("(nothing said)")),
        (429, "", Refusal("HTTP status 429: (nothing said)")),
        (
            403,
            "<html><style>p{}</style><body><h1>403 Forbidden</h1></body></html>",
            Refusal("HTTP status 403: 403 Forbidden"),
        ),
        (301, "moved", Refusal("HTTP status 301: moved")),
        (404, '{"message":"no Route"}', Refusal('HTTP status 404: {"message":"no Route"}')),
        (408, "", Unclear("HTTP status 408: (nothing said)")),
        (502, "<html>502</html>", Unclear("HTTP status 502: 502")),
        (503, "{}", Unclear("HTTP status 503: {}")),
        (200, "ok", Unclear("the answer is not JSON-RPC: ok")),
        (200, "[]", Unclear("the answer is not JSON-RPC: []")),
        (200, '"accepted"', Unclear('the answer is not JSON-RPC: "accepted"')),
        (200, "{}", Unclear("the answer is not JSON-RPC: {}")),
        (200, "[" * 100_000, Unclear("the answer is not JSON-RPC: " + "[" * 199 + "…")),
    ],
)
def test_reads_every_shape_of_answer(status, body, expected):
    assert read_answer(status, body.encode()) == expected


def test_reads_bytes_that_are_no_text():
    assert isinstance(read_answer(200, b"\xff\xfe\x00"), Unclear)


def test_does_not_repeat_signed_transactions():
    told = read_answer(400, json.dumps({"error": f"can't decode {SIGNED}"}).encode())

    assert told == Refusal("can't decode … (HTTP status 400)")


def test_keeps_hashes():
    told = read_answer(200, json.dumps({"error": f"known: {BUNDLE.bundle_hash}"}).encode())

    assert told == Refusal(f"known: {BUNDLE.bundle_hash}")


def test_reads_a_simulation():
    simulation = read_simulation(BUNDLE, SIMULATED)

    assert simulation == arbx.Simulation(
        22_118_713,
        (
            arbx.TransactionResult(BUNDLE.tx_hashes[0], 21_000, b"\x01"),
            arbx.TransactionResult(BUNDLE.tx_hashes[1], 21_000, revert="not profitable"),
        ),
        42_000,
        84_000_000_000_000,
    )
    assert simulation.revert == "not profitable"


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ({"error": "execution reverted"}, "execution reverted"),
        ({"error": "execution reverted", "revert": ""}, "execution reverted"),
        ({"error": "", "revert": ""}, "reverted without a reason"),
        ({"revert": "0x08c379a0"}, "0x08c379a0"),
        ({"revert": "0x4e487b71" + "0" * 62 + "11"}, "0x4e487b71" + "0" * 62 + "11"),
        ({"revert": "0x02f87201" + "ab" * 96}, "…"),
        ({"error": {"message": "out of gas"}}, "out of gas"),
    ],
)
def test_every_failure_is_a_revert_with_a_reason(failure, reason):
    rows = [SIMULATED["results"][0], {**ROW, "txHash": BUNDLE.tx_hashes[1], **failure}]

    assert read_simulation(BUNDLE, {**SIMULATED, "results": rows}).revert == reason


def damaged(path, value):
    result = copy.deepcopy(SIMULATED)
    *above, last = path
    row = result
    for key in above:
        row = row[key]
    if value is KeyError:
        del row[last]
    else:
        row[last] = value
    return result


@pytest.mark.parametrize(
    "value", [KeyError, None, "", "1.5", "0x5208", 1.5, True, -1, "-1", [], {}]
)
@pytest.mark.parametrize(
    "path",
    [("stateBlockNumber",), ("totalGasUsed",), ("coinbaseDiff",), ("results", 0, "gasUsed")],
)
def test_a_number_that_is_none_is_an_error(path, value):
    with pytest.raises(ValueError, match=f"{path[-1]} is not a number"):
        read_simulation(BUNDLE, damaged(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("results",), KeyError),
        (("results",), []),
        (("results",), SIMULATED["results"][:1]),
        (("results",), {}),
        (("results", 1), None),
        (("results", 1, "txHash"), KeyError),
        (("results", 1, "txHash"), BUNDLE.tx_hashes[0]),
        (("results", 0, "value"), "0x1"),
        (("results", 0, "value"), 7),
    ],
)
def test_a_simulation_that_is_not_whole_is_an_error(path, value):
    with pytest.raises(ValueError, match="results"):
        read_simulation(BUNDLE, damaged(path, value))


@pytest.mark.parametrize("value", [None, [], "0x", 1, {}])
def test_what_is_no_simulation_is_an_error(value):
    with pytest.raises(ValueError, match="result"):
        read_simulation(BUNDLE, value)
