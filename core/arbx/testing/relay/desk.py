"""Answer the relay's JSON-RPC methods."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from arbx.execution.model import Bundle
from arbx.testing.relay.book import Book, Kept
from arbx.testing.relay.builder import Builder
from arbx.testing.relay.faults import Fault
from arbx.testing.relay.simulation import Executed
from arbx.testing.relay.transaction import GAS_LIMIT, SignedTransaction, decode_signed

__all__ = ["STATISTICS", "Desk", "RefusedError"]

# Switched off on 9 June 2025: the relay answers 403.
STATISTICS = frozenset(
    {
        "flashbots_getBundleStats",
        "flashbots_getBundleStatsV2",
        "flashbots_getSbundleStats",
        "flashbots_getUserStats",
        "flashbots_getUserStatsV2",
    }
)
_MOST_TRANSACTIONS, _MOST_BYTES = 100, 300_000
_PRIVATE_BLOCKS = 25


class RefusedError(Exception):
    """Carry the JSON-RPC error that the relay answers."""

    def __init__(self, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


class Desk:
    """Take bundles into the book, simulate and cancel them, as flashbots/go-utils' rpctypes would."""

    def __init__(self, book: Book, builder: Builder) -> None:
        self._book, self._builder = book, builder
        self._methods: dict[str, Callable[[Any, str, Fault | None], Any]] = {
            "eth_sendBundle": self._send_bundle,
            "eth_callBundle": self._call_bundle,
            "eth_cancelBundle": self._cancel_bundle,
            "eth_sendPrivateTransaction": self._send_private,
            "eth_cancelPrivateTransaction": self._cancel_private,
        }

    def answer(self, method: str, params: Any, signer: str, fault: Fault | None = None) -> Any:
        """Return the method's result for a signer; raise RefusedError."""
        if method not in self._methods:
            raise RefusedError(-32601, f"method not found: {method}")
        if not isinstance(params, list) or len(params) != 1 or not isinstance(params[0], dict):
            raise RefusedError(-32602, "invalid params: one object is expected")
        return self._methods[method](params[0], signer, fault)

    def _send_bundle(self, params: Any, signer: str, fault: Fault | None) -> dict[str, str]:
        bundle, transactions = self._bundle(params)
        block = bundle.target_block + (fault is Fault.INCLUDES_LATE)
        self._keep(Kept(signer, bundle, transactions, block, block), fault)
        smart = {"smart": "true"} if params.get("builders") else {}
        return {"bundleHash": bundle.bundle_hash, **smart}

    def _call_bundle(self, params: Any, _: str, __: Fault | None) -> dict[str, Any]:
        bundle, transactions = self._bundle(params)
        try:
            executed = self._builder.simulate(transactions, bundle.target_block)
        except ValueError as error:
            raise RefusedError(-32000, f"err: {error}") from None
        return _simulation(bundle, self._builder.head(), executed)

    def _cancel_bundle(self, params: Any, signer: str, _: Fault | None) -> dict[str, Any]:
        value = _uuid(params.get("replacementUuid"))
        if value is None:
            raise RefusedError(-32602, "replacementUuid is missing")
        self._book.cancel(signer, value)
        return {}

    def _send_private(self, params: Any, signer: str, fault: Fault | None) -> str:
        last = params.get("maxBlockNumber")
        head = self._builder.head()
        block = head + _PRIVATE_BLOCKS if last is None else _quantity("maxBlockNumber", last)
        bundle, transactions = self._made([params.get("tx")], block, {})
        if transactions[0].priority_fee_wei == 0:
            raise RefusedError(-32000, "effective priority fee must be above 0")
        self._keep(Kept(signer, bundle, transactions, head + 1, block), fault)
        return transactions[0].hash

    def _cancel_private(self, params: Any, signer: str, _: Fault | None) -> bool:
        for kept in self._book:
            if kept.signer == signer and kept.bundle.tx_hashes == (params.get("txHash"),):
                self._book.discard(kept)
                return True
        return False

    def _keep(self, kept: Kept, fault: Fault | None) -> None:
        if fault is not Fault.NEVER_INCLUDES:
            self._book.add(kept)

    def _bundle(self, params: Any) -> tuple[Bundle, tuple[SignedTransaction, ...]]:
        optional = {
            "replacement_uuid": _uuid(params.get("replacementUuid")),
            "reverting_hashes": tuple(params.get("revertingTxHashes") or ()),
            "min_timestamp": params.get("minTimestamp"),
            "max_timestamp": params.get("maxTimestamp"),
        }
        block = _quantity("blockNumber", params.get("blockNumber"))
        return self._made(params.get("txs"), block, optional)

    def _made(
        self, txs: Any, block: int, optional: dict[str, Any]
    ) -> tuple[Bundle, tuple[SignedTransaction, ...]]:
        if not isinstance(txs, list) or not txs:
            raise RefusedError(-32000, "bundle with no txs")
        if len(txs) > _MOST_TRANSACTIONS:
            raise RefusedError(-32000, "too many txs in bundle")
        try:
            raws = tuple(bytes.fromhex(str(text).removeprefix("0x")) for text in txs)
            transactions = tuple(decode_signed(raw) for raw in raws)
            bundle = Bundle(raws, block, **optional)
        except ValueError:
            raise RefusedError(-32000, "unable to decode txs") from None
        if sum(map(len, raws)) > _MOST_BYTES:
            raise RefusedError(-32000, "bundle is too large")
        self._check(transactions)
        return bundle, transactions

    def _check(self, transactions: tuple[SignedTransaction, ...]) -> None:
        expected = self._builder.chain_id
        for tx in transactions:
            if expected is not None and tx.chain_id not in (None, expected):
                raise RefusedError(-32000, f"invalid chain id: {tx.chain_id}, not {expected}")
            if tx.gas > GAS_LIMIT:
                raise RefusedError(-32000, f"gas limit {tx.gas} is above {GAS_LIMIT} (EIP-7825)")


def _simulation(bundle: Bundle, state_block: int, executed: list[Executed]) -> dict[str, Any]:
    fees = sum(one.gas_fees_wei for one in executed)
    sent = sum(one.sent_to_coinbase_wei for one in executed)
    gas = sum(one.gas_used for one in executed)
    return {
        "bundleGasPrice": str((fees + sent) // gas),
        "bundleHash": bundle.bundle_hash,
        "coinbaseDiff": str(fees + sent),
        "ethSentToCoinbase": str(sent),
        "gasFees": str(fees),
        "results": [_row(one) for one in executed],
        "stateBlockNumber": state_block,
        "totalGasUsed": gas,
    }


def _row(one: Executed) -> dict[str, Any]:
    tx = one.transaction
    paid = one.gas_fees_wei + one.sent_to_coinbase_wei
    outcome = (
        {"value": "0x" + one.output.hex()}
        if one.revert is None
        else {"error": "execution reverted", "revert": one.revert}
    )
    return {
        "coinbaseDiff": str(paid),
        "ethSentToCoinbase": str(one.sent_to_coinbase_wei),
        "fromAddress": tx.sender,
        "gasFees": str(one.gas_fees_wei),
        "gasPrice": str(paid // one.gas_used),
        "gasUsed": one.gas_used,
        "toAddress": tx.to or "0x",
        "txHash": tx.hash,
        **outcome,
    }


def _quantity(name: str, value: Any) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"0x[0-9a-fA-F]{1,16}", value):
        raise RefusedError(-32602, f"{name} is not a hex quantity")
    return int(value, 16)


def _uuid(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return str(uuid.UUID(value))
    except (AttributeError, TypeError, ValueError):
        raise RefusedError(-32602, "replacementUuid is not a UUID") from None
