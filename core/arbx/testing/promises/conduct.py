"""Promises about a curve as a Python object: a pure, frozen value that answers plain integers."""

import pickle
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from arbx.kernel.types import Invertible, Piecewise, Provable
from arbx.testing.case import Case, paid, quotes

__all__ = [
    "answers_int",
    "is_fast_enough",
    "is_immutable",
    "is_picklable",
    "is_pure",
    "is_thread_safe",
]

_THREADS = 4
_TIMED = 48


def answers_int(case: Case, amounts: Sequence[int]) -> None:
    """Promise to answer ``int``: not mpz (json and ABI coders refuse it), not bool, not float."""
    answers: list[tuple[str, object]] = [("max_in", case.curve.max_in)]
    for amount, out in quotes(case.curve, amounts):
        answers.append((f"amount_out({amount})", out))
        if isinstance(case.curve, Invertible):
            answers.append((f"least_in({out})", case.curve.least_in(out)))
    for what, answer in answers:
        if type(answer) is not int:
            raise case.broken(f"{what} is {type(answer).__name__}, not int")


def is_pure(case: Case, amounts: Sequence[int]) -> None:
    """Promise the same answers again, in another order, and after other questions."""
    first = quotes(case.curve, amounts)
    _ask_everything(case, [amount for amount, _ in first[::8]])
    backwards = [(amount, paid(case.curve, amount)) for amount, _ in reversed(first)]
    again = quotes(case.curve, amounts)
    for answers in (backwards[::-1], again):
        for (amount, expected), (_, answer) in zip(first, answers, strict=True):
            if answer != expected:
                raise case.broken(f"pays {expected} for {amount}, asked again {answer}")


def is_picklable(case: Case, amounts: Sequence[int]) -> None:
    """Promise that a pickled copy answers the same: backtests send curves to processes."""
    try:
        copy = pickle.loads(pickle.dumps(case.curve))  # our own bytes
    except Exception as error:
        raise case.broken(f"can't be pickled: {type(error).__name__}: {error}") from error
    if quotes(copy, amounts) != quotes(case.curve, amounts):
        raise case.broken("answers differently after pickle")


def is_thread_safe(case: Case, amounts: Sequence[int]) -> None:
    """Promise four threads at once the answers that one thread gets."""
    expected = quotes(case.curve, amounts)
    wrong: list[str] = []
    barrier = threading.Barrier(_THREADS)

    def ask(turn: int) -> None:
        start = turn * len(expected) // _THREADS
        barrier.wait(timeout=10)
        for amount, out in expected[start:] + expected[:start]:
            answer = paid(case.curve, amount)
            if answer != out:
                wrong.append(f"pays {out} for {amount}, in another thread {answer}")
                return

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(_THREADS)]
    with _hasty_switching():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if wrong:
        raise case.broken(wrong[0])


def is_immutable(case: Case, amounts: Sequence[int]) -> None:
    """Promise that no public attribute can be set: a curve is a snapshot."""
    names = {name for name in dir(case.curve) if not name.startswith("_")}
    for name in sorted(names):
        value = getattr(case.curve, name)
        if callable(value):
            continue
        try:
            setattr(case.curve, name, value)
        except (AttributeError, TypeError):
            continue
        raise case.broken(f"{name} can be set; make it a property or freeze the class")


def is_fast_enough(case: Case, amounts: Sequence[int]) -> None:
    """Promise that the median quote takes less than the stated limit."""
    asked = [amount for amount, _ in quotes(case.curve, amounts)]  # the curve prepares itself here
    taken = []
    for amount in asked[:: max(1, len(asked) // _TIMED)]:
        start = time.perf_counter()
        case.curve.amount_out(amount)
        taken.append(time.perf_counter() - start)
    median = statistics.median(taken) if taken else 0.0
    if median > case.quote_limit_s:
        raise case.broken(
            f"a quote takes {median * 1e6:.0f} µs, limit {case.quote_limit_s * 1e6:.0f} µs"
        )


def _ask_everything(case: Case, amounts: Sequence[int]) -> None:
    curve: object = case.curve
    for amount in amounts:
        if isinstance(curve, Provable):
            curve.line(amount)
        if isinstance(curve, Invertible):
            curve.least_in(paid(case.curve, amount) or 0)
    if isinstance(curve, Piecewise):
        len(curve.pieces())


@contextmanager
def _hasty_switching() -> Iterator[None]:
    # A short switch interval makes a race between threads likely instead of rare.
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
