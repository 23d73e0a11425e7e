"""Let hypothesis look for an amount at which a promise breaks."""

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arbx.kernel.types import Curve
from arbx.testing.case import Case
from arbx.testing.promises import CurvePromise
from arbx.testing.samples import breakpoints

__all__ = ["amount_lists", "search"]


def search(promise: CurvePromise, case: Case, examples: int) -> None:
    """Try the promise with *examples* lists of amounts; always the same ones (derandomised)."""
    if case.curve.max_in < 1:
        return

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(amount_lists(case.curve))
    def keep(amounts: Sequence[int]) -> None:
        promise(case, amounts)

    keep()


def amount_lists(curve: Curve) -> st.SearchStrategy[list[int]]:
    """Return rising lists of amounts: of any magnitude, near a break, near max_in, and followers."""
    max_in = int(curve.max_in)
    points = [point for point in breakpoints(curve) if point <= max_in]
    kinds = [_of_any_magnitude(max_in), st.integers(max(1, max_in - 1000), max_in)]
    if points:
        near = st.tuples(st.sampled_from(points), st.integers(-3, 1000))
        kinds.append(near.map(lambda pair: min(max(1, sum(pair)), max_in)))
    amount = st.one_of(kinds)
    return st.lists(amount, min_size=1, max_size=10).map(
        lambda amounts: sorted({a + d for a in amounts for d in (0, 1) if a + d <= max_in})
    )


def _of_any_magnitude(max_in: int) -> st.SearchStrategy[int]:
    bits = st.integers(0, max_in.bit_length() - 1)
    return bits.flatmap(lambda k: st.integers(1 << k, min((2 << k) - 1, max_in)))
