"""The plugin keeps every promise of the kit."""

import arbx
from arbx.testing import RelayTests
from arbx_relay_flashbots import Flashbots, FlashbotsSettings


class TestFlashbots(RelayTests):
    def make_relay(self, url, auth_key, timeout_s):
        settings = FlashbotsSettings(url=url, auth_key="env:AUTH", timeout_s=timeout_s)
        context = arbx.Context("main", 1, secrets=lambda reference: auth_key.hex())
        return Flashbots(settings, context)


class KeyStore:
    """Sign messages with a key of its own, as any key store would."""

    def __init__(self, key):
        from eth_keys.datatypes import PrivateKey

        self._key = PrivateKey(key)
        self.address = self._key.public_key.to_address()

    def __repr__(self):
        return "KeyStore"

    async def sign(self, transaction):
        raise AssertionError("a relay signs no transaction")

    async def sign_message(self, message):
        from eth_utils.crypto import keccak

        prefix = b"\x19Ethereum Signed Message:\n" + str(len(message)).encode()
        signature = self._key.sign_msg_hash(keccak(prefix + message)).to_bytes()
        return signature[:64] + bytes([signature[64] + 27])


class TestFlashbotsWithAKeyStore(RelayTests):
    def make_relay(self, url, auth_key, timeout_s):
        settings = FlashbotsSettings(url=url, timeout_s=timeout_s, auth_keystore="identity")
        context = arbx.Context("main", 1, keystores={"identity": KeyStore(auth_key)}.__getitem__)
        return Flashbots(settings, context)


class TestFlashbotsWithAProgramsKeyStore(RelayTests):
    def make_relay(self, url, auth_key, timeout_s):
        settings = FlashbotsSettings(url=url, timeout_s=timeout_s)
        return Flashbots(settings, arbx.Context("main", 1), keystore=KeyStore(auth_key))
