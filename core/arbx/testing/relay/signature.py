"""Verify X-Flashbots-Signature as the relay does, and sign as a client should."""

from eth_keys.datatypes import PrivateKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

__all__ = ["sign_body", "signer_of"]


def signer_of(header: str | None, body: bytes) -> str:
    """
    Return the lower-case address that signed exactly these bytes; raise ValueError with the relay's words.

    flashbots/go-utils, signature/signature.go: Verify.
    """
    if not header:
        raise ValueError("no signature provided")
    address, separator, text = header.partition(":")
    if not separator:
        raise ValueError("invalid signature provided: missing separator")
    recovered = _recovered(text, _digest(body))
    if recovered is None:
        raise ValueError("invalid signature provided: invalid recovery id")
    if recovered != address.lower():
        raise ValueError("invalid signature provided: signing address mismatch")
    return recovered


def sign_body(key: bytes, body: bytes) -> str:
    """Return the header's value for these bytes."""
    private = PrivateKey(key)
    signature = private.sign_msg_hash(_digest(body)).to_bytes()
    text = (signature[:64] + bytes([signature[64] + 27])).hex()
    return f"{private.public_key.to_checksum_address()}:0x{text}"


def _digest(body: bytes) -> bytes:
    # EIP-191 over the hash as 66 characters of text, not over its 32 bytes
    text = b"0x" + keccak(body).hex().encode()
    return keccak(b"\x19Ethereum Signed Message:\n66" + text)


def _recovered(text: str, digest: bytes) -> str | None:
    try:
        signature = bytes.fromhex(text.removeprefix("0x"))
        if not text.startswith("0x") or len(signature) != 65:
            return None
        v = signature[64] - 27 if signature[64] >= 27 else signature[64]
        made = Signature(signature_bytes=signature[:64] + bytes([v]))
        return made.recover_public_key_from_msg_hash(digest).to_address()
    except (BadSignature, ValidationError, ValueError):
        return None
