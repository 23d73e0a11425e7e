"""Hold a private key so that it can be used and not be seen."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import arbx

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

__all__ = ["SealedKey", "attempt"]

T = TypeVar("T")


class SealedKey:
    """
    Sign with eth-account; show the address and nothing else.

    Not printable, not to be pickled, copied or compared. What eth-account raises is replaced: its frames hold the
    key, and a traceback that prints local variables would print it.
    """

    __slots__ = ("_account", "address")

    def __init__(self, account: "LocalAccount") -> None:
        self._account = account
        self.address = str(account.address).lower()

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """Return the signed raw transaction."""
        raw, problem = attempt(
            lambda: self._account.sign_transaction(dict(transaction)).raw_transaction
        )
        if raw is None:
            raise arbx.SigningError(
                f"{self.address}: eth-account refuses the transaction: {problem}"
            )
        return bytes(raw)

    def sign_message(self, message: bytes) -> bytes:
        """Return the EIP-191 signature (version E) of the message: r, s, v with v of 27 or 28."""
        from eth_account.messages import encode_defunct

        text = encode_defunct(message)
        signature, problem = attempt(lambda: self._account.sign_message(text).signature)
        if signature is None:
            raise arbx.SigningError(f"{self.address}: eth-account refuses the message: {problem}")
        return bytes(signature)

    def encrypted(self, password: str, scrypt_n: int) -> dict[str, Any] | None:
        """Return the content of a key file, or None where the key can't be encrypted so."""
        content, _ = attempt(
            lambda: self._account.encrypt(password, kdf="scrypt", iterations=scrypt_n)
        )
        return content

    def __repr__(self) -> str:
        return f"SealedKey({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled or copied")


def attempt(work: Callable[[], T]) -> tuple[T | None, str]:
    """Return what *work* gives, or None and the class of what it raised: its message and frames stay here."""
    try:
        return work(), ""
    except Exception as error:  # noqa: BLE001  # the caller raises an error that holds no frame of this one
        return None, type(error).__name__
