"""Share a long piece of sizing among processes that are forked with the curves in their memory."""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["MANY", "share"]

T = TypeVar("T")
R = TypeVar("R")
Work = Callable[[Sequence[T]], tuple[list[R], Counter[str]]]

# Below this many a fork costs more than it saves.
MANY = 4_000


def share(work: Work[T, R], items: Sequence[T], workers: int) -> tuple[list[R], Counter[str]]:
    """
    Return what *work* makes of each item, in order, and the failures that it counted.

    Every worker takes each so-many-th item, so that all have their part of the dear ones; this process is one
    of them. Where the system can't fork, or there is little to do, it does all.
    """
    if (
        workers < 2
        or len(items) < MANY
        or "fork" not in multiprocessing.get_all_start_methods()
        or multiprocessing.current_process().daemon
    ):
        return work(items)
    context = multiprocessing.get_context("fork")
    parts: list[list[R]] = []
    failures: Counter[str] = Counter()
    started = []
    for at in range(1, workers):
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(
            target=_answer, args=(work, items[at::workers], sender), daemon=True
        )
        child.start()
        sender.close()
        started.append((at, child, receiver))
    own, counted = work(items[::workers])
    parts.append(own)
    failures.update(counted)
    for at, child, receiver in started:
        try:
            part, counted = receiver.recv()
        except EOFError:  # the child died: its part is done here
            part, counted = work(items[at::workers])
        child.join()
        parts.append(part)
        failures.update(counted)
    done: list[R] = [parts[index % workers][index // workers] for index in range(len(items))]
    return done, failures


def _answer(work: Work[T, R], items: Sequence[T], sender: object) -> None:
    sender.send(work(items))  # type: ignore[attr-defined]  # the two ends of a pipe have no public type
