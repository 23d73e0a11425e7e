"""What is posted, how it is signed, what is tried again, and what an error tells."""

import hashlib
import hmac
import json
import socket
import time

import pytest

import arbx
from arbx.testing import AlertSinkTests
from arbx_alert_webhook import Webhook, WebhookSettings

TOKEN = "T0KEN-in-the-path"
SECRETS = {"env:SECRET": "the word of the hook"}


def build(url, **settings):
    context = arbx.Context("pager", 1, lambda reference: SECRETS.get(reference, reference))
    host = arbx.Host.load(["webhook"], strict=True)
    return host.build_alert_sink("webhook", {"url": url, **settings}, context)


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TestWebhook(AlertSinkTests):
    secrets = (TOKEN, SECRETS["env:SECRET"])

    @pytest.fixture(autouse=True)
    def _server(self, listener):
        self.listener = listener

    def make_sink(self):
        return build(f"{self.listener.url}/{TOKEN}?key={TOKEN}", secret="env:SECRET")

    def make_deaf_sink(self):
        url = f"http://127.0.0.1:{closed_port()}/{TOKEN}"
        return build(url, secret="env:SECRET", attempts=2)

    def received(self):
        return self.listener.bodies


async def test_posts_the_event_as_json_with_integers_as_strings(listener):
    fields = {"plan_id": 7, "net_profit": 2**90, "raw": b"\x01", "live": True, "half": 0.5}
    await build(f"{listener.url}/hook").send("bundle_included", fields)
    [(path, headers, body)] = listener.requests
    message = json.loads(body)

    assert (path, headers["Content-Type"]) == ("/hook", "application/json")
    assert (message["event"], message["severity"]) == ("bundle_included", "info")
    assert abs(message["sent_at"] - time.time()) < 60
    assert message["fields"] == {
        "plan_id": "7", "net_profit": str(2**90), "raw": "0x01", "live": True, "half": 0.5,
    }  # fmt: skip
    assert "X-Arbx-Signature" not in headers


async def test_signs_the_time_and_the_bytes_that_are_sent(listener):
    await build(listener.url, secret="env:SECRET").send("trading_stopped", {"reason": "ünder way"})
    [(_, headers, body)] = listener.requests
    sent_at, signature = (part.split("=")[1] for part in headers["X-Arbx-Signature"].split(","))
    secret = SECRETS["env:SECRET"].encode()

    assert sent_at == str(json.loads(body)["sent_at"])
    assert signature == hmac.new(secret, f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("answers", [[503], [429], [500, 502]])
async def test_tries_again_with_the_same_bytes_where_the_server_is_tired(listener, answers):
    listener.answers = list(answers)
    await build(listener.url).send("relay_failed", {"relay": "flashbots"})

    assert len(listener.requests) == len(answers) + 1
    assert len(set(listener.bodies)) == 1


async def test_tries_again_where_the_server_is_silent(listener):
    listener.answers = [1.0]
    await build(listener.url, timeout_s=0.2).send("relay_failed", {})

    assert len(listener.requests) == 2


async def test_gives_up_after_so_many_attempts(listener):
    listener.answers = [503] * 5

    with pytest.raises(
        arbx.PluginError, match=r"webhook failed in send of x: 127.0.0.1 answered 503"
    ):
        await build(listener.url, attempts=2).send("x", {})
    assert len(listener.requests) == 2


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410])
async def test_what_will_not_get_better_is_not_tried_again(listener, status):
    listener.answers = [status]
    listener.headers = {"Location": "http://127.0.0.1:1/elsewhere"}

    with pytest.raises(arbx.PluginError, match=f"answered {status}; check url"):
        await build(f"{listener.url}/{TOKEN}").send("x", {})
    assert len(listener.requests) == 1


async def test_an_unreachable_host_is_named_and_its_path_is_not():
    sink = build(f"http://127.0.0.1:{closed_port()}/{TOKEN}", attempts=1)

    with pytest.raises(
        arbx.PluginError, match=r"127\.0\.0\.1 can't be reached: ConnectError"
    ) as failure:
        await sink.send("x", {})
    assert TOKEN not in str(failure.value)


@pytest.mark.parametrize(
    "url", ["ftp://example.org", "example.org", "http://", "http://[", "env:URL"]
)
async def test_what_is_no_url_is_not_repeated(url):
    with pytest.raises(arbx.PluginError, match="url is no http:// or https:// URL"):
        await build(url).send("x", {})


async def test_a_reference_needs_somebody_to_resolve_it():
    sink = Webhook(WebhookSettings(url="env:URL"), arbx.Context("pager"))

    with pytest.raises(arbx.ConfigError, match="nothing resolves references"):
        await sink.send("x", {})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"secret": "the word itself"}, "secret is wrong: is not a reference"),
        ({"attempts": 0}, "attempts is wrong"),
        ({"timeout_s": 0}, "timeout_s is wrong"),
        ({"colour": "red"}, "colour is not a known key"),
    ],
)
def test_refuses_wrong_settings_and_repeats_no_secret(settings, says):
    with pytest.raises(arbx.ConfigError, match=says) as refusal:
        build("https://example.org", **settings)

    assert "the word itself" not in str(refusal.value)
