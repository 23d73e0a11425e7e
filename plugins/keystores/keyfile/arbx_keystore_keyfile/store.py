"""The key store: unlock once, sign for one chain, keep new keys."""

import asyncio
import getpass
import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import arbx
from arbx_keystore_keyfile.file import address_in, read_keyfile, write_keyfile
from arbx_keystore_keyfile.sealed import SealedKey, attempt
from arbx_keystore_keyfile.settings import KeyfileSettings
from arbx_keystore_keyfile.transaction import checked

__all__ = ["Keyfile"]


class Keyfile:
    """
    Sign with the key of one encrypted file, for one chain.

    The file is read when it is first needed, so that ``arbx keys new`` can make it. The first signature unlocks it,
    which takes most of a second (scrypt) in a thread; sign a message at start-up to have that behind you.
    """

    def __init__(
        self,
        settings: KeyfileSettings,
        context: arbx.Context,
        *,
        ask: Callable[[str], str] | None = None,
    ) -> None:
        self._settings, self._context, self._ask = settings, context, ask or _ask
        path = Path(settings.path).expanduser()
        self._path = path if context.base is None else context.base / path
        self._unlocking = threading.Lock()
        self._sealed: SealedKey | None = None

    @property
    def address(self) -> str:
        """Return the signer's address, which the file names without being decrypted."""
        if self._sealed is not None:
            return self._sealed.address
        return address_in(self._path, read_keyfile(self._path))

    async def sign(self, transaction: Mapping[str, Any]) -> bytes:
        """Return the signed raw transaction; raise SigningError for another chain's."""
        request = checked(transaction, self._context.chain_id, self.address)
        key = await self._key()
        return key.sign_transaction(request)

    async def sign_message(self, message: bytes) -> bytes:
        """Return the EIP-191 signature of *message*."""
        if not isinstance(message, bytes):
            raise arbx.SigningError(f"the message is {type(message).__name__}, not bytes")
        key = await self._key()
        return key.sign_message(message)

    def create(self) -> str:
        """Make a key, keep it, and return its address; overwrite nothing."""
        return self._keep(_sealed(secrets.token_bytes(32)))

    def adopt(self, private_key: bytes) -> str:
        """Keep this key, and return its address; overwrite nothing."""
        key = _sealed(private_key)
        del private_key  # what is raised below holds this frame
        return self._keep(key)

    def __repr__(self) -> str:
        return f"Keyfile({str(self._path)!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key store is not pickled or copied; build it where it is used")

    async def _key(self) -> SealedKey:
        # A thread's lock, not asyncio's: one store may serve several loops and threads.
        return await asyncio.to_thread(self._unlock) if self._sealed is None else self._sealed

    def _unlock(self) -> SealedKey:
        with self._unlocking:
            if self._sealed is None:
                self._sealed = self._opened()
            return self._sealed

    def _opened(self) -> SealedKey:
        content = read_keyfile(self._path)
        key, problem = self._decrypted(content)
        if key is None:
            raise arbx.ConfigError(f"{self._path}: {problem}")
        told = address_in(self._path, content)
        if key.address != told:
            raise arbx.ConfigError(f"{self._path}: names {told}, and holds {key.address}")
        return key

    def _decrypted(self, content: Mapping[str, Any]) -> tuple[SealedKey | None, str]:
        from eth_account import Account

        password = self._password(f"Password of {self._path}: ")
        raw, problem = attempt(lambda: bytes(Account.decrypt(dict(content), password)))
        if raw is not None:
            return _sealed(raw), "holds no private key"
        # eth_keyfile.keyfile._decode_keyfile_json_v3 raises a ValueError when the MAC differs.
        if problem == "EthKeyfileValueError":
            return None, f"the password ({self._settings.password or 'as typed'}) is wrong"
        return None, f"can't be decrypted: {problem}; is the file damaged?"

    def _keep(self, key: SealedKey | None) -> str:
        if key is None:
            raise arbx.ConfigError(
                "that is no private key: 32 bytes, above 0 and below the curve's order"
            )
        # Asked before the human types a password; write_keyfile makes sure.
        if self._path.exists():
            raise arbx.ConfigError(f"{self._path}: exists already; a key is never overwritten")
        content = self._encrypted(key)
        if content is None:
            raise arbx.ConfigError(f"{self._path}: the password is empty or was typed differently")
        write_keyfile(self._path, content)
        return key.address

    def _encrypted(self, key: SealedKey) -> dict[str, Any] | None:
        password = self._password(f"New password of {self._path}: ")
        if self._settings.password is None and self._ask("The same again: ") != password:
            return None
        return key.encrypted(password, self._settings.scrypt_n) if password else None

    def _password(self, prompt: str) -> str:
        reference, resolve = self._settings.password, self._context.secrets
        if reference is None:
            return self._ask(prompt)
        if resolve is None:
            raise arbx.ConfigError(f"nothing resolves {reference}; give Context(secrets=…)")
        return resolve(reference)


def _sealed(private_key: bytes) -> SealedKey | None:
    # Answers None instead of raising: a traceback that prints local variables would print the key.
    from eth_account import Account

    account, _ = attempt(lambda: Account.from_key(private_key))
    return None if account is None else SealedKey(account)


def _ask(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise arbx.ConfigError(
            'there is no terminal to ask at; set password = "env:NAME" or "file:PATH"'
        )
    return getpass.getpass(prompt)
