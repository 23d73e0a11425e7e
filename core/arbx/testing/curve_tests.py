"""The conformance tests of a curve, to inherit from."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from arbx.kernel.types import Curve
from arbx.testing.case import Case, NotBrought, Slack
from arbx.testing.promises import CurvePromise, bounds, conduct, inverse, quotes, teeth
from arbx.testing.samples import sample_amounts
from arbx.testing.search import search

__all__ = ["CurveTests"]


class CurveTests:
    """
    Inherit this, return your curve, and give it answers of the real contract.

    ``make_curve`` returns one curve, or ``make_curves`` several by name (states, directions).
    *vectors* is ``{amount_in: amount_out}`` of the first curve, or a list of
    ``(name, amount_in, amount_out)``; *reverts* is a list of inputs that the contract rejects for
    the first curve, or of ``(name, amount_in)``. Say in a comment where the answers come from.
    """

    vectors: ClassVar[Mapping[int, int] | Sequence[tuple[str, int, int]]] = ()
    reverts: ClassVar[Sequence[int | tuple[str, int]]] = ()
    slack: ClassVar[Slack] = Slack()
    wobble_units: ClassVar[int] = 0
    quote_limit_s: ClassVar[float] = 1e-3
    examples: ClassVar[int] = 60

    def make_curve(self) -> Curve:
        """Return the curve under test."""
        raise NotImplementedError(
            f"{type(self).__name__} gives neither make_curve nor make_curves"
        )

    def make_curves(self) -> Mapping[str, Curve]:
        """Return the curves under test by name; one, unless overridden."""
        return {"curve": self.make_curve()}

    def cases(self) -> list[Case]:
        """Return one case a curve, each with its own recorded answers."""
        curves = self.make_curves()
        first = next(iter(curves))
        vectors, reverts = _vectors(self.vectors, first), _reverts(self.reverts, first)
        strangers = ({n for n, _, _ in vectors} | {n for n, _ in reverts}) - set(curves)
        assert not strangers, f"vectors or reverts name {sorted(strangers)}, not in make_curves()"
        return [
            Case(
                name,
                curve,
                vectors=tuple((given, out) for owner, given, out in vectors if owner == name),
                reverts=tuple(given for owner, given in reverts if owner == name),
                slack=self.slack,
                wobble_units=self.wobble_units,
                quote_limit_s=self.quote_limit_s,
            )
            for name, curve in curves.items()
        ]

    def keep(self, promise: CurvePromise, *, searched: bool = False) -> None:
        """Hold each curve to the promise; skip where none brings the capability."""
        missing, kept = [], 0
        for case in self.cases():
            try:
                promise(case, sample_amounts(case.curve))
                if searched:
                    search(promise, case, self.examples)
                kept += 1
            except NotBrought as why:
                missing.append(str(why))
        if not kept:
            pytest.skip("; ".join(missing))

    def test_brings_exact_vectors(self) -> None:
        assert len(self.vectors) > 0, "exact vectors are required: answers of the real contract"

    def test_matches_recorded_vectors(self) -> None:
        self.keep(quotes.matches_recorded_vectors)

    def test_pays_zero_for_zero(self) -> None:
        self.keep(quotes.pays_zero_for_zero)

    def test_never_decreases(self) -> None:
        self.keep(quotes.never_decreases, searched=True)

    def test_accepts_max_in(self) -> None:
        self.keep(quotes.accepts_max_in, searched=True)

    def test_rejects_more_than_max_in(self) -> None:
        self.keep(quotes.rejects_more_than_max_in)

    def test_rejects_negative_amounts(self) -> None:
        self.keep(quotes.rejects_negative_amounts)

    def test_rejects_what_the_contract_rejects(self) -> None:
        self.keep(quotes.rejects_what_the_contract_rejects)

    def test_does_not_overflow_at_the_edges(self) -> None:
        self.keep(quotes.does_not_overflow_at_the_edges)

    def test_never_pays_more_than_its_line(self) -> None:
        self.keep(bounds.never_pays_more_than_its_line, searched=True)

    def test_line_touches_near_its_point(self) -> None:
        self.keep(bounds.line_touches_near_its_point, searched=True)

    def test_line_slopes_never_rise(self) -> None:
        self.keep(bounds.line_slopes_never_rise)

    def test_never_pays_more_than_its_pieces(self) -> None:
        self.keep(bounds.never_pays_more_than_its_pieces, searched=True)

    def test_never_pays_more_than_taken_and_paid_allow(self) -> None:
        self.keep(bounds.never_pays_more_than_taken_and_paid_allow)

    def test_pieces_touch_the_curve(self) -> None:
        self.keep(bounds.pieces_touch_the_curve, searched=True)

    def test_pieces_follow_each_other_from_zero_with_falling_slopes(self) -> None:
        self.keep(bounds.pieces_follow_each_other_from_zero_with_falling_slopes)

    def test_pieces_reach_max_in(self) -> None:
        self.keep(bounds.pieces_reach_max_in)

    def test_never_pays_more_than_its_ceiling(self) -> None:
        self.keep(bounds.never_pays_more_than_its_ceiling, searched=True)

    def test_least_in_is_least(self) -> None:
        self.keep(inverse.least_in_is_least, searched=True)

    def test_least_in_refuses_what_the_pool_cannot_pay(self) -> None:
        self.keep(inverse.least_in_refuses_what_the_pool_cannot_pay)

    def test_teeth_are_honest(self) -> None:
        self.keep(teeth.teeth_are_honest, searched=True)

    def test_bounds_hold_where_teeth_lose(self) -> None:
        self.keep(teeth.bounds_hold_where_teeth_lose, searched=True)

    def test_answers_int(self) -> None:
        self.keep(conduct.answers_int)

    def test_is_pure(self) -> None:
        self.keep(conduct.is_pure)

    def test_is_picklable(self) -> None:
        self.keep(conduct.is_picklable)

    def test_is_thread_safe(self) -> None:
        self.keep(conduct.is_thread_safe)

    def test_is_immutable(self) -> None:
        self.keep(conduct.is_immutable)

    def test_is_fast_enough(self) -> None:
        self.keep(conduct.is_fast_enough)


def _vectors(
    given: Mapping[int, int] | Sequence[tuple[str, int, int]], first: str
) -> list[tuple[str, int, int]]:
    if isinstance(given, Mapping):
        return [(first, amount_in, amount_out) for amount_in, amount_out in given.items()]
    return list(given)


def _reverts(given: Sequence[int | tuple[str, int]], first: str) -> list[tuple[str, int]]:
    return [(first, entry) if isinstance(entry, int) else entry for entry in given]
