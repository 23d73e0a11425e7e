"""An honest key store in memory, for tests: its key is known to everybody and worth nothing."""

import hashlib
from collections.abc import Mapping
from typing import Any, NoReturn

from arbx.errors import SigningError

__all__ = ["REFERENCE_KEY", "ReferenceKeyStore"]

REFERENCE_KEY = hashlib.sha256(b"arbx.testing: known to everybody, worth nothing").digest()

_REQUIRED = ("nonce", "gas")


class ReferenceKeyStore:
    """
    Sign with a key that is worth nothing, for one chain.

    ``ReferenceKeyStore(chain_id=31337)`` signs on a local chain without a file or a password.
    """

    def __init__(self, key: bytes = REFERENCE_KEY, chain_id: int = 1) -> None:
        from eth_account import Account

        self._account = Account.from_key(key)
        self._chain_id = chain_id

    @property
    def address(self) -> str:
        """Return the signer's address."""
        return str(self._account.address).lower()

    async def sign(self, transaction: Mapping[str, Any]) -> bytes:
        """Return the signed raw transaction; raise SigningError for another chain's."""
        self._check(transaction)
        return self._signed(transaction)

    async def sign_message(self, message: bytes) -> bytes:
        """Return the EIP-191 signature of *message*."""
        from eth_account.messages import encode_defunct

        return bytes(self._account.sign_message(encode_defunct(message)).signature)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.address})"

    def __reduce__(self) -> Any:
        return _refuse, ()

    def _check(self, transaction: Mapping[str, Any]) -> None:
        fee = "maxFeePerGas" if "maxFeePerGas" in transaction else "gasPrice"
        missing = [name for name in (*_REQUIRED, fee) if transaction.get(name) is None]
        if missing:
            raise SigningError(f"the transaction has no {', '.join(missing)}")
        if transaction.get("chainId") != self._chain_id:
            raise SigningError(f"the transaction is not for chain {self._chain_id}")

    def _signed(self, transaction: Mapping[str, Any]) -> bytes:
        error: Exception | None = None
        try:
            return self._raw(transaction)
        except Exception as caught:  # noqa: BLE001  # its frames hold the key; the one below holds none
            error = caught.with_traceback(None)
        raise SigningError(f"can't be signed: {type(error).__name__}")

    def _raw(self, transaction: Mapping[str, Any]) -> bytes:
        changed = {"to": bytes.fromhex(transaction["to"][2:])}
        return bytes(self._account.sign_transaction({**transaction, **changed}).raw_transaction)


def _refuse() -> NoReturn:
    raise TypeError("a key store is not pickled")
