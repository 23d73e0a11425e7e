"""Read receipts strictly, and the profit only from the contract that was called."""

import asyncio
import json

import attrs
import pytest
from eth_utils import keccak

from arbx.chain import Receipt
from arbx.chain.answers import answer_as
from arbx.chain.refusal import RefusedError
from arbx.chain.transactions import read_receipts
from arbx.errors import ChainError
from arbx.execution.executor.artefact import artefact
from arbx.ledger import Executed
from arbx.ledger.profit import executed
from arbx.model import Log

EXECUTOR, POOL = "0x" + "e1" * 20, "0x" + "b0" * 20
WETH = bytes(12) + bytes([0xEE]) * 20
EXECUTED = keccak(text="Executed(address,uint256,uint256)")


def log(address, *words, topics=(EXECUTED, WETH)):
    data = b"".join(word.to_bytes(32, "big") for word in words)
    return Log(address, topics, data, 5, 0)


def receipt(*logs):
    return Receipt("0xaa", EXECUTOR, 5, "0xbb", True, 21_000, 7, logs)


def test_the_profit_is_what_the_executor_logged():
    assert executed(receipt(log(EXECUTOR, 2**200, 9))) == Executed(2**200, 9)


def test_the_same_words_of_a_pool_are_not_believed():
    assert executed(receipt(log(POOL, 10**30, 0))) is None
    assert executed(receipt(log(EXECUTOR, 5, 1), log(POOL, 10**30, 0))) == Executed(5, 1)


@pytest.mark.parametrize(
    "other", [log(EXECUTOR, 5), log(EXECUTOR, 5, 1, topics=(EXECUTED,)), log(EXECUTOR, topics=())]
)
def test_a_log_of_another_shape_says_nothing(other):
    assert executed(receipt(other)) is None


def test_the_event_is_the_one_of_the_contract_that_is_shipped():
    (event,) = [entry for entry in artefact().abi if entry["type"] == "event"]
    types = ",".join(entry["type"] for entry in event["inputs"])

    assert keccak(text=f"{event['name']}({types})") == EXECUTED
    assert [entry["indexed"] for entry in event["inputs"]] == [True, False, False]


class Node:
    """Answer with what a test gives."""

    name = "http://node"

    def __init__(self, *answers):
        self.answers = list(answers)

    async def batch(self, method, rows, read):
        return [
            one if isinstance(one, RefusedError) else answer_as(read, one, self.name, method)
            for one in self.answers
        ]


GOOD = {
    "transactionHash": "0xAA",
    "to": "0xE1",
    "blockNumber": "0x5",
    "blockHash": "0xBB",
    "status": "0x1",
    "gasUsed": "0x5208",
    "effectiveGasPrice": "0x7",
    "logs": [],
}


def read(*answers):
    return asyncio.run(read_receipts(Node(*answers), ["0xaa"] * len(answers)))


def test_a_receipt_is_read_and_a_missing_one_is_none():
    expected = attrs.evolve(receipt(), to="0xe1")

    assert read(GOOD, None) == [expected, None]
    assert expected.gas_cost_wei == 147_000
    assert read({**GOOD, "to": None})[0].to is None
    assert read() == []


@pytest.mark.parametrize("name", GOOD)
def test_a_receipt_that_lacks_something_is_an_error_of_the_node(name):
    with pytest.raises(ChainError, match="eth_getTransactionReceipt is not what"):
        read({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize("answer", [{**GOOD, "gasUsed": None}, "0x1", 5, json.loads("[]")])
def test_a_strange_receipt_is_an_error_of_the_node(answer):
    with pytest.raises(ChainError, match="eth_getTransactionReceipt is not what"):
        read(answer)


def test_a_refused_receipt_is_the_refusal():
    with pytest.raises(RefusedError, match="too old"):
        read(RefusedError("http://node: too old", -32000))
