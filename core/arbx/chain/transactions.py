"""What the chain says of a transaction, and how signed bytes reach it."""

from collections.abc import Sequence
from typing import Any

import attrs
from eth_utils.crypto import keccak

from arbx.chain.answers import as_is
from arbx.chain.endpoint import Endpoint
from arbx.chain.endpoints import Endpoints
from arbx.chain.refusal import RefusedError
from arbx.model import Log

__all__ = ["Receipt", "as_log", "read_receipts", "send"]


@attrs.frozen
class Receipt:
    """What became of a transaction in the block that has it; *to* is None for the creation of a contract."""

    tx_hash: str
    to: str | None
    block: int
    block_hash: str
    succeeded: bool
    gas_used: int
    effective_gas_price_wei: int
    logs: tuple[Log, ...] = ()

    @property
    def gas_cost_wei(self) -> int:
        """Return what the sender paid for gas."""
        return self.gas_used * self.effective_gas_price_wei


async def read_receipts(endpoints: Endpoints, hashes: Sequence[str]) -> list[Receipt | None]:
    """Return each transaction's receipt, None for one that is in no block of the canonical chain."""
    if not hashes:
        return []
    rows = [(value,) for value in hashes]
    found: list[Receipt | None] = []
    for answer in await endpoints.batch("eth_getTransactionReceipt", rows, _receipt):
        if isinstance(answer, RefusedError):
            raise answer
        found.append(answer)
    return found


async def send(endpoint: Endpoint, raw: bytes) -> str:
    """
    Send signed bytes to the node's mempool and return their hash.

    Sending the same bytes twice is no error: a node that refuses them is asked whether it has them already.
    """
    tx_hash = "0x" + keccak(raw).hex()
    try:
        await endpoint.ask("eth_sendRawTransaction", ("0x" + raw.hex(),), as_is)
    except RefusedError:
        if await endpoint.ask("eth_getTransactionByHash", (tx_hash,), as_is) is None:
            raise
    return tx_hash


def _receipt(answer: Any) -> Receipt | None:
    if answer is None:
        return None
    return Receipt(
        tx_hash=answer["transactionHash"].lower(),
        to=answer["to"] and answer["to"].lower(),
        block=int(answer["blockNumber"], 16),
        block_hash=answer["blockHash"].lower(),
        succeeded=int(answer["status"], 16) == 1,
        gas_used=int(answer["gasUsed"], 16),
        effective_gas_price_wei=int(answer["effectiveGasPrice"], 16),
        logs=tuple(as_log(row) for row in answer["logs"]),
    )


def as_log(row: Any) -> Log:
    """Return a log as JSON-RPC writes it as the noun."""
    return Log(
        address=row["address"].lower(),
        topics=tuple(bytes.fromhex(topic[2:]) for topic in row["topics"]),
        data=bytes.fromhex(row["data"][2:]),
        block=int(row["blockNumber"], 16),
        index=int(row["logIndex"], 16),
    )
