"""Every test of a relay against every saboteur: exactly the diagonal fails."""

from typing import Any

import pytest

from arbx.protocols import Relay
from arbx.testing import RelayTests
from arbx.testing.promises.relays import RELAY_PROMISES
from arbx.testing.reference_relay import ReferenceRelay
from arbx.testing.saboteurs.relays import RELAY_SABOTEURS

PAIRS = [
    pytest.param(promise, saboteur, id=saboteur.__name__)
    for promise, saboteurs in RELAY_SABOTEURS.items()
    for saboteur in saboteurs
]


class TestTheHonestRelay(RelayTests):
    def make_relay(self, url: str, auth_key: bytes, timeout_s: float) -> Relay:
        return ReferenceRelay(url, auth_key, timeout_s)


def test_every_promise_has_a_test_and_a_saboteur(tests_of: Any) -> None:
    names = {promise.__name__ for promise in RELAY_PROMISES}

    assert names == set(RELAY_SABOTEURS)
    assert {f"test_{name}" for name in names} == tests_of(RelayTests)


@pytest.mark.parametrize(("name", "saboteur"), PAIRS)
def test_only_its_own_test_catches_the_saboteur(
    name: str, saboteur: type[ReferenceRelay], outcomes: Any
) -> None:
    class Kit(RelayTests):
        def make_relay(self, url: str, auth_key: bytes, timeout_s: float) -> Relay:
            return saboteur(url, auth_key, timeout_s)

    results = outcomes(Kit)

    assert [test for test, why in results.items() if why] == [f"test_{name}"], results


def test_a_protocol_without_signatures_and_replacement_is_not_asked_for_them(
    outcomes: Any,
) -> None:
    class Kit(RelayTests):
        signs = False
        replaces = False

        def make_relay(self, url: str, auth_key: bytes, timeout_s: float) -> Relay:
            return ReferenceRelay(url, auth_key, timeout_s)

    skipped = {test for test, why in outcomes(Kit).items() if why.startswith("skipped")}

    assert skipped == {
        "test_signs_the_exact_bytes",
        "test_keeps_the_uuid_over_replacement",
        "test_cancels_by_uuid",
        "test_cancels_only_what_the_relay_cancelled",
    }
