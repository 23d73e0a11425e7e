"""The answers of a pool, looked up by question, and what is made of them."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from arbx import Call
from arbx_dex_curve.ramp import Clock

__all__ = ["UINT", "Answers", "Plan", "Reading", "Table", "Unreadable"]

UINT = ("uint256",)

Answers = Sequence[tuple[Any, ...] | None]


class Unreadable(Exception):  # internal: it ends as the reason in the source's skipped
    """Say why a pool's answers make no state."""


class Table:
    """Look answers up by contract, signature and arguments."""

    def __init__(self, calls: Sequence[Call], answers: Answers) -> None:
        self._found = {
            (call.target, call.signature, call.args): answer
            for call, answer in zip(calls, answers, strict=True)
        }

    def maybe(self, target: str, signature: str, *args: Any) -> Any:
        """Return the first value of an answer, or None."""
        answer = self._found[target, signature, args]
        return None if answer is None else answer[0]

    def one(self, target: str, signature: str, *args: Any) -> Any:
        """Return the first value of an answer that must be there."""
        value = self.maybe(target, signature, *args)
        if value is None:
            raise Unreadable(f"{target} does not answer {signature}, as its generation does")
        return value

    def first(self, target: str, *keys: tuple[str, tuple[Any, ...]]) -> Any:
        """Return the first answer among alternatives: generations name the same thing differently."""
        values = (self.maybe(target, signature, *args) for signature, args in keys)
        found = next((value for value in values if value is not None), None)
        return self.one(target, keys[0][0], *keys[0][1]) if found is None else found


@attrs.frozen
class Reading:
    """A record's state, and whether more than the pool's own events changes it (see arbx.PoolState.fleeting)."""

    state: dict[str, Any]
    fleeting: bool = False


@attrs.frozen
class Plan:
    """The calls that bring the full state of one pool, and what makes it from their answers."""

    calls: tuple[Call, ...]
    build: Callable[[Table, Clock | None], Reading] = attrs.field(repr=False)

    def read(self, answers: Answers, clock: Clock | None) -> Reading:
        """Return what the answers say, or raise Unreadable; without a *clock* nothing that ramps can be read."""
        return self.build(Table(self.calls, answers), clock)
