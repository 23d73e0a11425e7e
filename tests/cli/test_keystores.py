"""Which key store is meant: by a command, by the configuration, and by a relay that signs with one."""

import pytest

import arbx
from arbx.cli.keystores import picked_store
from arbx.cli.trading import relays_of, store_of
from arbx.config import Settings
from arbx.plugins.loading import Plugin
from arbx.testing.reference_keystore import ReferenceKeyStore
from arbx.testing.relay import LocalRelay, sign_transfer

BUNDLE = arbx.Bundle((sign_transfer(b"\x22" * 32, chain_id=1, nonce=0, to="0x" + "70" * 20),), 7)


@pytest.fixture
def built():
    """Keep the sections whose key stores were built."""
    return []


@pytest.fixture
def host(built):
    flashbots = arbx.Host.load(["flashbots"], strict=True).relays["flashbots"]

    def build(settings, context):
        built.append(context.name)
        return ReferenceKeyStore(bytes([len(context.name)]) * 32, chain_id=context.chain_id)

    offers = {
        "arbx_keystores": (arbx.Provider("memory", build),),
        "arbx_relays": (flashbots,),
    }
    return arbx.Host([Plugin("xyz", offers=offers)])


def configured(*names, **rest):
    return Settings.model_validate(
        {"keystores": {name: {"use": "memory"} for name in names}, **rest}
    )


def test_the_only_key_store_needs_no_name(host):
    assert picked_store(configured("main"), host, None, cure="")[0] == "main"
    assert store_of(configured("main"), host).address


@pytest.mark.parametrize(
    ("names", "key", "why"),
    [
        ((), None, r"no key store is configured; add \[keystores.main\]"),
        (("a", "b"), None, r"name one key store \(a, b\): key = NAME in \[execution\]"),
        (("a", "b"), "c", r"\[execution\] key names the key store 'c', and there is no .*: a, b"),
    ],
)
def test_what_is_not_clear_is_an_error_that_names_the_cure(host, built, names, key, why):
    with pytest.raises(arbx.ConfigError, match=why):
        store_of(configured(*names, execution={"key": key}), host)

    assert built == []


async def test_a_relay_signs_with_the_key_store_that_its_section_names(host, built):
    with LocalRelay() as server:
        wanted = {"use": "flashbots", "url": server.url, "auth_keystore": "identity"}
        settings = configured("main", "identity", relays={"local": wanted})
        relay = relays_of(settings, host)["local"]
        submission = await relay.submit(BUNDLE)
        await relay.close()

    assert submission.status is arbx.SubmissionStatus.ACCEPTED
    assert server.heard[0].signer == ReferenceKeyStore(b"\x08" * 32).address.lower()
    assert built == ["identity"]


def test_a_relay_that_names_no_key_store_builds_none(host, built):
    wanted = {"use": "flashbots", "url": "https://relay.example", "auth_key": "env:AUTH"}
    relays_of(configured("main", relays={"local": wanted}), host)

    assert built == []


def test_a_relay_that_names_an_unknown_key_store_is_an_error_before_anything_is_sent(host):
    wanted = {"use": "flashbots", "url": "https://relay.example", "auth_keystore": "identiy"}
    settings = configured("identity", relays={"local": wanted})

    with pytest.raises(
        arbx.ConfigError, match=r"\[relays.local\] names the key store 'identiy'.*: identity"
    ):
        relays_of(settings, host)
