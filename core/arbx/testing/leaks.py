"""Look for a secret wherever a program may show one: texts, pickles, errors with their local variables."""

import base64
import contextlib
import io
import logging
import pickle
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

__all__ = ["Overheard", "forms", "leak_in", "overhear", "pickled", "shown_by"]

# The kit's own frames hold the secrets that they look for.
_OWN = "arbx.testing.promises"


def forms(secret: bytes | str) -> tuple[str, ...]:
    r"""
    Return how a secret may be written: hex, decimal, base64, Python's own notation.

    >>> forms(b"\x01\xff" * 4)[:2]
    ('01ff01ff01ff01ff', '143835907860922879')
    """
    if isinstance(secret, str):
        return (secret, base64.b64encode(secret.encode()).decode())
    number = int.from_bytes(secret, "big")
    return (
        secret.hex(),
        str(number),
        base64.b64encode(secret).decode().rstrip("="),
        repr(secret)[2:-1],
        ", ".join(map(str, secret)),
    )


def leak_in(text: str, secrets: Sequence[bytes | str]) -> bool:
    """Tell whether the text shows one of the secrets, in whatever form."""
    lower = text.lower()
    return any(
        form in text or form.lower() in lower for secret in secrets for form in forms(secret)
    )


def pickled(thing: object) -> str:
    """Return the bytes of a pickle as a text, hex and plain; nothing where it can't be pickled."""
    try:
        raw = pickle.dumps(thing)
    except Exception:  # noqa: BLE001  # refusing is the best answer
        return ""
    return f"{raw.hex()} {raw.decode('latin-1')}"


def shown_by(error: BaseException) -> str:
    """Return all that a traceback with local variables could print, chained errors included."""
    return "\n".join(_texts(error, set()))


class Overheard:
    """Hold what was logged, printed, and passed to child processes."""

    def __init__(self) -> None:
        self._printed = io.StringIO()
        self._heard: list[str] = []
        self.commands: list[str] = []

    @property
    def text(self) -> str:
        """Return all that was logged and printed."""
        return "\n".join([self._printed.getvalue(), *self._heard])


@contextlib.contextmanager
def overhear() -> Iterator[Overheard]:
    """Listen to logging, structlog, standard output and error, and to what is started."""
    heard = Overheard()
    handler = _Listener(heard._heard)
    root, listening = logging.getLogger(), [True]
    before = root.level

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        # An audit hook can't be removed, only be told to stop listening.
        if listening and event in _STARTS:
            heard.commands.append(repr(arguments))

    sys.addaudithook(audit)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with (
            contextlib.redirect_stdout(heard._printed),
            contextlib.redirect_stderr(heard._printed),
            _structlog(heard._heard),
        ):
            yield heard
    finally:
        listening.clear()
        root.removeHandler(handler)
        root.setLevel(before)


_STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"}


class _Listener(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._heard_by = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard_by.append(f"{record.getMessage()} {record.args!r} {record.exc_text or ''}")


@contextlib.contextmanager
def _structlog(heard: list[str]) -> Iterator[None]:
    from structlog.testing import capture_logs

    with capture_logs() as events:
        yield
    heard.extend(map(repr, events))


def _texts(error: BaseException | None, seen: set[int]) -> Iterator[str]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield _shown(error)
    yield from (_shown(value) for value in (*error.args, *getattr(error, "__notes__", ())))
    traceback = error.__traceback__
    while traceback is not None:
        yield from _locals(traceback.tb_frame)
        traceback = traceback.tb_next
    for chained in (error.__cause__, error.__context__, *getattr(error, "exceptions", ())):
        yield from _texts(chained, seen)


def _locals(frame: FrameType) -> Iterator[str]:
    if str(frame.f_globals.get("__name__", "")).startswith(_OWN):
        return
    for name, value in frame.f_locals.items():
        yield f"{name} = {_shown(value)}"


def _shown(value: object) -> str:
    try:
        return f"{value!r} {value!s}"
    except Exception:  # noqa: BLE001  # what can't be printed shows nothing
        return ""
