"""Read TOML files with errors that name file, line and cure; light enough for ``arbx plugins list``."""

import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from arbx.errors import ConfigError

__all__ = ["Document", "config_path", "plugins_named", "read_toml"]

_DEFAULT = "arbx.toml"


class Document(NamedTuple):
    """Hold a parsed TOML file together with its text, from which the line of a key can be found."""

    path: Path
    text: str
    data: dict[str, Any]

    def place(self, location: Sequence[int | str]) -> str:
        """Return the file, and the line where that is known, of a key or the table that it is in."""
        for length in range(len(location), 0, -1):
            line = _line_of(self.text, [str(part) for part in location[:length]])
            if line:
                return f"{self.path}, line {line}"
        return str(self.path)


def config_path(named: Path | None) -> Path | None:
    """Return the configuration file: ``--config``, else ARBX_CONFIG, else ./arbx.toml where it exists."""
    if named is not None:
        return named
    from_environment = os.environ.get("ARBX_CONFIG")
    if from_environment:
        return Path(from_environment)
    return Path(_DEFAULT) if Path(_DEFAULT).is_file() else None


def read_toml(path: Path) -> Document:
    """Return the parsed file; raise ConfigError that names file and line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such file; check --config or ARBX_CONFIG"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not a text in UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from None
    try:
        return Document(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from None


def plugins_named(path: Path) -> tuple[str, ...] | None:
    """Return the file's ``plugins`` list, or None where it has none; nothing else is looked at."""
    document = read_toml(path)
    names = document.data.get("plugins")
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        place = document.place(["plugins"])
        raise ConfigError(f'{place}: plugins is a list of names: plugins = ["uniswap-v2"]')
    return tuple(names)


def _line_of(text: str, path: Sequence[str]) -> int | None:
    # A few lines instead of a parser: good for tables and keys as people write them, else no line.
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?$", line)
        if header:
            table = _parts(header[1])
            if table == list(path):
                return number
            continue
        key = re.match(r"""\s*([\w.\-"' ]+?)\s*=""", line)
        if key and [*table, *_parts(key[1])] == list(path):
            return number
    return None


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
