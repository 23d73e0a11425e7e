"""Decide which plugins are imported: only those that a human, or arbx itself, has named."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from arbx.errors import ConfigError
from arbx.plugins.first_party import FIRST_PARTY

if TYPE_CHECKING:
    from arbx.plugins.metadata import Found  # reading metadata takes long to import

__all__ = ["Selection", "defaults", "not_installed", "pick", "select"]


class Selection(NamedTuple):
    """Hold the names to import and those among them that a human gave."""

    names: tuple[str, ...]
    explicit: frozenset[str]


def select(
    *,
    options: Sequence[str] = (),
    environment: str = "",
    configured: Sequence[str] | None = None,
    default: Sequence[str] = (),
) -> Selection:
    """
    Apply ``-p`` options over ARBX_PLUGINS over the configuration over the default.

    In each layer plain names replace what the layers below selected, and ``no:name`` removes.

    >>> select(options=["no:curve"], default=["uniswap-v2", "curve"]).names
    ('uniswap-v2',)
    """
    names, explicit = list(dict.fromkeys(default)), set[str]()
    split = [part.strip() for part in environment.split(",") if part.strip()]
    for layer in (configured or (), split, options):
        removed = {entry[3:] for entry in layer if entry.startswith("no:")}
        added = [entry for entry in layer if not entry.startswith("no:")]
        if added:
            names, explicit = list(dict.fromkeys(added)), set(added)
        names = [name for name in names if name not in removed]
    return Selection(tuple(names), frozenset(explicit) & frozenset(names))


def defaults(found: Iterable["Found"]) -> tuple[str, ...]:
    """Return the names of the first-party plugins that are installed."""
    return tuple(plugin.name for plugin in found if plugin.first_party)


def pick(name: str, found: Sequence["Found"]) -> tuple["Found", tuple["Found", ...]]:
    """
    Return the plugin of that name, and the others that claim it.

    arbx's own distribution wins its own name, so that a stranger can't stand in for it. Between strangers
    nobody wins.
    """
    claims = [plugin for plugin in found if plugin.name == name]
    if not claims:
        raise not_installed(name, found)
    if len(claims) > 1 and not claims[0].first_party:
        both = " and ".join(plugin.distribution for plugin in claims)
        raise ConfigError(f"plugin {name!r} is offered by {both}; uninstall all but one of them")
    return claims[0], tuple(claims[1:])


def not_installed(name: str, found: Iterable["Found"]) -> ConfigError:
    """Return the error for a name that no installed distribution offers, with its cure."""
    found = tuple(found)
    message = f"plugin {name!r} is not installed"
    by_distribution = [plugin.name for plugin in found if plugin.distribution == name]
    close = by_distribution or get_close_matches(name, {plugin.name for plugin in found})
    if name in FIRST_PARTY:
        return ConfigError(f"{message}; try: pip install {FIRST_PARTY[name].distribution}")
    if close:
        return ConfigError(f"{message}; did you mean {' or '.join(map(repr, close))}?")
    told = name if name.startswith("arbx-") else f"arbx-dex-{name}"
    return ConfigError(f"{message}; try: pip install {told}")
