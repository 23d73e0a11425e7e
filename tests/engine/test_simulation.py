"""A simulation fails closed, and says in words why a plan would revert."""

import pytest
from eth_abi.abi import encode

from arbx.chain.abi import selector
from arbx.chain.answers import answer_as
from arbx.chain.refusal import RefusedError
from arbx.chain.simulation import simulate
from arbx.errors import ChainError
from arbx.execution.model import Simulation, TransactionResult
from arbx.execution.reverts import errors_of, revert_reason
from arbx.execution.simulation import SimulationError, profit_of

HERE, THERE = "0x" + "01" * 20, "0x" + "02" * 20
CUSTOM = errors_of(
    [{"type": "error", "name": "TooLate", "inputs": [{"type": "uint256"}, {"type": "address"}]}]
)


class Node:
    """An endpoint that answers, or refuses, as it is told."""

    name = "http://node.example"

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    async def ask(self, method, params, read):
        self.asked.append((method, params))
        if isinstance(self.answer, Exception):
            raise self.answer
        return answer_as(read, self.answer, self.name, method)


def answered(**row):
    return Node([{"calls": [{"status": "0x1", "gasUsed": "0x5208", "returnData": "0x", **row}]}])


async def test_the_call_runs_in_the_block_after_the_one_that_was_observed():
    node = answered(returnData="0x2a")
    done = await simulate(node, HERE, THERE, b"\x01", block=255)
    ((method, (asked, tag)),) = node.asked

    assert (done.succeeded, done.gas_used, done.output) == (True, 21_000, b"\x2a")
    assert (method, tag) == ("eth_simulateV1", "0xff")
    assert asked["blockStateCalls"][0]["blockOverrides"] == {"number": "0x100"}
    assert asked["blockStateCalls"][0]["calls"] == [{"from": HERE, "to": THERE, "input": "0x01"}]


async def test_the_data_of_a_revert_is_read_where_geth_puts_it():
    row = {"status": "0x0", "error": {"code": 3, "message": "reverted", "data": "0x1234"}}
    done = await simulate(answered(**row), HERE, THERE, b"", block=1)

    assert (done.succeeded, done.output) == (False, b"\x12\x34")


async def test_a_node_without_the_method_is_named_with_the_cure():
    node = Node(RefusedError("no", -32601))

    with pytest.raises(ChainError, match=r"node\.example has no eth_simulateV1.*use a node"):
        await simulate(node, HERE, THERE, b"", block=1)


@pytest.mark.parametrize("answer", [None, [], {}, [{"calls": []}], [{"calls": [{}]}], ["0x"]])
async def test_an_answer_that_is_none_is_an_error_and_no_simulation(answer):
    with pytest.raises(ChainError, match="not what Ethereum nodes give"):
        await simulate(Node(answer), HERE, THERE, b"", block=1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (selector("Error(string)") + encode(["string"], ["UniswapV2: K"]), "UniswapV2: K"),
        (selector("Panic(uint256)") + encode(["uint256"], [0x11]), "Panic(0x11): arithmetic"),
        (selector("Panic(uint256)") + encode(["uint256"], [0x99]), "Panic(0x99): unknown panic"),
        (
            selector("TooLate(uint256,address)") + encode(["uint256", "address"], [7, HERE]),
            f"TooLate(7, {HERE})",
        ),
        (selector("TooLate(uint256,address)"), "unknown error 0x"),
        (selector("Error(string)") + b"\x01", "unknown error 0x08c379a001"),
        (b"\xde\xad\xbe\xef", "unknown error 0xdeadbeef"),
        (b"", "no reason given"),
    ],
)
def test_a_revert_is_put_into_words(data, words):
    assert revert_reason(data, CUSTOM).startswith(words)


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (TransactionResult("", 1, b"", "deadline"), "deadline"),
        (TransactionResult("", 1, b""), "is there an Executor"),
    ],
)
def test_only_a_plain_success_is_a_profit(result, why):
    with pytest.raises(SimulationError, match=why):
        profit_of(Simulation(1, (result,), 1))
    with pytest.raises(SimulationError, match="is there an Executor"):
        profit_of(Simulation(1, (), 0))
