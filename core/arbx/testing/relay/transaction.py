"""Signed transactions as a relay sees them: decode, recover the sender; and sign some for tests."""

from collections.abc import Callable
from typing import Any

import attrs
import rlp
from eth_keys.datatypes import PrivateKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from rlp.exceptions import RLPException

__all__ = ["GAS_LIMIT", "SignedTransaction", "decode_signed", "sign_transfer"]

GAS_LIMIT = 16_777_216  # EIP-7825: a transaction with more is invalid, which anvil doesn't enforce


@attrs.frozen
class SignedTransaction:
    """One decoded transaction; *sender* is recovered from its signature."""

    hash: str
    sender: str
    chain_id: int | None
    nonce: int
    gas: int
    max_fee_wei: int
    priority_fee_wei: int
    to: str | None
    value_wei: int
    data: bytes
    raw: bytes = attrs.field(repr=False)


def decode_signed(raw: bytes) -> SignedTransaction:
    """Return the transaction; raise ValueError for what is none, or of a type that a bundle can't hold."""
    decode = _DECODERS.get(raw[0] if raw and raw[0] < 0x80 else 0)
    if decode is None:
        raise ValueError("unsupported transaction type")
    try:
        return decode(raw)
    except (RLPException, BadSignature, IndexError, TypeError, ValueError) as error:
        raise ValueError("unable to decode txs") from error


def sign_transfer(
    key: bytes,
    *,
    chain_id: int,
    nonce: int,
    to: str,
    value_wei: int = 0,
    data: bytes = b"",
    gas: int = 100_000,
    max_fee_wei: int = 30 * 10**9,
    priority_fee_wei: int = 2 * 10**9,
) -> bytes:
    """Return a signed EIP-1559 transaction (EIP-2718 type 2)."""
    target = bytes.fromhex(to.removeprefix("0x"))
    fees = [priority_fee_wei, max_fee_wei]
    fields: list[Any] = [chain_id, nonce, *fees, gas, target, value_wei, data, []]
    digest = keccak(b"\x02" + rlp.encode(fields))
    signature = PrivateKey(key).sign_msg_hash(digest)
    return b"\x02" + bytes(rlp.encode([*fields, signature.v, signature.r, signature.s]))


def _legacy(raw: bytes) -> SignedTransaction:
    # EIP-155: v is 35 or 36 plus twice the chain's id, which is then signed too
    nonce, price, gas, to, value, data, v, r, s = rlp.decode(raw)
    number = _int(v)
    chain_id = (number - 35) // 2 if number >= 35 else None
    tail = [] if chain_id is None else [chain_id, b"", b""]
    digest = keccak(rlp.encode([nonce, price, gas, to, value, data, *tail]))
    parity = (number - 35) % 2 if chain_id is not None else number - 27
    sender = _sender(digest, parity, r, s)
    return _made(raw, sender, chain_id, [nonce, price, price, gas, to, value, data])


def _access_list(raw: bytes) -> SignedTransaction:
    # EIP-2930
    fields = rlp.decode(raw[1:])
    chain_id, nonce, price, gas, to, value, data, _, parity, r, s = fields
    sender = _sender(keccak(raw[:1] + rlp.encode(fields[:-3])), _int(parity), r, s)
    return _made(raw, sender, _int(chain_id), [nonce, price, price, gas, to, value, data])


def _fee_market(raw: bytes) -> SignedTransaction:
    # EIP-1559
    fields = rlp.decode(raw[1:])
    chain_id, nonce, tip, fee, gas, to, value, data, _, parity, r, s = fields
    sender = _sender(keccak(raw[:1] + rlp.encode(fields[:-3])), _int(parity), r, s)
    return _made(raw, sender, _int(chain_id), [nonce, tip, fee, gas, to, value, data])


_DECODERS: dict[int, Callable[[bytes], SignedTransaction]] = {
    0: _legacy,
    1: _access_list,
    2: _fee_market,
}


def _made(raw: bytes, sender: str, chain_id: int | None, fields: list[bytes]) -> SignedTransaction:
    nonce, tip, fee, gas, to, value, data = fields
    return SignedTransaction(
        hash="0x" + keccak(raw).hex(),
        sender=sender,
        chain_id=chain_id,
        nonce=_int(nonce),
        gas=_int(gas),
        max_fee_wei=_int(fee),
        priority_fee_wei=min(_int(tip), _int(fee)),
        to="0x" + to.hex() if to else None,
        value_wei=_int(value),
        data=data,
        raw=raw,
    )


def _sender(digest: bytes, parity: int, r: bytes, s: bytes) -> str:
    signature = Signature(vrs=(parity, _int(r), _int(s)))
    return signature.recover_public_key_from_msg_hash(digest).to_address()


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")
