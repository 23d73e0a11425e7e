"""Events go to standard error, without secrets."""

import json

import structlog

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


def test_writes_nothing_below_its_level(capsys):
    try:
        log.configure("console", "error")
        log.get_logger().info("block_observed")
    finally:
        structlog.reset_defaults()

    assert capsys.readouterr().err == ""
