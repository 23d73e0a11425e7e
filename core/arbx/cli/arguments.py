"""Let the global options stand anywhere on the command line, not only before the command."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from arbx.cli.choice import Options

__all__ = ["options_of", "split"]

_WITH_VALUE = ("-p", "--plugin", "--config", "--log-format")
_FLAGS = ("--debug",)


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """
    Return the global options and the other words; what follows ``--`` stays where it is.

    >>> split(["find", "--base", "WETH", "-p", "no:curve", "--debug"])
    (['-p', 'no:curve', '--debug'], ['find', '--base', 'WETH'])
    """
    front, rest = list[str](), list[str]()
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _WITH_VALUE:
            value = next(words, None)
            if value is None:
                return [word], []  # typer then says what is missing
            front += [word, value]
        elif word in _FLAGS or _joined(word):
            front.append(word)
        else:
            rest.append(word)
    return front, rest


def options_of(front: Sequence[str]) -> Options | None:
    """Return the global options without the help of typer, or None where typer must complain."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("-p", "--plugin", action="append", default=[])
    parser.add_argument("--config", type=Path)
    parser.add_argument("--debug", action="store_true")
    try:
        told, unknown = parser.parse_known_args(list(front))
    except (Exception, SystemExit):  # noqa: BLE001  # argparse has several ways to refuse
        return None
    return None if unknown else Options(tuple(told.plugin), told.config, told.debug)


def _joined(word: str) -> bool:
    # --plugin=name, --config=path, -pname; but --pools, which starts with two hyphens, is not -p.
    return word.partition("=")[0] in _WITH_VALUE or (word[:2] == "-p" and len(word) > 2)
