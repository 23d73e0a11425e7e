"""Run transactions on the local chain's next block without mining it (eth_simulateV1)."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from arbx.errors import ChainError
from arbx.testing.localchain.rpc import Rpc
from arbx.testing.relay.transaction import SignedTransaction

__all__ = ["Executed", "NextBlock", "execute", "next_block", "reason_of"]

# COINBASE BALANCE PUSH0 MSTORE PUSH1 32 PUSH0 RETURN: calls to it, between the transactions, read what
# the builder has got so far.
_PROBE, _PROBE_CODE = "0x" + "c0" * 20, "0x41315f5260205ff3"
_ERROR, _PANIC = bytes.fromhex("08c379a0"), bytes.fromhex("4e487b71")


@attrs.frozen
class Executed:
    """What one transaction did; *revert* is the reason, None where it succeeded."""

    transaction: SignedTransaction
    gas_used: int
    gas_fees_wei: int
    sent_to_coinbase_wei: int
    output: bytes
    revert: str | None


@attrs.frozen
class NextBlock:
    """What the node would mine now: its frame, and the public transactions that come first."""

    number: int
    timestamp: int
    base_fee_wei: int
    coinbase: str
    public: tuple[Mapping[str, Any], ...]


def next_block(rpc: Rpc) -> NextBlock:
    """Return the next block as the node has it pending."""
    block = rpc.ask("eth_getBlockByNumber", "pending", True)
    return NextBlock(
        number=int(block["number"], 16),
        timestamp=int(block["timestamp"], 16),
        base_fee_wei=int(block["baseFeePerGas"], 16),
        coinbase=block["miner"],
        public=tuple(block["transactions"]),
    )


def execute(
    rpc: Rpc, block: NextBlock, transactions: Sequence[SignedTransaction]
) -> list[Executed]:
    """
    Run the public transactions of *block*, then these, and return what these did.

    Raise ValueError for one that no block could hold: its nonce, its fees, its sender's balance.
    """
    _check(rpc, block, transactions)
    probe = {"from": _PROBE, "to": _PROBE}
    calls = [_public(row) for row in block.public]
    calls += [probe, *(call for tx in transactions for call in (_call(tx), probe))]
    rows = _simulated(rpc, block, calls)[len(block.public) :]
    pots = [int(row["returnData"], 16) for row in rows[::2]]
    pairs = zip(transactions, rows[1::2], pots, pots[1:], strict=False)
    return [_executed(tx, row, block, after - before) for tx, row, before, after in pairs]


def reason_of(data: bytes) -> str:
    """
    Return why a contract reverted: Error's text, Panic's code, or the data of a custom error.

    >>> reason_of(b"")
    'execution reverted'
    """
    try:
        if data[:4] == _ERROR:
            return str(decode(["string"], data[4:])[0])
        if data[:4] == _PANIC:
            return f"panic {decode(['uint256'], data[4:])[0]:#04x}"
    except DecodingError:
        pass  # as its author encoded it, then
    return f"0x{data.hex()}" if data else "execution reverted"


def _simulated(
    rpc: Rpc, block: NextBlock, calls: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    frame = {
        "number": hex(block.number),
        "time": hex(block.timestamp),
        "baseFeePerGas": hex(block.base_fee_wei),
        "feeRecipient": block.coinbase,
    }
    overrides = {_PROBE: {"code": _PROBE_CODE}}
    state = {"blockOverrides": frame, "stateOverrides": overrides, "calls": list(calls)}
    try:
        answer = rpc.ask("eth_simulateV1", {"blockStateCalls": [state]}, "latest")
    except ChainError as error:
        raise ValueError(str(error).rpartition(": ")[2]) from None
    rows: list[dict[str, Any]] = answer[0]["calls"]
    return rows


def _check(rpc: Rpc, block: NextBlock, transactions: Sequence[SignedTransaction]) -> None:
    nonces: dict[str, int] = {}
    for row in block.public:
        nonces[row["from"].lower()] = int(row["nonce"], 16) + 1
    for tx in transactions:
        if tx.sender not in nonces:
            count = rpc.ask("eth_getTransactionCount", tx.sender, "latest")
            nonces[tx.sender] = int(count, 16)
        if tx.nonce != nonces[tx.sender]:
            side = "low" if tx.nonce < nonces[tx.sender] else "high"
            raise ValueError(
                f"nonce too {side}: next nonce {nonces[tx.sender]}, tx nonce {tx.nonce}"
            )
        nonces[tx.sender] += 1
        if tx.max_fee_wei < block.base_fee_wei:
            raise ValueError(
                f"max fee per gas less than block base fee: {tx.max_fee_wei} < {block.base_fee_wei}"
            )


def _executed(
    tx: SignedTransaction, row: Mapping[str, Any], block: NextBlock, paid_wei: int
) -> Executed:
    gas_used = int(row["gasUsed"], 16)
    fees = gas_used * min(tx.priority_fee_wei, tx.max_fee_wei - block.base_fee_wei)
    output = bytes.fromhex(row["returnData"][2:])
    revert = None if row["status"] == "0x1" else reason_of(output)
    return Executed(tx, gas_used, fees, paid_wei - fees, output, revert)


def _call(tx: SignedTransaction) -> dict[str, Any]:
    target = {} if tx.to is None else {"to": tx.to}
    return {
        **target,
        "from": tx.sender,
        "nonce": hex(tx.nonce),
        "gas": hex(tx.gas),
        "maxFeePerGas": hex(tx.max_fee_wei),
        "maxPriorityFeePerGas": hex(tx.priority_fee_wei),
        "value": hex(tx.value_wei),
        "input": "0x" + tx.data.hex(),
    }


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    wanted = ("from", "to", "nonce", "gas", "value", "input")
    fees = ("maxFeePerGas", "maxPriorityFeePerGas") if "maxFeePerGas" in row else ("gasPrice",)
    return {key: row[key] for key in (*wanted, *fees) if row.get(key) is not None}
