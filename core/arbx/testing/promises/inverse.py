"""Promises about ``least_in``, the exact inverse of the floored function."""

from collections.abc import Iterator, Sequence

from arbx.errors import CurveError, InsufficientLiquidity, WouldRevert
from arbx.testing.case import Case, paid, quotes

__all__ = ["least_in_is_least", "least_in_refuses_what_the_pool_cannot_pay"]


def least_in_is_least(case: Case, amounts: Sequence[int]) -> None:
    """Promise that ``least_in(y)`` pays at least y and one unit less pays less than y."""
    curve = case.invertible()
    if curve.least_in(0) != 0:
        raise case.broken(f"least_in(0) is {curve.least_in(0)}")
    for wanted in sorted(set(_wanted(quotes(case.curve, amounts)))):
        try:
            least = curve.least_in(wanted)
        except CurveError as error:
            raise case.broken(f"can pay {wanted} but least_in refuses it: {error}") from error
        before, answer = paid(case.curve, least - 1), paid(case.curve, least)
        if answer is not None and answer < wanted:
            raise case.broken(f"least_in({wanted}) is {least}, which pays only {answer}")
        if least > 1 and before is not None and before >= wanted:
            raise case.broken(f"least_in({wanted}) is {least}, one unit less pays {before}")


def least_in_refuses_what_the_pool_cannot_pay(case: Case, amounts: Sequence[int]) -> None:
    """Promise that ``least_in`` of more than max_in pays raises InsufficientLiquidity."""
    curve = case.invertible()
    refusal = InsufficientLiquidity if case.curve.max_in else WouldRevert
    most = max((out for _, out in quotes(case.curve, [*amounts, case.curve.max_in])), default=0)
    for wanted in (most + case.wobble_units + 1, 2 * most + 2, most + (1 << 256)):
        try:
            least = curve.least_in(wanted)
        except refusal:
            continue
        except Exception as error:
            raise case.broken(
                f"least_in({wanted}) raises {type(error).__name__}, not {refusal.__name__}"
            ) from error
        raise case.broken(f"pays {most} at most but least_in({wanted}) answers {least}")


def _wanted(answers: list[tuple[int, int]]) -> Iterator[int]:
    most = answers[-1][1] if answers else 0
    for _, out in answers:
        for wanted in (1, out // 2 + 1, out - 1, out, out + 1):
            if 0 < wanted <= most:
                yield wanted
