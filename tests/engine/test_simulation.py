"""A simulation fails closed, and says in words why a plan would revert."""

import attrs
import pytest
from eth_abi.abi import encode

from arbx.chain.abi import selector
from arbx.chain.answers import answer_as
from arbx.chain.refusal import RefusedError
from arbx.chain.simulation import simulate
from arbx.errors import ChainError, RelayError
from arbx.execution.model import Bundle, Simulation, TransactionResult
from arbx.execution.reverts import errors_of, revert_reason
from arbx.execution.simulation import RelaySimulator, SimulationError, profit_of
from arbx.execution.submission import Submitter
from arbx.testing.relay import sign_transfer

HERE, THERE = "0x" + "01" * 20, "0x" + "02" * 20
BUNDLE = Bundle((sign_transfer(b"\x22" * 32, chain_id=1, nonce=0, to=THERE),), 7)
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


WHOLE = Simulation(6, (TransactionResult(BUNDLE.tx_hashes[0], 21_000),), 21_000)


async def asked_of_a_relay(answer):
    class Relay:
        async def simulate(self, bundle):
            if isinstance(answer, Exception):
                raise answer
            return answer

    return await RelaySimulator(Submitter({"local": Relay()}), "local").simulate(BUNDLE)


async def test_a_relay_is_believed_about_this_bundle_in_its_block():
    assert await asked_of_a_relay(WHOLE) == WHOLE


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (attrs.evolve(WHOLE, state_block=5), "simulated on block 5, and block 7 follows another"),
        (attrs.evolve(WHOLE, state_block=7), "simulated on block 7"),
        (attrs.evolve(WHOLE, results=()), "other transactions than those of the bundle"),
        (attrs.evolve(WHOLE, results=WHOLE.results * 2), "other transactions than those"),
        (
            attrs.evolve(WHOLE, results=(TransactionResult("0x" + "00" * 32, 21_000),)),
            "other transactions than those",
        ),
        ({"results": []}, "answered a dict, not a Simulation"),
        (KeyError("results"), "KeyError"),
        (RelayError("local: eth_callBundle: unable to decode"), "unable to decode"),
    ],
)
async def test_whatever_else_a_relay_answers_is_unknown(answer, why):
    with pytest.raises(RelayError, match=why):
        await asked_of_a_relay(answer)


async def test_what_a_relay_raises_never_shows_the_signed_bytes():
    signed = BUNDLE.transactions[0].hex()
    with pytest.raises(RelayError) as raised:
        await asked_of_a_relay(ValueError(f"can't send {signed}"))

    assert "can't send …" in str(raised.value)
    assert signed[:72] not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("UniswapV2: K", "UniswapV2: K"),
        ("0x4e487b71" + f"{0x12:064x}", "Panic(0x12): division by zero"),
        ("0xdeadbeef", "unknown error 0xdeadbeef"),
        (
            "0x" + (selector("ERC20InvalidReceiver(address)") + encode(["address"], [HERE])).hex(),
            f"ERC20InvalidReceiver({HERE})",
        ),
        ("rejected 0x" + BUNDLE.transactions[0].hex(), "rejected …"),
    ],
)
async def test_a_revert_at_a_relay_is_put_into_words(said, words):
    row = TransactionResult(BUNDLE.tx_hashes[0], 21_000, revert=said)
    done = await asked_of_a_relay(attrs.evolve(WHOLE, results=(row,)))

    assert done.revert == words


def test_what_a_token_reverts_with_is_put_into_words():
    data = selector("ERC20InsufficientBalance(address,uint256,uint256)")

    assert (
        revert_reason(data + encode(["address", "uint256", "uint256"], [HERE, 1, 2]))
        == f"ERC20InsufficientBalance({HERE}, 1, 2)"
    )
    assert data.hex() == "e450d38c"  # as OpenZeppelin's IERC20Errors has it
