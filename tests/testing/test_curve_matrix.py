"""Every test of the kit against every saboteur: exactly the diagonal fails."""

from typing import Any, ClassVar

import pytest

from arbx.testing import CurveTests, promises
from arbx.testing.reference import ConstantProduct, ToothedProduct
from arbx.testing.saboteurs import CURVE_SABOTEURS

# Worked out by hand from n = floor(num*x/den), out = floor(n*R_out / (R_in + n)).
VECTORS = [
    ("coarse", 2 * 10**18, 3_987_498),
    ("coarse", 1000, 0),
    ("fine", 10**6, 498_437_751_559_683_988),
    ("fine", 1, 0),
]


def kit_of(curve: type[ToothedProduct]) -> type[CurveTests]:
    """Return the kit for two directions of a pool of 10**6 units of 18 and of 6 decimals."""

    class Kit(CurveTests):
        vectors: ClassVar[Any] = VECTORS
        reverts: ClassVar[Any] = [("coarse", 1 << 112), ("fine", (1 << 112) + 10)]
        quote_limit_s = 2e-4
        examples = 5

        def make_curves(self) -> Any:
            coarse = curve(10**24, 2 * 10**12)
            return {"coarse": coarse, "fine": curve(2 * 10**12, 10**24)}

    return Kit


PAIRS = [(name, curve) for name, curves in CURVE_SABOTEURS.items() for curve in curves]


class TestTheHonestToothedProduct(kit_of(ToothedProduct)):  # type: ignore[misc]  # made above
    examples = 60


class TestTheHonestConstantProduct(CurveTests):
    vectors: ClassVar[Any] = {10**18: 906_610_893_880_149_131}  # getAmountOut, 10e18/10e18, 0.3 %
    reverts: ClassVar[Any] = [1 << 112]

    def make_curve(self) -> ConstantProduct:
        return ConstantProduct(10 * 10**18, 10 * 10**18)


def test_every_promise_has_a_test_and_a_saboteur(tests_of: Any) -> None:
    names = {promise.__name__ for promise in promises.CURVE_PROMISES}

    assert names == set(CURVE_SABOTEURS)
    tests = {f"test_{name}" for name in names} | {"test_brings_exact_vectors"}
    assert tests == tests_of(CurveTests)


@pytest.mark.parametrize(("name", "curve"), PAIRS, ids=[curve.__name__ for _, curve in PAIRS])
def test_only_its_own_test_catches_the_saboteur(
    name: str, curve: type[ToothedProduct], outcomes: Any
) -> None:
    results = outcomes(kit_of(curve))

    assert {test: why for test, why in results.items() if why.startswith("skipped")} == {}
    assert [test for test, why in results.items() if why] == [f"test_{name}"], results


def test_nobody_passes_without_exact_vectors(outcomes: Any) -> None:
    class Kit(kit_of(ToothedProduct)):  # type: ignore[misc]  # made above
        vectors: ClassVar[Any] = {}

    results = outcomes(Kit)

    assert [test for test, why in results.items() if why] == ["test_brings_exact_vectors"]
    assert "exact vectors are required" in results["test_brings_exact_vectors"]
