"""A chain on this machine: deploy, send, mine, ask, go back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import attrs
from eth_abi.abi import encode

from arbx.chain.abi import calldata, decode
from arbx.errors import ChainError
from arbx.model import Call
from arbx.testing.localchain.artifacts import creation_code
from arbx.testing.localchain.node import SECONDS_PER_BLOCK, Node

__all__ = ["LocalChain", "Receipt"]

_DEFAULT_GAS = 15_000_000


@attrs.frozen
class Receipt:
    """What became of a transaction."""

    hash: str
    block: int
    succeeded: bool
    gas_used: int
    contract: str | None
    logs: tuple[dict[str, Any], ...]


class LocalChain:
    """
    Run anvil for as long as the context lasts; blocks are mined when asked for, 12 s apart.

    Accounts, addresses, timestamps and states are the same on every run.

    ::

        with LocalChain() as chain:
            token = chain.deploy("Token", ("string", "string", "uint8"), ("Gem", "GEM", 0))
    """

    def __init__(self, *, chain_id: int = 31_337) -> None:
        self._node = Node(chain_id=chain_id)
        self.chain_id = chain_id
        self.rpc = self._node.rpc
        self.url = self._node.url
        self.rpc.ask("anvil_setBlockTimestampInterval", SECONDS_PER_BLOCK)
        self.accounts: tuple[str, ...] = tuple(self.rpc.ask("eth_accounts"))

    def __enter__(self) -> "LocalChain":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the node."""
        self._node.stop()

    @property
    def block_number(self) -> int:
        """Return the number of the newest block."""
        return int(self.rpc.ask("eth_blockNumber"), 16)

    def mine(self, blocks: int = 1) -> int:
        """Mine what is pending and return the newest block's number."""
        for _ in range(blocks):
            self.rpc.ask("evm_mine")
        return self.block_number

    def transact(self, calls: Sequence[Call], *, sender: str | None = None) -> list[Receipt]:
        """Mine each call as a transaction, in order, in one block; raise if one reverts."""
        receipts = self.transact_any(calls, sender=sender)
        for call, receipt in zip(calls, receipts, strict=True):
            if not receipt.succeeded:
                raise ChainError(
                    f"{call.signature} on {call.target} reverted: {self._reason(call, sender)}"
                )
        return receipts

    def transact_any(self, calls: Sequence[Call], *, sender: str | None = None) -> list[Receipt]:
        """Do as *transact*, but let transactions revert."""
        rows = [
            {"to": call.target, "data": _hex(calldata(call)), "value": hex(call.value_wei)}
            for call in calls
        ]
        return self._mine_all(rows, sender or self.accounts[0])

    def deploy(self, name: str, types: Sequence[str] = (), values: Sequence[Any] = ()) -> str:
        """Deploy one of the contracts that *artifacts* knows and return its address."""
        return self.deploy_many([(name, types, values)])[0]

    def deploy_many(
        self, contracts: Sequence[tuple[str, Sequence[str], Sequence[Any]]]
    ) -> list[str]:
        """Deploy contracts in one block and return their addresses."""
        rows = [
            {"data": creation_code(name) + encode(types, values).hex()}
            for name, types, values in contracts
        ]
        receipts = self._mine_all(rows, self.accounts[0])
        for (name, _, _), receipt in zip(contracts, receipts, strict=True):
            if not receipt.succeeded:
                raise ChainError(f"the creation of {name} reverted")
        return [str(receipt.contract) for receipt in receipts]

    def ask(self, call: Call, *, sender: str | None = None) -> tuple[Any, ...]:
        """Return the call's answer at the newest block; raise if it reverts."""
        request = {
            "to": call.target,
            "data": _hex(calldata(call)),
            "from": sender or self.accounts[0],
        }
        answer = decode(
            call.returns, bytes.fromhex(self.rpc.ask("eth_call", request, "latest")[2:])
        )
        if answer is None:
            raise ChainError(
                f"{call.signature} on {call.target}: the answer is not {call.returns}"
            )
        return answer

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Take back, at the end of the block, whatever happens to the chain inside it."""
        snapshot = self.rpc.ask("evm_snapshot")
        try:
            yield
        finally:
            self.rpc.ask("evm_revert", snapshot)

    def place(self, address: str, name: str) -> None:
        """Put a contract's runtime code at a well-known address."""
        runtime = self.rpc.ask("eth_getCode", self.deploy(name), "latest")
        self.rpc.ask("anvil_setCode", address, runtime)

    def _mine_all(self, rows: Sequence[dict[str, Any]], sender: str) -> list[Receipt]:
        first = int(self.rpc.ask("eth_getTransactionCount", sender, "pending"), 16)
        common = {"from": sender, "gas": hex(_DEFAULT_GAS), "gasPrice": hex(10**10)}
        hashes = self.rpc.batch(
            "eth_sendTransaction",
            [({**common, **row, "nonce": hex(first + i)},) for i, row in enumerate(rows)],
        )
        self.mine()
        receipts = self.rpc.batch("eth_getTransactionReceipt", [(value,) for value in hashes])
        if None in receipts:
            raise ChainError(
                f"{receipts.count(None)} of {len(rows)} transactions didn't fit into one block"
            )
        return [_receipt(receipt) for receipt in receipts]

    def _reason(self, call: Call, sender: str | None) -> str:
        try:
            self.ask(call, sender=sender)
        except ChainError as error:
            return str(error)
        return "no reason given"


def _receipt(receipt: dict[str, Any]) -> Receipt:
    return Receipt(
        hash=receipt["transactionHash"],
        block=int(receipt["blockNumber"], 16),
        succeeded=int(receipt["status"], 16) == 1,
        gas_used=int(receipt["gasUsed"], 16),
        contract=receipt.get("contractAddress"),
        logs=tuple(receipt["logs"]),
    )


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
