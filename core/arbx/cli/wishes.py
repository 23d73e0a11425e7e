"""Understand how a command line names what to build: a section of the configuration, or a provider with settings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from arbx.errors import ConfigError

if TYPE_CHECKING:
    from arbx.config import Use

__all__ = ["wished"]


def wished(
    sections: "Mapping[str, Use]", wish: str, what: str
) -> tuple[str, str, Mapping[str, Any]]:
    """
    Return the name, the provider and its settings of one wish; *what* names it in errors.

    >>> wished({}, "keyfile:path=main.json,password=env:WORD", "key store")[1:]
    ('keyfile', {'path': 'main.json', 'password': 'env:WORD'})
    """
    name, colon, text = wish.partition(":")
    if not colon and name in sections:
        section = sections[name]
        return name, section.use, section.settings
    values: dict[str, Any] = {}
    for pair in filter(None, text.split(",")):
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise ConfigError(
                f"{what} {name}: {key!r} is not key=value; write {name}:key=value,key=value"
            )
        # A key that is given twice is a list: pools=0x…,pools=0x…
        values[key] = value if key not in values else [*_list(values[key]), value]
    return wish, name, values


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
