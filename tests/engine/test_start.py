"""What the engine makes sure of before it takes the signer: its key opens, and is the one that it says."""

import attrs
import pytest

import arbx
from arbx.errors import ConfigError, PluginError
from arbx.ledger import Ledger
from arbx.testing.localchain.executor import deploy_executor
from arbx.testing.reference_keystore import REFERENCE_KEY, ReferenceKeyStore


class Counting(ReferenceKeyStore):
    """Count the messages that are signed."""

    messages = 0

    async def sign_message(self, message):
        self.messages += 1
        return await super().sign_message(message)


class SignsAsAnother(ReferenceKeyStore):
    async def sign_message(self, message):
        return await ReferenceKeyStore(b"\x01" * 32, self._chain_id).sign_message(message)


class Cut(ReferenceKeyStore):
    async def sign_message(self, message):
        return (await super().sign_message(message))[:-1]


class Broken(ReferenceKeyStore):
    async def sign_message(self, message):
        raise OSError("the token was pulled out")


def with_store(floor, kind):
    return attrs.evolve(floor, store=kind(chain_id=floor.chain.chain_id))


@pytest.fixture
def keyfile(floor, tmp_path):
    """Return the floor with a key in a file, and the file."""
    pytest.importorskip("arbx_keystore_keyfile")
    host = arbx.Host.load(["keyfile"], strict=True)
    context = arbx.Context("main", floor.chain.chain_id, lambda _: "correct horse", tmp_path)
    settings = {"path": "main.json", "password": "env:WORD", "scrypt_n": 4096}
    host.build_keystore("keyfile", settings, context).adopt(REFERENCE_KEY)
    store = host.build_keystore("keyfile", settings, context)
    executor = deploy_executor(floor.chain, store.address, floor.weth)
    return attrs.evolve(floor, store=store, executor=executor), tmp_path / "main.json"


async def test_a_live_engine_has_unlocked_the_key_when_it_has_started(keyfile):
    floor, path = keyfile
    async with floor.engine() as (engine, *_):
        path.unlink()
        outcome = await engine.on_block()

    assert outcome.intent is not None
    assert [answer.status.value for answer in outcome.submissions] == ["accepted"]


@pytest.mark.parametrize(("live", "messages"), [(True, 1), (False, 0)])
async def test_only_a_live_engine_touches_the_key(floor, live, messages):
    floor = with_store(floor, Counting)
    async with floor.engine(live=live) as (engine, _, _chain):
        await engine.on_block()

    assert floor.store.messages == messages


@pytest.mark.parametrize(
    ("kind", "error", "why"),
    [
        (SignsAsAnother, ConfigError, "and signs as 0x"),
        (Cut, ConfigError, "not a signature"),
        (Broken, PluginError, "the token was pulled out"),
    ],
)
async def test_a_key_store_that_can_not_sign_is_refused_and_the_signer_stays_free(
    floor, kind, error, why
):
    with pytest.raises(error, match=why):
        async with with_store(floor, kind).engine():
            pass
    with Ledger(floor.ledger_url) as ledger:
        assert ledger.acquire(floor.chain.chain_id, floor.store.address).token == 1
