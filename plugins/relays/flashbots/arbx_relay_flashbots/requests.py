"""What is asked: pure functions from a bundle to the bytes on the wire."""

import json
from typing import Any

import arbx

__all__ = [
    "call_bundle",
    "call_nothing",
    "cancel_bundle",
    "encode",
    "private_transaction",
    "send_bundle",
    "unfit",
]

# flashbots/go-utils, rpctypes: "too many txs in bundle"; the documentation's limit of bytes.
_MOST_TRANSACTIONS = 100
_MOST_BYTES = 300_000


def encode(method: str, params: dict[str, Any]) -> bytes:
    """
    Return one JSON-RPC request. The same question is always the same bytes, so the id never changes.

    >>> encode("eth_cancelBundle", {"replacementUuid": "5f2c7f7e-8f0e-4a65-9a0b-6b5a3a1d2c10"})
    b'{"jsonrpc":"2.0","id":1,"method":"eth_cancelBundle",\
"params":[{"replacementUuid":"5f2c7f7e-8f0e-4a65-9a0b-6b5a3a1d2c10"}]}'
    """
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": [params]}
    return json.dumps(request, separators=(",", ":")).encode()


def send_bundle(bundle: arbx.Bundle, builders: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the parameters of eth_sendBundle."""
    optional = {
        "minTimestamp": bundle.min_timestamp,
        "maxTimestamp": bundle.max_timestamp,
        "revertingTxHashes": list(bundle.reverting_hashes) or None,
        "replacementUuid": bundle.replacement_uuid,
        "builders": list(builders) or None,
    }
    given = {key: value for key, value in optional.items() if value is not None}
    return {"txs": _raw(bundle), "blockNumber": hex(bundle.target_block), **given}


def call_bundle(bundle: arbx.Bundle) -> dict[str, Any]:
    """Return the parameters of eth_callBundle, on top of the newest block."""
    block = hex(bundle.target_block)
    return {"txs": _raw(bundle), "blockNumber": block, "stateBlockNumber": "latest"}


def call_nothing() -> dict[str, Any]:
    """Return the parameters of an eth_callBundle without a transaction: it asks for a refusal."""
    return {"txs": [], "blockNumber": "0x1", "stateBlockNumber": "latest"}


def cancel_bundle(replacement_uuid: str) -> dict[str, Any]:
    """Return the parameters of eth_cancelBundle."""
    return {"replacementUuid": replacement_uuid}


def private_transaction(
    bundle: arbx.Bundle, builders: tuple[str, ...] = (), *, fast: bool
) -> dict[str, Any]:
    """Return the parameters of eth_sendPrivateTransaction for a bundle of one."""
    preferences: dict[str, Any] = {"fast": fast}
    if builders:
        preferences["privacy"] = {"builders": list(builders)}
    block = hex(bundle.target_block)
    return {"tx": _raw(bundle)[0], "maxBlockNumber": block, "preferences": preferences}


def unfit(bundle: arbx.Bundle) -> str | None:
    """Return why the relay would refuse the bundle for its size, or None."""
    count, size = len(bundle.transactions), sum(map(len, bundle.transactions))
    if count > _MOST_TRANSACTIONS:
        return f"{count} transactions in one bundle; the relay takes {_MOST_TRANSACTIONS}"
    if size > _MOST_BYTES:
        return f"{size} bytes of transactions in one bundle; the relay takes {_MOST_BYTES}"
    return None


def _raw(bundle: arbx.Bundle) -> list[str]:
    return ["0x" + raw.hex() for raw in bundle.transactions]
