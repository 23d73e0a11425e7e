"""The relay from its settings to its submissions, in front of the local server."""

import gc
import logging
import socket

import pytest
from eth_keys.datatypes import PrivateKey

import arbx
from arbx.testing.relay import Fault, LocalRelay, sign_transfer
from arbx_relay_flashbots import Flashbots, FlashbotsSettings
from arbx_relay_flashbots.settings import presets

KEY = "5e" * 31 + "c7"
UUID = "5f2c7f7e-8f0e-4a65-9a0b-6b5a3a1d2c10"
SIGNED = sign_transfer(b"\x22" * 32, chain_id=1, nonce=0, to="0x" + "70" * 20)
BUNDLE = arbx.Bundle((SIGNED,), 19_000_001, UUID)


@pytest.fixture(scope="module")
def host():
    return arbx.Host.load(["flashbots"], strict=True)


@pytest.fixture
def server():
    with LocalRelay() as served:
        yield served


@pytest.fixture
def build(host):
    def built(url, *, chain_id=1, **settings):
        context = arbx.Context("main", chain_id, secrets={"env:AUTH": KEY, "env:URL": url}.get)
        return host.build_relay(
            "flashbots", {"url": url, "auth_key": "env:AUTH", **settings}, context
        )

    return built


@pytest.fixture
async def relay(build, server):
    relay = build(server.url)
    yield relay
    await relay.close()


def test_the_example_settings_are_enough(host):
    for settings in host.relays["flashbots"].examples:
        assert isinstance(host.build_relay("flashbots", settings), arbx.Relay)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "name either a preset"),
        ({"preset": "mainnet", "url": "https://relay.example"}, "name either a preset"),
        ({"preset": "holesky"}, "preset 'holesky' is unknown; choose one of mainnet, sepolia"),
        ({"url": "relay.example/token-0123"}, "url is wrong"),
        ({"url": "wss://relay.example/token-0123"}, "url is wrong"),
        ({"preset": "mainnet", "auth_key": KEY}, "auth_key is wrong: should be a reference"),
        ({"preset": "mainnet"}, "auth_key is missing"),
        (
            {"preset": "mainnet", "auth_key": "env:AUTH", "auth_keystore": "identity"},
            "name either auth_key or auth_keystore",
        ),
        ({"preset": "mainnet", "auth_keystore": ""}, "auth_keystore is wrong"),
        ({"preset": "mainnet", "auth_keystore": "identity"}, "nothing gives the key store 'ident"),
        ({"preset": "mainnet", "timeout_s": 0}, "timeout_s is wrong"),
        ({"preset": "mainnet", "authkey": "env:AUTH"}, "authkey is not a known key"),
    ],
)
def test_refuses_wrong_settings_by_name_and_repeats_no_secret(host, settings, why):
    with pytest.raises(arbx.ConfigError, match=why) as caught:
        host.build_relay("flashbots", settings)

    assert KEY not in str(caught.value)
    assert "token-0123" not in str(caught.value)


def test_a_preset_is_for_its_chain_only(host):
    settings = {"preset": "sepolia", "auth_key": "env:AUTH"}

    with pytest.raises(arbx.ConfigError, match="preset 'sepolia' is for chain 11155111, and"):
        host.build_relay("flashbots", settings, arbx.Context("main", 1))


@pytest.mark.parametrize("name", ["mainnet", "sepolia"])
def test_a_preset_brings_chain_and_url(name):
    settings = FlashbotsSettings(preset=name, auth_key="env:AUTH")

    assert settings.chain_id == presets()[name]["chain_id"]
    assert settings.target.startswith("https://relay")


async def test_url_may_be_a_reference(host, server):
    context = arbx.Context("main", 1, secrets={"env:AUTH": KEY, "env:URL": server.url}.get)
    settings = {"url": "env:URL", "auth_key": "env:AUTH"}
    relay = host.build_relay("flashbots", settings, context)
    submission = await relay.submit(BUNDLE)
    await relay.close()

    assert submission.status is arbx.SubmissionStatus.ACCEPTED


async def test_a_reference_to_what_is_no_url_is_a_config_error(host):
    context = arbx.Context("main", 1, secrets={"env:AUTH": KEY, "env:URL": "secret-token"}.get)
    relay = host.build_relay("flashbots", {"url": "env:URL", "auth_key": "env:AUTH"}, context)

    with pytest.raises(arbx.ConfigError, match="env:URL does not hold a URL"):
        await relay.submit(BUNDLE)
    await relay.close()


async def test_without_context_a_reference_cannot_be_read(host):
    relay = host.build_relay("flashbots", {"preset": "mainnet", "auth_key": "env:AUTH"})

    with pytest.raises(arbx.ConfigError, match=r"env:AUTH"):
        await relay.submit(BUNDLE)
    await relay.close()


async def test_names_builders_when_they_are_configured(build, server):
    relay = build(server.url, builders=["flashbots", "Titan"])
    submission = await relay.submit(BUNDLE)
    await relay.close()

    assert submission.status is arbx.SubmissionStatus.ACCEPTED
    assert b'"builders":["flashbots","Titan"]' in server.heard[0].body


async def test_refuses_a_bundle_above_the_limits_without_sending_it(relay, server):
    submission = await relay.submit(arbx.Bundle((SIGNED,) * 101, 1))

    assert submission.status is arbx.SubmissionStatus.REJECTED
    assert "101 transactions" in submission.reason
    assert server.heard == []


async def test_an_answer_about_another_bundle_is_unknown(relay, server, monkeypatch):
    told = {"bundleHash": "0x" + "00" * 32}
    monkeypatch.setattr(server._desk, "answer", lambda *_: told)
    submission = await relay.submit(BUNDLE)

    assert submission.status is arbx.SubmissionStatus.UNKNOWN
    assert "is it about another bundle?" in submission.reason


@pytest.mark.parametrize("told", [None, [], {}, "0x", {"bundleHash": None}, {"bundleHash": 7}])
async def test_a_result_without_the_hash_is_unknown(relay, server, monkeypatch, told):
    monkeypatch.setattr(server._desk, "answer", lambda *_: told)

    assert (await relay.submit(BUNDLE)).status is arbx.SubmissionStatus.UNKNOWN
    with pytest.raises(arbx.RelayError, match="not a simulation of this bundle"):
        await relay.simulate(BUNDLE)


async def test_a_relay_that_is_down_has_nothing(build):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    relay = build(f"http://127.0.0.1:{port}/v1/token-0123")
    submission = await relay.submit(BUNDLE)
    await relay.close()

    assert submission.status is arbx.SubmissionStatus.REJECTED
    assert "can't be reached" in submission.reason
    assert "token-0123" not in submission.reason


async def test_a_bundle_without_uuid_cannot_be_cancelled(relay, server):
    submission = await relay.submit(arbx.Bundle((SIGNED,), 1))

    with pytest.raises(arbx.RelayError, match="give it one before it is sent"):
        await relay.cancel(submission)


async def test_a_refused_cancellation_leaves_the_submission_as_it_was(relay, server):
    submission = await relay.submit(BUNDLE)
    server.misbehave(Fault.STRING_ERROR)
    answer = await relay.cancel(submission)

    assert answer.status is arbx.SubmissionStatus.ACCEPTED
    assert answer.reason == "not cancelled: unable to decode txs (HTTP status 400)"


async def test_a_lost_cancellation_is_unknown(relay, server):
    submission = await relay.submit(BUNDLE)
    server.misbehave(Fault.DROPS)
    answer = await relay.cancel(submission)

    assert answer.status is arbx.SubmissionStatus.UNKNOWN
    assert answer.reason.startswith("not cancelled: the connection ended before the answer")


async def test_status_asks_nobody(relay, server):
    submission = await relay.submit(BUNDLE)

    assert await relay.status(submission) == submission
    assert [heard.kind for heard in server.heard] == ["submit"]


async def test_a_private_transaction_is_named_by_its_hash(relay, server):
    submission = await relay.submit_private(SIGNED, max_block=25, fast=True)

    assert submission.status is arbx.SubmissionStatus.ACCEPTED
    assert submission.bundle_hash == submission.bundle.tx_hashes[0]
    assert server.heard[0].kind == "private"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.OBJECT_ERROR, arbx.SubmissionStatus.REJECTED),
        (Fault.DROPS, arbx.SubmissionStatus.UNKNOWN),
        (Fault.NOT_JSON, arbx.SubmissionStatus.UNKNOWN),
    ],
)
async def test_a_private_transaction_that_fails_says_how(relay, server, fault, status):
    server.misbehave(fault)

    assert (await relay.submit_private(SIGNED, max_block=25)).status is status


async def test_follows_no_redirect(relay, server, monkeypatch):
    from arbx.testing.relay import faults

    monkeypatch.setitem(faults._BODIES, Fault.FORBIDDEN, (307, "text/plain", "elsewhere"))
    server.misbehave(Fault.FORBIDDEN)
    submission = await relay.submit(BUNDLE)

    assert submission.reason == "HTTP status 307: elsewhere"
    assert len(server.heard) == 1


async def test_an_endless_answer_is_cut_off(relay, server, monkeypatch):
    from arbx.testing.relay import faults

    endless = (200, "text/plain", "x" * (5 << 20))
    monkeypatch.setitem(faults._BODIES, Fault.NOT_JSON, endless)
    server.misbehave(Fault.NOT_JSON)
    submission = await relay.submit(BUNDLE)

    assert submission.status is arbx.SubmissionStatus.UNKNOWN
    assert "more than 4 MiB" in submission.reason


async def test_uses_one_connection_again(relay, server, monkeypatch):
    seen = set()
    respond = server._respond

    async def watched(request, body, signature):
        seen.add(request.transport.get_extra_info("peername"))
        return await respond(request, body, signature)

    monkeypatch.setattr(server, "_respond", watched)
    for _ in range(3):
        await relay.submit(BUNDLE)

    assert len(seen) == 1


async def test_closes_its_connections(build, server, caplog):
    relay = build(server.url)
    await relay.submit(BUNDLE)
    with caplog.at_level(logging.DEBUG):
        await relay.close()
        await relay.close()
        del relay
        gc.collect()

    assert "Unclosed" not in caplog.text


async def test_a_probe_names_whom_the_relay_answers(relay, server):
    said = await relay.probe()
    (request,) = server.heard

    assert said == f"answers {PrivateKey(bytes.fromhex(KEY)).public_key.to_checksum_address()}"
    assert (request.kind, request.transactions, request.signer) == (
        "simulate",
        (),
        said[8:].lower(),
    )


async def test_a_probe_says_when_the_relay_takes_no_signature(server):
    class Impostor:
        """Sign with another key than the address says."""

        address = "0x" + "11" * 20

        async def sign_message(self, message):
            return PrivateKey(bytes.fromhex(KEY)).sign_msg(message).to_bytes()

    settings = FlashbotsSettings(url=server.url)
    relay = Flashbots(settings, arbx.Context("main", 1), keystore=Impostor())
    with pytest.raises(arbx.RelayError, match=r"probe: takes no signature of 0x1111.*mismatch"):
        await relay.probe()
    await relay.close()


async def test_a_probe_says_that_nobody_is_there(build):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        relay = build(f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(arbx.RelayError, match=r"can't be reached: .*check the url"):
            await relay.probe()
    await relay.close()
