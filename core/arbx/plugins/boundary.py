"""Blame each failure on one plugin, by name and place, and stop asking one that keeps failing."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import TypeVar

from arbx.errors import ArbxError, PluginError

__all__ = ["FailureCounter", "answer_of", "blame", "blamed", "describe"]

T = TypeVar("T")

# What stops the program, or the task, from outside is nobody's failure.
_FROM_OUTSIDE = (KeyboardInterrupt, GeneratorExit, asyncio.CancelledError)


class blame:  # noqa: N801  # reads as a statement: with blame("xyz", "states"):
    """
    Turn what a plugin raises into a PluginError that names the plugin and the place.

    Errors of arbx's own (InvalidState, WouldRevert, …) are a plugin's lawful answers and pass, and so does what
    comes from outside: Ctrl-C and a cancelled task. SystemExit is a failure like any other.

    >>> with blame("xyz", "states"):
    ...     {}["reserve0"]
    Traceback (most recent call last):
    arbx.api.PluginError: xyz failed in states: KeyError: 'reserve0'
    """

    __slots__ = ("_cure", "_plugin", "_where")

    def __init__(self, plugin: str, where: str, cure: str = "") -> None:
        self._plugin, self._where, self._cure = plugin, where, cure

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, (ArbxError, *_FROM_OUTSIDE)):
            return
        raise blamed(self._plugin, self._where, error, self._cure) from error


def blamed(plugin: str, where: str, error: BaseException, cure: str = "") -> PluginError:
    """Return the PluginError for what *plugin* raised."""
    return PluginError(plugin, where, describe(error), cure)


def describe(error: BaseException) -> str:
    r"""
    Return an error's class and the first 300 characters of what it says, on one line.

    >>> describe(ValueError("no such\n   pool"))
    'ValueError: no such pool'
    """
    try:
        says = " ".join(str(error).split())
    except Exception as failure:  # noqa: BLE001  # a plugin's exception may fail to say what it is
        says = f"(and its message can't be read: {type(failure).__name__})"
    says = says if len(says) <= 300 else f"{says[:299]}…"
    return f"{type(error).__name__}: {says}" if says else type(error).__name__


async def answer_of(plugin: str, where: str, call: Awaitable[T], *, timeout_s: float) -> T:
    """Await a plugin's answer inside the boundary, for so long and no longer."""
    with blame(plugin, where):
        try:
            async with asyncio.timeout(timeout_s) as limit:
                return await call
        except TimeoutError as error:
            if limit.expired():
                raise PluginError(plugin, where, f"no answer within {timeout_s:g} s") from error
            raise


class FailureCounter:
    """
    Count each plugin's failures in a row and quarantine it at the limit, until it is released.

    >>> failures = FailureCounter(limit=2)
    >>> failures.failed("xyz"), failures.failed("xyz"), failures.failed("xyz")
    (False, True, False)
    >>> failures.quarantined
    frozenset({'xyz'})
    """

    def __init__(self, limit: int = 3) -> None:
        if limit < 1:
            raise ValueError(f"limit is {limit}, below 1")
        self._limit = limit
        self._in_a_row: dict[str, int] = {}

    def failed(self, plugin: str) -> bool:
        """Count one failure; tell whether it is the one that puts the plugin into quarantine."""
        count = self._in_a_row.get(plugin, 0) + 1
        self._in_a_row[plugin] = count
        return count == self._limit

    def succeeded(self, plugin: str) -> None:
        """Start counting anew, unless the plugin is in quarantine: only release() ends that."""
        if plugin not in self.quarantined:
            self._in_a_row.pop(plugin, None)

    def release(self, plugin: str) -> None:
        """Let the plugin be asked again."""
        self._in_a_row.pop(plugin, None)

    @property
    def quarantined(self) -> frozenset[str]:
        """Return the plugins that are not to be asked any more."""
        return frozenset(name for name, n in self._in_a_row.items() if n >= self._limit)
