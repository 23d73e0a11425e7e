"""A folder with the recorded key file, and the store on it."""

import copy
import json
import pathlib

import pytest

import arbx

RECORDED = pathlib.Path(__file__).parent / "recorded.json"


@pytest.fixture(scope="session")
def recorded():
    """Return the worked vectors; recorded.json says where they are from."""
    return json.loads(RECORDED.read_text(encoding="utf-8"))


@pytest.fixture
def write(tmp_path, recorded):
    """Return a function that writes the recorded key file, changed, and gives its path."""

    def write(text=None, *, mode=0o600, **changes):
        content = {**copy.deepcopy(recorded["keyfile"]), **changes}
        kept = {name: value for name, value in content.items() if value is not None}
        path = tmp_path / "main.json"
        path.write_text(json.dumps(kept) if text is None else text)
        path.chmod(mode)
        return path

    return write


@pytest.fixture
def build(tmp_path, recorded):
    """Return a function that builds the store of main.json as the host does."""
    host = arbx.Host.load(["keyfile"], strict=True)
    secrets = {"env:PASSWORD": recorded["password"], "env:WRONG": "arbx-toast", "env:EMPTY": ""}

    def build(*, chain_id=1, **settings):
        settings = {"path": "main.json", "password": "env:PASSWORD", "scrypt_n": 4096, **settings}
        context = arbx.Context("main", chain_id, secrets.__getitem__, tmp_path)
        return host.build_keystore("keyfile", settings, context)

    return build
