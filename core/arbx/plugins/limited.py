"""Run a plugin's start-up code with a time limit and with its prints caught."""

import io
import sys
import threading
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any, Generic, TypeVar

from arbx.errors import PluginError
from arbx.plugins.boundary import blamed

__all__ = ["run_limited"]

T = TypeVar("T")


class _Job(Generic[T]):
    """Hold what one piece of work gave: a value, or what it raised."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._value: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        # Ctrl-C reaches the main thread only, so whatever is raised here is the plugin's own doing.
        try:
            self._value.append(self._work())
        except BaseException as error:  # noqa: BLE001  # SystemExit too: a plugin may not end the program
            self._error = error

    def result(self, plugin: str, where: str) -> T:
        if isinstance(self._error, PluginError):
            raise self._error
        if self._error is not None:
            raise blamed(plugin, where, self._error, _cure(self._error)) from self._error
        return self._value[0]


def run_limited(
    plugin: str, where: str, work: Callable[[], T], *, timeout_s: float
) -> tuple[T, str]:
    """
    Run *work* in a daemon thread inside the boundary; return its value and what it printed.

    Standard output belongs to results (``--json``), so prints are caught. Python can't stop a thread: one that
    outlives its time is abandoned, and the error says so. ``os._exit`` and what is written past ``sys.stdout``
    can't be caught inside the process; ``arbx plugins check`` runs in a child process for that reason.
    """
    job = _Job(work)
    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    worker = threading.Thread(target=job.run, name=f"arbx-{plugin}-{where}", daemon=True)
    with redirect_stdout(printed):
        worker.start()
        worker.join(timeout_s)
    if worker.is_alive():
        raise PluginError(plugin, where, f"still running after {timeout_s:g} s, abandoned", _SLOW)
    return job.result(plugin, where), _text(printed)


_SLOW = "start-up code does no I/O; if the machine is only slow, raise load_timeout_s in arbx.toml"


def _text(printed: io.TextIOWrapper) -> str:
    raw: Any = printed.buffer
    return str(raw.getvalue().decode(errors="replace")).strip()


def _cure(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name.partition(".")[0]
        return f"is {missing!r} among its dependencies? Reinstall the plugin into {sys.prefix}"
    if isinstance(error, SystemExit):
        return "a plugin may not end the program; report it to its author"
    return ""
