"""Read files of JSON lines, strictly, with errors that name file and line."""

import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from os import PathLike, fspath
from pathlib import Path
from typing import IO, Any, NoReturn

from arbx.errors import SnapshotError

__all__ = ["json_line", "numbered_lines", "shown"]

_GZIP = b"\x1f\x8b"


def numbered_lines(path: str | PathLike[str]) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number; the file is plain or gzip by its content, ``-`` is standard input."""
    name, number = shown(path), 0
    try:
        with (
            nullcontext(sys.stdin.buffer) if fspath(path) == "-" else Path(path).open("rb") as raw
        ):
            for number, line in enumerate(_plain(raw), 1):
                yield number, line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SnapshotError(
            f"{name}, after line {number}: the gzip data is damaged ({error}); fetch or pack it again"
        ) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SnapshotError(f"{name}: can't be read: {why}; check the path") from error


def json_line(line: bytes, place: str) -> dict[str, Any]:
    """Return the JSON object on a line; *place* starts the error when there is none."""
    try:
        value = json.loads(line.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise SnapshotError(f"{place}: is not UTF-8 text: {error.reason}") from error
    except json.JSONDecodeError as error:
        raise SnapshotError(
            f"{place}: is not JSON: {error.msg} at column {error.colno}"
        ) from error
    except (ValueError, RecursionError) as error:
        why = str(error).partition(";")[0]
        raise SnapshotError(f"{place}: is not usable JSON: {why}") from error
    if not isinstance(value, dict):
        raise SnapshotError(f"{place}: is {type(value).__name__}, not a JSON object")
    return value


def shown(path: str | PathLike[str]) -> str:
    """Return how errors call a file."""
    return "standard input" if fspath(path) == "-" else fspath(path)


def _plain(raw: IO[bytes]) -> IO[bytes]:
    # A buffered reader can look ahead without taking: standard input too.
    start = raw.peek(2)[:2] if hasattr(raw, "peek") else b""
    return gzip.GzipFile(fileobj=raw) if start == _GZIP else raw  # type: ignore[return-value]  # it reads lines


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
