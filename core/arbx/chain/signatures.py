"""Read what was signed and by whom, without a key: to check a key store before its bytes are sent."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

__all__ = ["HALF_ORDER", "SignedTransaction", "difference", "message_signer", "read_transaction"]

# SEC 2, section 2.4.1: half of the order n of secp256k1. EIP-2 takes no s above it.
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

_DYNAMIC = (
    "chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "to", "value", "data", "accessList", "v", "r",
    "s",
)  # fmt: skip
_LEGACY = ("nonce", "gasPrice", "gas", "to", "value", "data", "v", "r", "s")
_NOT_INTEGERS = {"to", "data", "accessList"}


@attrs.frozen
class SignedTransaction:
    """What signed bytes say: the transaction's fields (integers, bytes), its chain, its signer."""

    fields: Mapping[str, Any]
    chain_id: int | None
    signer: str
    v: int
    r: int
    s: int


def read_transaction(raw: bytes) -> SignedTransaction:
    """
    Read a signed transaction: EIP-1559 (type 2), or legacy, where chain_id is None without EIP-155.

    ValueError for what is neither; a signature is as long as it is, of whatever key.
    """
    import rlp
    from eth_account import Account

    names, payload = (_DYNAMIC, raw[1:]) if raw[:1] == b"\x02" else (_LEGACY, raw)
    try:
        values = rlp.decode(payload)
        signer = str(Account.recover_transaction(raw)).lower()
    except Exception as error:
        raise ValueError(f"not a signed transaction: {type(error).__name__}") from error
    if isinstance(values, bytes) or len(values) != len(names):
        raise ValueError(f"not a signed transaction: {len(values)} fields, not {len(names)}")
    fields = _fields(names, values)
    v, r, s = (fields.pop(name) for name in "vrs")
    return SignedTransaction(fields, _chain_id(fields, v), signer, v, r, s)


def difference(signed: SignedTransaction, asked: Mapping[str, Any]) -> str | None:
    """Say in which field the signed bytes are not what was asked, or None where they are just that."""
    for name, told in signed.fields.items():
        wanted = _wanted(asked, name)
        if told != wanted:
            return f"{name} is {_shown(told)} in the signed bytes, asked {_shown(wanted)}"
    return None


def message_signer(message: bytes, signature: bytes) -> str:
    """Return the address whose key signed *message* as EIP-191 (version E); ValueError where none did."""
    from eth_account import Account
    from eth_account.messages import encode_defunct

    try:
        return str(Account.recover_message(encode_defunct(message), signature=signature)).lower()
    except Exception as error:
        raise ValueError(f"not a signature: {type(error).__name__}") from error


def _fields(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {
        name: value if name in _NOT_INTEGERS else int.from_bytes(value, "big")
        for name, value in zip(names, values, strict=True)
    }


def _wanted(asked: Mapping[str, Any], name: str) -> Any:
    if name == "accessList":
        return asked.get(name, [])
    wanted = asked.get(name, b"") if name == "to" else asked[name]
    return bytes.fromhex(wanted[2:]) if isinstance(wanted, str) else wanted


def _shown(value: Any) -> str:
    text = "0x" + value.hex() if isinstance(value, bytes) else repr(value)
    return text if len(text) <= 66 else f"{text[:60]}… ({len(text)} characters)"


def _chain_id(fields: Mapping[str, Any], v: int) -> int | None:
    if "chainId" in fields:
        return int(fields["chainId"])
    return (v - 35) // 2 if v >= 35 else None  # EIP-155: v = recovery id + 35 + 2 * chain id
