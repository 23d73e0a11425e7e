"""Read what a relay answers: any HTTP status, errors as text or object, bodies that are not JSON."""

import json
import re
from typing import Any

import attrs

import arbx

__all__ = ["Answer", "Refusal", "Result", "Unclear", "read_answer", "read_simulation"]

# A relay may repeat what it was sent; signed transactions are longer than any hash.
_SIGNED = re.compile(r"(?:0x)?[0-9a-fA-F]{72,}")
# What a contract reverts with: a selector and up to two words. A signature alone is longer.
_REVERT = re.compile(r"0x[0-9a-fA-F]{8}(?:[0-9a-fA-F]{64}){0,2}")
_TAGS = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]*>", re.DOTALL)


@attrs.frozen
class Result:
    """The relay did what was asked."""

    value: Any


@attrs.frozen
class Refusal:
    """The relay did not do what was asked, and says why; *spoken* tells its own words from a gateway's."""

    reason: str
    spoken: bool = attrs.field(default=False, eq=False, repr=False)


@attrs.frozen
class Unclear:
    """Nobody knows whether the relay did what was asked."""

    reason: str


Answer = Result | Refusal | Unclear


def read_answer(status: int, body: bytes) -> Answer:
    """
    Tell from the HTTP status and the body what the relay did.

    >>> read_answer(400, b'{"error":"unable to decode txs"}')
    Refusal(reason='unable to decode txs (HTTP status 400)')
    >>> read_answer(502, b"<html><h1>Bad gateway</h1></html>")
    Unclear(reason='HTTP status 502: Bad gateway')
    """
    answer = _json(body)
    if isinstance(answer, dict) and answer.get("error") is not None:
        reason = _words(answer["error"]) + ("" if status == 200 else f" (HTTP status {status})")
        return Refusal(reason, spoken=status < 500)
    if 200 <= status < 300:
        if isinstance(answer, dict) and "result" in answer:
            return Result(answer["result"])
        return Unclear(f"the answer is not JSON-RPC: {_said(body)}")
    reason = f"HTTP status {status}: {_said(body)}"
    # Behind a gateway's 5xx the relay itself may have taken the bundle; a 4xx is about the request.
    return Unclear(reason) if status >= 500 or status == 408 else Refusal(reason)


def read_simulation(bundle: arbx.Bundle, value: Any) -> arbx.Simulation:
    """Return what eth_callBundle found; raise ValueError that names the field which can't be trusted."""
    result = _object("result", value)
    rows = result.get("results")
    if not isinstance(rows, list) or len(rows) != len(bundle.transactions):
        raise ValueError(f"results has not {len(bundle.transactions)} entries")
    pairs = zip(bundle.tx_hashes, rows, strict=True)
    return arbx.Simulation(
        state_block=_number(result, "stateBlockNumber"),
        results=tuple(_transaction(tx_hash, row) for tx_hash, row in pairs),
        gas_used=_number(result, "totalGasUsed"),
        coinbase_payment_wei=_number(result, "coinbaseDiff"),
    )


def _transaction(tx_hash: str, row: Any) -> arbx.TransactionResult:
    result = _object("results[…]", row)
    if str(result.get("txHash")).lower() != tx_hash:
        raise ValueError(f"results[…].txHash is not {tx_hash}")
    failed = [result[key] for key in ("revert", "error") if result.get(key) is not None]
    if not failed:
        return arbx.TransactionResult(tx_hash, _number(result, "gasUsed"), _data(result))
    # "revert" is the contract's reason, "error" the machine's; either may be empty.
    reason = next((_words(value) for value in failed if value), "reverted without a reason")
    return arbx.TransactionResult(tx_hash, _number(result, "gasUsed"), revert=reason)


def _object(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not an object")  # noqa: TRY004  # one class for every field
    return value


def _number(row: dict[str, Any], key: str) -> int:
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,80}", value):
        return int(value)
    raise ValueError(f"{key} is not a number")


def _data(row: dict[str, Any]) -> bytes:
    text = row.get("value", "0x")
    if isinstance(text, str) and re.fullmatch(r"0x(?:[0-9a-fA-F]{2})*", text):
        return bytes.fromhex(text[2:])
    raise ValueError("results[…].value is not hex data")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _words(error: Any) -> str:
    if isinstance(error, str) and _REVERT.fullmatch(error):
        return error
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return _clean(error["message"])
    return _clean(error if isinstance(error, str) else json.dumps(error))


def _said(body: bytes) -> str:
    return _clean(_TAGS.sub(" ", body[:4000].decode(errors="replace")))


def _clean(text: str) -> str:
    words = " ".join(_SIGNED.sub("…", text).split())
    return (words if len(words) <= 200 else f"{words[:199]}…") or "(nothing said)"
