"""The key store against the kit, on the recorded key file."""

import json
import pathlib

import pytest

import arbx
from arbx.testing import KeyStoreTests
from arbx_keystore_keyfile import Keyfile, KeyfileSettings

RECORDED = json.loads((pathlib.Path(__file__).parent / "recorded.json").read_text("utf-8"))


class TestKeyfile(KeyStoreTests):
    chain_id = 31_337
    secrets = (bytes.fromhex(RECORDED["key"]), RECORDED["password"])

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path):
        self.path = tmp_path / "main.json"
        self.path.write_text(json.dumps(RECORDED["keyfile"]))
        self.path.chmod(0o600)

    def make_key_store(self):
        settings = KeyfileSettings(path=str(self.path), password="env:PASSWORD")
        return Keyfile(settings, arbx.Context("main", self.chain_id, lambda _: self.secrets[1]))
