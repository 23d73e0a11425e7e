"""Every test of a key store against every saboteur: exactly the diagonal fails."""

from typing import Any

import pytest

from arbx.protocols import KeyStore
from arbx.testing.keystore_tests import KeyStoreTests
from arbx.testing.promises.secrecy import KEYSTORE_PROMISES
from arbx.testing.reference_keystore import REFERENCE_KEY, ReferenceKeyStore
from arbx.testing.saboteurs.keystores import KEYSTORE_SABOTEURS

PAIRS = [
    pytest.param(promise, saboteur, id=saboteur.__name__)
    for promise, saboteurs in KEYSTORE_SABOTEURS.items()
    for saboteur in saboteurs
]


class TestTheHonestStore(KeyStoreTests):
    secrets = (REFERENCE_KEY,)

    def make_key_store(self) -> KeyStore:
        return ReferenceKeyStore()


def test_every_promise_has_a_test_and_a_saboteur(tests_of: Any) -> None:
    names = {promise.__name__ for promise in KEYSTORE_PROMISES}

    assert names == set(KEYSTORE_SABOTEURS)
    assert {f"test_{name}" for name in names} == tests_of(KeyStoreTests)


@pytest.mark.parametrize(("name", "saboteur"), PAIRS)
def test_only_its_own_test_catches_the_saboteur(
    name: str, saboteur: type[ReferenceKeyStore], outcomes: Any
) -> None:
    class Kit(KeyStoreTests):
        secrets = (REFERENCE_KEY,)

        def make_key_store(self) -> KeyStore:
            return saboteur()

    results = outcomes(Kit)

    assert [test for test, why in results.items() if why] == [f"test_{name}"], results


def test_a_store_that_names_no_secrets_is_not_searched_for_them(outcomes: Any) -> None:
    class Kit(KeyStoreTests):
        def make_key_store(self) -> KeyStore:
            return ReferenceKeyStore()

    skipped = [test for test, why in outcomes(Kit).items() if why.startswith("skipped")]

    assert len(skipped) == 5
    assert all(test.startswith("test_shows_no_secret") for test in skipped)
