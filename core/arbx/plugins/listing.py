"""List plugins from metadata only: what is installed, what is selected, what can't work."""

from collections.abc import Sequence
from typing import NamedTuple

from arbx.errors import ConfigError
from arbx.plugins.metadata import Found
from arbx.plugins.selection import not_installed, pick

__all__ = ["Row", "rows"]


class Row(NamedTuple):
    """Hold one line of ``arbx plugins list``; *reason* explains failed and incompatible."""

    name: str
    kind: str
    version: str
    distribution: str
    status: str
    api: str
    reason: str = ""


def rows(found: Sequence[Found], selected: Sequence[str], *, arbx_version: str) -> list[Row]:
    """Return a line for each installed plugin, and for each selected one that isn't installed."""
    installed = {plugin.name for plugin in found}
    missing = [
        Row(name, "?", "-", "-", "failed", "-", str(not_installed(name, found)))
        for name in selected
        if name not in installed
    ]
    return [_row(plugin, found, selected, arbx_version) for plugin in found] + missing


def _row(plugin: Found, found: Sequence[Found], selected: Sequence[str], arbx_version: str) -> Row:
    status, reason = _status(plugin, found, selected, arbx_version)
    api = "any" if plugin.requires is None else f"arbx{plugin.requires}"
    return Row(plugin.name, plugin.kind, plugin.version, plugin.distribution, status, api, reason)


def _status(
    plugin: Found, found: Sequence[Found], selected: Sequence[str], arbx_version: str
) -> tuple[str, str]:
    if plugin.problem:
        return "failed", plugin.problem
    incompatible = plugin.incompatible_with(arbx_version)
    if incompatible:
        return "incompatible", f"{plugin.distribution} {incompatible}"
    try:
        chosen, _ = pick(plugin.name, found)
    except ConfigError as error:
        return "failed", str(error)
    if chosen is not plugin:
        return "failed", f"{plugin.name!r} is the name of {chosen.distribution}"
    return ("selected" if plugin.name in selected else "available"), ""
