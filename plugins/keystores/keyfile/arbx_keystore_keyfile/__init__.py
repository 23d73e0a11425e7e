"""Sign with a key in an encrypted file: Web3 Secret Storage v3, as geth, MetaMask and others write it."""

from collections.abc import Iterator

import arbx
from arbx_keystore_keyfile.settings import KeyfileSettings
from arbx_keystore_keyfile.store import Keyfile

__all__ = ["Keyfile", "KeyfileSettings", "arbx_keystores"]

EXAMPLE = {"path": "keys/main.json", "password": "env:ARBX_PASSWORD"}


@arbx.hookimpl
def arbx_keystores() -> Iterator[arbx.Provider[arbx.KeyStore]]:
    """Offer the key store."""
    yield arbx.Provider(
        "keyfile",
        Keyfile,
        KeyfileSettings,
        summary="a key in an encrypted file",
        examples=(EXAMPLE,),
    )
