"""Every test of a curve model against every saboteur: exactly the diagonal fails."""

from typing import Any

import pytest

from arbx.provider import CurveModel
from arbx.testing import CurveModelTests
from arbx.testing.promises.models import MODEL_PROMISES
from arbx.testing.reference import MODEL
from arbx.testing.saboteurs.models import MODEL_SABOTEURS

PAIRS = [
    pytest.param(promise, model, id=name)
    for promise, models in MODEL_SABOTEURS.items()
    for name, model in models.items()
]


class TestTheHonestModel(CurveModelTests):
    def make_model(self) -> CurveModel:
        return MODEL


def test_every_promise_has_a_test_and_a_saboteur(tests_of: Any) -> None:
    names = {promise.__name__ for promise in MODEL_PROMISES}

    assert names == set(MODEL_SABOTEURS)
    assert {f"test_{name}" for name in names} == tests_of(CurveModelTests)


@pytest.mark.parametrize(("name", "saboteur"), PAIRS)
def test_only_its_own_test_catches_the_saboteur(
    name: str, saboteur: CurveModel, outcomes: Any
) -> None:
    class Kit(CurveModelTests):
        def make_model(self) -> CurveModel:
            return saboteur

    results = outcomes(Kit)

    failed = [test for test, why in results.items() if why.startswith("failed")]
    assert failed == [f"test_{name}"], results
    # Without an example nothing can be damaged: that one saboteur leaves the others skipped.
    skipped = [test for test, why in results.items() if why.startswith("skipped")]
    assert bool(skipped) == (saboteur.example == {})
