"""Every test of a pool source against every saboteur: exactly the diagonal fails."""

from typing import Any

import pytest

from arbx.errors import StaleState
from arbx.testing import FakeChain, PoolSourceTests, Recording
from arbx.testing.promises.sources import SOURCE_PROMISES
from arbx.testing.reference import MODEL
from arbx.testing.reference_source import (
    FEE_CHANGED,
    ReferenceSource,
    make_chain,
    make_recordings,
)
from arbx.testing.saboteurs.sources import SOURCE_SABOTEURS

PAIRS = [(name, source) for name, sources in SOURCE_SABOTEURS.items() for source in sources]


def kit_of(source: type[ReferenceSource]) -> type[PoolSourceTests]:
    class Kit(PoolSourceTests):
        def make_source(self) -> ReferenceSource:
            return source()

        def make_chain(self) -> FakeChain:
            return make_chain()

        def make_models(self) -> Any:
            return [MODEL]

        def make_recordings(self) -> list[Recording]:
            return make_recordings()

    return Kit


class TestTheHonestSource(kit_of(ReferenceSource)):  # type: ignore[misc]  # made above
    pass


def test_every_promise_has_a_test_and_a_saboteur(tests_of: Any) -> None:
    names = {promise.__name__ for promise in SOURCE_PROMISES}

    assert names == set(SOURCE_SABOTEURS)
    assert {f"test_{name}" for name in names} == tests_of(PoolSourceTests)


@pytest.mark.parametrize(("name", "source"), PAIRS, ids=[source.__name__ for _, source in PAIRS])
def test_only_its_own_test_catches_the_saboteur(
    name: str, source: type[ReferenceSource], outcomes: Any
) -> None:
    results = outcomes(kit_of(source))

    assert [test for test, why in results.items() if why] == [f"test_{name}"], results


class AsksForAnotherRead(ReferenceSource):
    """Follow reserves only; a change of the fee calls for a read."""

    def apply(self, state: Any, log: Any) -> Any:
        if log.topics[0] == FEE_CHANGED:
            raise StaleState("FeeChanged does not tell the reserves")
        return super().apply(state, log)


def test_an_event_may_call_the_state_stale(outcomes: Any) -> None:
    results = outcomes(kit_of(AsksForAnotherRead))

    assert {test: why for test, why in results.items() if why} == {}
