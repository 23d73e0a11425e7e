"""Check a transaction before a key touches it: complete, of this chain, and what eth-account accepts."""

from collections.abc import Mapping, Sequence
from typing import Any

import arbx

__all__ = ["checked"]

_COMMON = ("chainId", "nonce", "gas")
_LEGACY = ("gasPrice",)
_DYNAMIC = ("maxFeePerGas", "maxPriorityFeePerGas")
_OPTIONAL = ("type", "from", "to", "value", "data", "accessList")


def checked(transaction: Mapping[str, Any], chain_id: int | None, address: str) -> dict[str, Any]:
    """
    Return the transaction with plain integers and bytes; raise SigningError for one that is not to be signed.

    An EIP-1559 transaction (type 2), or a legacy one with EIP-155's chain id; nothing is filled in but a value of 0
    and empty data.
    """
    if not isinstance(transaction, Mapping):
        raise arbx.SigningError(
            f"the transaction is a {type(transaction).__name__}, not a mapping"
        )
    dynamic = any(name in transaction for name in _DYNAMIC)
    required = (*_COMMON, *(_DYNAMIC if dynamic else _LEGACY))
    _check_names(transaction, required)
    numbers = {name: _uint(transaction, name) for name in required}
    _check_chain(numbers["chainId"], chain_id)
    _check_sender(transaction, address)
    _check_type(transaction, dynamic=dynamic)
    signed = {
        **numbers,
        "value": _uint(transaction, "value") if "value" in transaction else 0,
        "data": _bytes(transaction, "data"),
        "to": _to(transaction),
    }
    if dynamic:
        if numbers["maxPriorityFeePerGas"] > numbers["maxFeePerGas"]:
            raise arbx.SigningError(
                "maxPriorityFeePerGas is above maxFeePerGas; no block takes that"
            )
        signed |= {"type": 2, "accessList": _access_list(transaction.get("accessList", ()))}
    return signed


def _check_names(transaction: Mapping[str, Any], required: Sequence[str]) -> None:
    missing = [name for name in required if transaction.get(name) is None]
    if missing:
        raise arbx.SigningError(f"the transaction has no {', '.join(missing)}; nothing is guessed")
    allowed = {*required, *_OPTIONAL}
    unknown = sorted(str(name) for name in transaction if name not in allowed)
    if unknown:
        raise arbx.SigningError(
            f"the transaction has {', '.join(unknown)}, which is in no transaction of its type "
            "(EIP-1559, or legacy with gasPrice)"
        )


def _check_chain(told: int, chain_id: int | None) -> None:
    if chain_id is None:
        raise arbx.SigningError("the key store is bound to no chain; set chain_id in [chain]")
    if told != chain_id:
        raise arbx.SigningError(
            f"the transaction is for chain {told}, the key store for chain {chain_id}; it is not signed"
        )


def _check_sender(transaction: Mapping[str, Any], address: str) -> None:
    sender = transaction.get("from")
    if sender is not None and str(sender).lower() != address:
        raise arbx.SigningError(f"from is {str(sender)[:42]}, the key's address is {address}")


def _check_type(transaction: Mapping[str, Any], *, dynamic: bool) -> None:
    told = _uint(transaction, "type") if transaction.get("type") is not None else None
    expected = 2 if dynamic else 0
    if told not in {None, expected}:
        raise arbx.SigningError(f"type is {told}, and the fees are those of type {expected}")
    if not dynamic and transaction.get("accessList"):
        raise arbx.SigningError("accessList needs maxFeePerGas and maxPriorityFeePerGas")


def _uint(transaction: Mapping[str, Any], name: str) -> int:
    value = transaction[name]
    if isinstance(value, str) and value[:2] in {"0x", "0X"}:
        try:
            value = int(value, 16)
        except ValueError:
            value = None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 256:
        raise arbx.SigningError(f"{name} is not an integer from 0 to 2**256 - 1")
    return value


def _bytes(transaction: Mapping[str, Any], name: str) -> bytes:
    value = transaction.get(name) or b""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    try:
        if isinstance(value, str) and value[:2] in {"0x", "0X"}:
            return bytes.fromhex(value[2:])
    except ValueError:
        pass  # said below, with the other ways to be wrong
    raise arbx.SigningError(f"{name} is neither bytes nor hex digits after 0x")


def _to(transaction: Mapping[str, Any]) -> bytes:
    # As bytes: eth-account takes a text only with its checksum, and arbx writes addresses in lower case.
    to = _bytes(transaction, "to")
    if len(to) not in {0, 20}:
        raise arbx.SigningError(f"to has {len(to)} bytes; an address has 20, a new contract none")
    if not to and not _bytes(transaction, "data"):
        raise arbx.SigningError("to and data are both empty; name whom to pay")
    return to


def _access_list(entries: Any) -> tuple[dict[str, Any], ...]:
    try:
        return tuple(
            {"address": entry["address"], "storageKeys": tuple(entry["storageKeys"])}
            for entry in entries
        )
    except (KeyError, TypeError):
        raise arbx.SigningError("accessList is not a list of address and storageKeys") from None
