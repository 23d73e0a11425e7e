"""Sign requests: X-Flashbots-Signature, the name under which a relay knows us."""

import re
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

import arbx

__all__ = ["Identity", "KeyIdentity", "KeyStoreIdentity", "signed_text"]

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # of secp256k1


class Identity(Protocol):
    """Who signs the requests."""

    async def header(self, body: bytes) -> str:
        """Return X-Flashbots-Signature for exactly these bytes."""


def signed_text(body: bytes) -> bytes:
    """
    Return what is signed as an EIP-191 message: keccak256 of the body, as 66 characters of text.

    flashbots/go-utils, signature/signature.go: Verify.

    >>> signed_text(b"{}")
    b'0xb48d38f93eaa084033fc5970bf96e559c33c4cdc07d889ab00b4d63f9590739d'
    """
    from eth_utils.crypto import keccak

    return b"0x" + keccak(body).hex().encode()


class KeyIdentity:
    """Sign with a key of one's own, read from its reference when it is first needed."""

    __slots__ = ("_key", "_reference", "_reveal")

    def __init__(self, reference: str, reveal: Callable[[str], str]) -> None:
        self._reference, self._reveal = reference, reveal
        self._key: Any = None

    def __repr__(self) -> str:
        return f"KeyIdentity({self._reference!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key stays in its process")

    async def header(self, body: bytes) -> str:
        """Return ``<address>:0x<r><s><v>``; deterministic (RFC 6979)."""
        key = self._loaded()
        signature = key.sign_msg_hash(_eip191(signed_text(body))).to_bytes()
        return f"{key.public_key.to_checksum_address()}:{_with_v_27(signature)}"

    def _loaded(self) -> Any:
        if self._key is None:
            self._key = _key_from(self._reveal(self._reference))
        if self._key is None:
            raise arbx.ConfigError(
                f"auth_key: {self._reference} does not hold a private key; write 64 hex digits there"
            )
        return self._key


class KeyStoreIdentity:
    """Sign with the key of a key store."""

    __slots__ = ("_keystore",)

    def __init__(self, keystore: arbx.KeyStore) -> None:
        self._keystore = keystore

    async def header(self, body: bytes) -> str:
        """Return ``<address>:0x<r><s><v>``."""
        signature = await self._keystore.sign_message(signed_text(body))
        return f"{self._keystore.address}:{_with_v_27(signature)}"


def _key_from(text: str) -> Any:
    """Return the key, None where the text is none; nothing of it gets into an exception."""
    from eth_keys.datatypes import PrivateKey

    digits = text.strip().removeprefix("0x")
    if not re.fullmatch("[0-9a-fA-F]{64}", digits) or not 0 < int(digits, 16) < _ORDER:
        return None
    return PrivateKey(bytes.fromhex(digits))


def _eip191(message: bytes) -> bytes:
    from eth_utils.crypto import keccak

    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)


def _with_v_27(signature: bytes) -> str:
    v = signature[64]
    return "0x" + (signature[:64] + bytes([v + 27 if v < 27 else v])).hex()
