"""Events go to standard error, without secrets."""

import contextlib
import io
import json
import pathlib

import attrs
import pydantic
import pytest
import structlog

import arbx
from arbx import log


def test_writes_events_as_json_lines_without_secrets(capsys):
    try:
        log.configure("json")
        log.get_logger().info(
            "block_observed", block=5, url="wss://me:pw@rpc.example/k3y", private_key="0x01"
        )
    finally:
        structlog.reset_defaults()
    out, err = capsys.readouterr()
    event = json.loads(err)

    assert out == ""
    assert (event["event"], event["block"], event["level"]) == ("block_observed", 5, "info")
    assert event["url"] == "wss://rpc.example/…"
    assert event["private_key"] == "[hidden]"


def test_goes_to_what_standard_error_is_when_the_event_happens(capsys):
    try:
        with contextlib.redirect_stderr(io.StringIO()) as elsewhere:
            log.configure("json")
            log.get_logger().info("block_observed")
        elsewhere.close()
        log.get_logger().info("plan_made")
    finally:
        structlog.reset_defaults()

    assert json.loads(capsys.readouterr().err)["event"] == "plan_made"


def test_writes_nothing_below_its_level(capsys):
    try:
        log.configure("console", "error")
        log.get_logger().info("block_observed")
    finally:
        structlog.reset_defaults()

    assert capsys.readouterr().err == ""


def shown(**fields):
    return log.hide_secrets(None, "", dict(fields))


@attrs.frozen
class Login:
    user: str
    password: str
    url: str = "https://node.example/k3y"
    note: str = attrs.field(default="k3y", repr=False)


class Model(pydantic.BaseModel):
    user: str
    api_key: str


class Odd:
    def __repr__(self):
        return "Odd(https://node.example/k3y)"


@pytest.mark.parametrize(
    "value",
    [
        {"password": "k3y"},
        {"deep": {"deeper": [{"private_key": "k3y"}]}},
        ["https://node.example/k3y"],
        ("a", {"b": "wss://me:k3y@node.example"}),
        {"https://node.example/k3y"},
        Login("me", "k3y"),
        {"logins": [Login("me", "k3y")]},
        Model(user="me", api_key="k3y"),
        ValueError("https://node.example/k3y"),
        [Odd()],
    ],
    ids=lambda value: type(value).__name__,
)
def test_hides_secrets_wherever_they_are(value):
    hidden = shown(value=value)

    assert "k3y" not in str(hidden)
    assert "k3y" not in structlog.processors.JSONRenderer()(None, "", hidden)


@pytest.mark.parametrize("key", ["signed", "raw", "raw_tx", "auth_key", "SECRET", "passphrases"])
def test_what_a_secret_key_names_is_hidden_whatever_it_is(key):
    assert shown(**{key: {"a": ["b"]}}) == {key: "[hidden]"}


def test_signed_bytes_are_not_shown_under_any_name():
    raw = bytes(range(110))
    bundle = arbx.Bundle((raw,), 7)
    hidden = str(shown(a=raw, b=[raw.hex()], c=f"sent 0x{raw.hex()}!", d=bundle))

    assert raw.hex()[:40] not in hidden
    assert str(raw)[:40] not in hidden
    assert "110 bytes" in hidden
    assert "target_block=7" in hidden


def test_what_holds_no_secret_stays_as_it_is():
    token = arbx.Token("0x" + "0a" * 20, "WETH", 18)
    event = {
        "event": "plan_made",
        "token": token,
        "hash": "0x" + "ab" * 32,
        "withdrawn": 5,
        "cycle": [{"pool": "0x1", "fee": 3}],
        "path": pathlib.Path("a/b"),
        "error": ValueError("no"),
        "nothing": None,
    }

    assert log.hide_secrets(None, "", event) == event


def test_what_contains_itself_ends():
    loop = []
    loop.append(loop)
    around = {}
    around["around"] = around

    assert "…" in str(shown(loop=loop, around=around))


def test_an_object_that_fails_to_say_what_it_is_breaks_no_log():
    class Mute:
        def __repr__(self):
            raise RuntimeError("no")

    assert shown(value=Mute()) == {"value": "<Mute that can't be shown>"}
