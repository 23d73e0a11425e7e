"""The catalogue: its shape, and the page that documents it."""

import pathlib
import re

import pytest

import arbx
from arbx.telemetry.events import EVENTS, Severity, event_kind

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/reference/alerts.md"
ROWS = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)


def rows():
    return {
        name: (severity, tuple(re.findall(r"`(\w+)`", fields)), meaning)
        for name, severity, fields, meaning in ROWS.findall(PAGE.read_text(encoding="utf-8"))
    }


def test_the_page_lists_every_event_and_no_other():
    assert set(rows()) == set(EVENTS)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.name)
def test_the_page_says_what_the_catalogue_says(kind):
    assert rows()[kind.name] == (kind.severity.word, kind.fields, kind.meaning)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.name)
def test_an_event_is_a_noun_and_what_happened_to_it(kind):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", kind.name)
    assert len(set(kind.fields)) == len(kind.fields)


def test_an_event_of_a_plugin_is_worth_an_info():
    assert arbx.event_kind("moon_risen") == arbx.EventKind("moon_risen", Severity.INFO, (), "")


def test_names_the_fields_that_are_not_there():
    assert event_kind("relay_recovered").missing({"relay": "flashbots"}) == ("down_s",)


def test_severities_are_ordered_as_they_are_named():
    words = ["debug", "info", "warning", "error", "critical"]

    assert [severity.word for severity in sorted(Severity)] == words
    assert [Severity.named(word) for word in words] == list(Severity)
