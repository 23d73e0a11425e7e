"""One event is one line, and no stranger's text is more than text."""

import pytest

import arbx
from arbx.testing import AlertSinkTests
from arbx_alert_console import Console


class TestConsole(AlertSinkTests):
    secrets = ()

    @pytest.fixture(autouse=True)
    def _captured(self, capsys):
        self.lines = []
        self.capsys = capsys

    def make_sink(self):
        return Console()

    def received(self):
        self.lines += self.capsys.readouterr().err.splitlines()
        return self.lines


async def test_writes_one_line_with_the_fields_to_standard_error(capsys):
    sink = arbx.Host.load(["console"], strict=True).build_alert_sink("console")
    await sink.send("bundle_included", {"block": 19_000_001, "relay": "flashbots"})

    assert capsys.readouterr() == ("", "bundle_included block=19000001 relay=flashbots\n")


async def test_a_symbol_can_neither_repaint_the_terminal_nor_forge_a_line(capsys):
    await Console().send("limit_hit", {"token": "\x1b[2J\nbundle_included\r\u202e 日本"})

    shown = capsys.readouterr().err
    assert shown == "limit_hit token=\\x1b[2J\\nbundle_included\\r\\u202e 日本\n"


def test_has_no_settings_of_its_own():
    host = arbx.Host.load(["console"], strict=True)

    with pytest.raises(arbx.ConfigError, match="colour is not a known key"):
        host.build_alert_sink("console", {"colour": "red"})
