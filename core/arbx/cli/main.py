"""Run the command line, and turn every error into one line and an exit code."""

import os
import sys
from collections.abc import Sequence

from arbx.cli.arguments import options_of, split
from arbx.cli.choice import Options
from arbx.errors import ArbxError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, 1 (found wanting), 2 (bad input) or 130 (Ctrl-C)."""
    front, rest = split(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in front
    try:
        return _run(front, rest)
    except ArbxError as error:
        _complain(f"error: {error}", *getattr(error, "__notes__", ()))
        if debug:
            raise
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:
        if debug:
            raise
        _complain(
            f"error: {type(error).__name__}: {error}; this is a bug in arbx, "
            "run again with --debug for the traceback"
        )
        return 1


def _run(front: list[str], rest: list[str]) -> int:
    if rest[:2] == ["plugins", "list"] and set(rest[2:]) <= {"--json"}:
        # A shell that completes names asks often; typer alone would take half of the time allowed.
        options = options_of(front)
        if options is not None:
            return _list(options, as_json="--json" in rest)
    from arbx.cli.app import app

    try:
        app([*front, *rest], prog_name="arbx")
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            return _reader_gone()
        sys.stdout.flush()
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _list(options: Options, *, as_json: bool) -> int:
    from arbx.cli.listing import print_plugins

    print_plugins(options, as_json=as_json)
    sys.stdout.flush()
    return 0


def _complain(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _reader_gone() -> int:
    # `arbx find | head` is no error. What is left in the buffer has nowhere to go.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141
