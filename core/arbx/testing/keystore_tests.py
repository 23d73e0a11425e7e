"""The conformance tests of a key store, to inherit from."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

import pytest

from arbx.protocols import KeyStore
from arbx.testing.case import NotBrought
from arbx.testing.promises import keystores, secrecy
from arbx.testing.promises.keystores import KeyStoreCase, KeyStorePromise

__all__ = ["KeyStoreTests"]


class KeyStoreTests:
    """
    Inherit this and return your store, bound to *chain_id*, the same one at each call.

    Name in *secrets* what nobody may see: the private key as bytes, the password as a text. Where you can't know
    the key, as of a hardware key, leave it None; the promises about secrets are then skipped.
    """

    chain_id: ClassVar[int] = 1
    secrets: ClassVar[Sequence[bytes | str] | None] = None

    def make_key_store(self) -> KeyStore:
        """Return the key store under test."""
        raise NotImplementedError(f"{type(self).__name__} gives no make_key_store")

    def keep(self, promise: KeyStorePromise) -> None:
        """Hold the key store to the promise."""
        secrets = None if self.secrets is None else tuple(self.secrets)
        try:
            asyncio.run(self._keep(promise, secrets))
        except NotBrought as why:
            pytest.skip(str(why))

    def test_address_never_changes(self) -> None:
        self.keep(keystores.address_never_changes)

    def test_transactions_recover_to_its_address(self) -> None:
        self.keep(keystores.transactions_recover_to_its_address)

    def test_messages_recover_to_its_address(self) -> None:
        self.keep(keystores.messages_recover_to_its_address)

    def test_signs_exactly_what_it_is_asked(self) -> None:
        self.keep(keystores.signs_exactly_what_it_is_asked)

    def test_signs_low_s(self) -> None:
        self.keep(keystores.signs_low_s)

    def test_binds_the_chain_id(self) -> None:
        self.keep(keystores.binds_the_chain_id)

    def test_refuses_another_chain(self) -> None:
        self.keep(keystores.refuses_another_chain)

    def test_refuses_a_missing_chain(self) -> None:
        self.keep(keystores.refuses_a_missing_chain)

    def test_refuses_what_is_incomplete(self) -> None:
        self.keep(keystores.refuses_what_is_incomplete)

    def test_signs_many_at_once(self) -> None:
        self.keep(keystores.signs_many_at_once)

    def test_shows_no_secret_in_repr(self) -> None:
        self.keep(secrecy.shows_no_secret_in_repr)

    def test_shows_no_secret_in_logs(self) -> None:
        self.keep(secrecy.shows_no_secret_in_logs)

    def test_shows_no_secret_in_errors(self) -> None:
        self.keep(secrecy.shows_no_secret_in_errors)

    def test_shows_no_secret_in_pickles(self) -> None:
        self.keep(secrecy.shows_no_secret_in_pickles)

    def test_shows_no_secret_to_child_processes(self) -> None:
        self.keep(secrecy.shows_no_secret_to_child_processes)

    async def _keep(
        self, promise: KeyStorePromise, secrets: tuple[bytes | str, ...] | None
    ) -> None:
        await promise(KeyStoreCase(self.make_key_store, self.chain_id, secrets))
