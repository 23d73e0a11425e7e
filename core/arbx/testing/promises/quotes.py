"""Promises about what a curve answers and what it refuses."""

from collections.abc import Sequence

from arbx.errors import CurveError, InsufficientLiquidity, InvalidAmount, WouldRevert
from arbx.kernel.types import Invertible, Provable
from arbx.testing.case import Case, NotBrought, paid, quotes

__all__ = [
    "accepts_max_in",
    "does_not_overflow_at_the_edges",
    "matches_recorded_vectors",
    "never_decreases",
    "pays_zero_for_zero",
    "rejects_more_than_max_in",
    "rejects_negative_amounts",
    "rejects_what_the_contract_rejects",
]


def pays_zero_for_zero(case: Case, amounts: Sequence[int]) -> None:
    """Promise that an input of 0 is answered 0, even where the contract reverts."""
    answer = case.curve.amount_out(0)
    if answer != 0:
        raise case.broken(f"pays {answer} for 0")


def never_decreases(case: Case, amounts: Sequence[int]) -> None:
    """Promise that more input never pays less."""
    best_in, best_out = 0, 0
    for amount, out in quotes(case.curve, amounts):
        if out < best_out - case.wobble_units:
            raise case.broken(f"pays {best_out} for {best_in} but only {out} for {amount}")
        if out > best_out:
            best_in, best_out = amount, out


def accepts_max_in(case: Case, amounts: Sequence[int]) -> None:
    """Promise to price every input up to and including max_in."""
    max_in = case.curve.max_in
    if max_in < 0:
        raise case.broken(f"max_in is {max_in}, below 0")
    for amount in [*amounts, max_in]:
        try:
            case.curve.amount_out(amount)
        except CurveError as error:
            raise case.broken(f"max_in is {max_in} but {amount} is refused: {error}") from error
        except Exception:  # noqa: BLE001  # does_not_overflow_at_the_edges judges it
            continue


def rejects_more_than_max_in(case: Case, amounts: Sequence[int]) -> None:
    """Promise InsufficientLiquidity above max_in; any WouldRevert where nothing is taken."""
    max_in = case.curve.max_in
    refusal = InsufficientLiquidity if max_in else WouldRevert
    for amount in (max_in + 1, max_in + 2, 2 * max_in + 3, max_in + (1 << 256)):
        try:
            answer = case.curve.amount_out(amount)
        except refusal:
            continue
        except Exception as error:
            raise case.broken(
                f"{amount} is above max_in: {type(error).__name__}, not {refusal.__name__}"
            ) from error
        raise case.broken(f"{amount} is above max_in = {max_in} but pays {answer}")


def rejects_negative_amounts(case: Case, amounts: Sequence[int]) -> None:
    """Promise InvalidAmount for a negative input."""
    for amount in (-1, -2, -(10**18), -(1 << 256)):
        try:
            answer = case.curve.amount_out(amount)
        except InvalidAmount:
            continue
        except Exception as error:
            raise case.broken(
                f"{amount} raises {type(error).__name__}, not InvalidAmount"
            ) from error
        raise case.broken(f"pays {answer} for {amount}")


def rejects_what_the_contract_rejects(case: Case, amounts: Sequence[int]) -> None:
    """Promise WouldRevert for what the contract rejects; 0 for an input that is too small."""
    if not case.reverts:
        raise NotBrought(f"{case.name}: no amounts given that the contract rejects")
    for amount in case.reverts:
        try:
            answer = case.curve.amount_out(amount)
        except WouldRevert:
            continue
        except Exception as error:
            raise case.broken(
                f"{amount} raises {type(error).__name__}, not WouldRevert"
            ) from error
        if answer != 0 or amount > case.curve.max_in:
            raise case.broken(f"the contract rejects {amount}, the curve pays {answer}")


def does_not_overflow_at_the_edges(case: Case, amounts: Sequence[int]) -> None:
    """Promise that every amount, however large, ends in an answer or a CurveError."""
    curve, max_in = case.curve, case.curve.max_in
    asks = [curve.amount_out]
    asks += [curve.least_in] if isinstance(curve, Invertible) else []
    lines = [curve.line] if isinstance(curve, Provable) else []
    edges = {max_in >> shift for shift in (0, 1, 8)} | {max(0, max_in - 1), 0}
    for amount in sorted({*amounts, *edges}):
        for ask in (*asks, *lines):
            try:
                ask(amount)
            except CurveError:
                continue
            except Exception as error:
                raise case.broken(
                    f"{ask.__name__}({amount}) raises {type(error).__name__}: {error}"
                ) from error


def matches_recorded_vectors(case: Case, amounts: Sequence[int]) -> None:
    """Promise every recorded answer of the real contract, to the unit."""
    if case.vectors is None:
        raise NotBrought(f"{case.name}: recorded answers belong to the plugin's own tests")
    for amount, expected in case.vectors:
        answer = paid(case.curve, amount)
        if answer != expected:
            raise case.broken(f"the contract pays {expected} for {amount}, the curve {answer}")
