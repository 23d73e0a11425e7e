"""Every test of an alert sink against every saboteur: exactly the diagonal fails."""

from typing import Any

import pytest

from arbx.testing.alert_tests import AlertSinkTests
from arbx.testing.promises.alerts import ALERT_PROMISES
from arbx.testing.reference_sink import ReferenceSink
from arbx.testing.saboteurs.alerts import ALERT_SABOTEURS

TOKEN = "T0KEN-of-the-hook"
PAIRS = [
    pytest.param(promise, saboteur, id=saboteur.__name__)
    for promise, saboteurs in ALERT_SABOTEURS.items()
    for saboteur in saboteurs
]


def kit(sink: type[ReferenceSink]) -> type[AlertSinkTests]:
    class Kit(AlertSinkTests):
        secrets = (TOKEN,)

        def __init__(self) -> None:
            self.heard: list[str] = []

        def make_sink(self) -> ReferenceSink:
            return sink(self.heard, TOKEN)

        def make_deaf_sink(self) -> ReferenceSink:
            return sink(None, TOKEN)

        def received(self) -> list[str]:
            return self.heard

    return Kit


def test_every_promise_has_a_test_and_a_saboteur(tests_of: Any) -> None:
    names = {promise.__name__ for promise in ALERT_PROMISES}

    assert names == set(ALERT_SABOTEURS)
    assert {f"test_{name}" for name in names} == tests_of(AlertSinkTests)


def test_the_honest_sink_keeps_every_promise(outcomes: Any) -> None:
    results = outcomes(kit(ReferenceSink))

    assert set(results.values()) == {""}, results


@pytest.mark.parametrize(("name", "saboteur"), PAIRS)
def test_only_its_own_test_catches_the_saboteur(
    name: str, saboteur: type[ReferenceSink], outcomes: Any
) -> None:
    results = outcomes(kit(saboteur))

    assert [test for test, why in results.items() if why] == [f"test_{name}"], results


def test_what_a_sink_does_not_bring_is_skipped_with_the_reason(outcomes: Any) -> None:
    class Plain(kit(ReferenceSink)):  # type: ignore[misc]  # a class made by a function
        secrets = None

        def make_deaf_sink(self) -> None:
            return None

    skipped = {test: why for test, why in outcomes(Plain).items() if why}

    assert set(skipped) == {"test_fails_when_nobody_listens", "test_shows_no_secret"}
    assert all(why.startswith("skipped: ") for why in skipped.values())
