"""Load the named plugins one by one, and keep their offers apart by name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from arbx.errors import ConfigError, PluginError
from arbx.hookspecs import HOOKS
from arbx.plugins.loading import Plugin, load
from arbx.plugins.metadata import Found, installed
from arbx.plugins.offers import key_of
from arbx.plugins.selection import defaults, pick

__all__ = ["LOAD_TIMEOUT_S", "LoadedAll", "Registry", "load_all"]


LOAD_TIMEOUT_S = 5.0


class LoadedAll(NamedTuple):
    """Hold what became of the plugins that were asked for."""

    plugins: tuple[Plugin, ...]
    failures: tuple[PluginError, ...]
    warnings: tuple[str, ...]


class Registry:
    """Collect plugins whose offers have different names; a plugin joins as a whole or not at all."""

    def __init__(self) -> None:
        self.plugins: list[Plugin] = []
        self.offers: dict[str, dict[str, Any]] = {hook: {} for hook in HOOKS}
        self.owners: dict[tuple[str, str], str] = {}

    def add(self, plugin: Plugin) -> None:
        """Add a plugin with all of its offers; raise the PluginError that names both claimants."""
        new = {
            (hook, key_of(offer)): offer
            for hook, offers in plugin.offers.items()
            for offer in offers
        }
        for hook, key in new:
            owner = self.owners.get((hook, key))
            if owner is not None:
                why = f"it offers {key!r}, and so does {owner}"
                cure = f"select one of them: -p no:{plugin.name} or -p no:{owner}"
                raise PluginError(plugin.name, hook, why, cure)
        for (hook, key), offer in new.items():
            self.offers[hook][key] = offer
            self.owners[hook, key] = plugin.name
        self.plugins.append(plugin)


def load_all(
    names: Sequence[str] | None,
    found: Sequence[Found] | None = None,
    *,
    timeout_s: float = LOAD_TIMEOUT_S,
) -> LoadedAll:
    """Import the plugins of these names; what fails is a failure in the answer, not an exception."""
    from arbx import __version__

    found = installed() if found is None else found
    chosen = _chosen(names, found)
    registry, failures, warnings = Registry(), list[PluginError](), list[str]()
    for plugin, others in chosen:
        warnings += [_shadowed(plugin, other) for other in others]
        try:
            loaded = load(plugin, arbx_version=__version__, timeout_s=timeout_s)
            registry.add(loaded)
        except PluginError as error:
            failures.append(error)
            continue
        if loaded.printed:
            warnings.append(_printed(loaded))
    return LoadedAll(tuple(registry.plugins), tuple(failures), tuple(warnings))


def _chosen(
    names: Sequence[str] | None, found: Sequence[Found]
) -> list[tuple[Found, tuple[Found, ...]]]:
    if names is None:
        names = defaults(found)
        if not names:
            raise ConfigError('no first-party plugin is installed; try: pip install "arbx[all]"')
    picked = [pick(name, found) for name in dict.fromkeys(names)]
    # arbx's own come first, so that a stranger who claims a kind of theirs is the one refused.
    return sorted(picked, key=lambda pair: not pair[0].first_party)


def _shadowed(plugin: Found, other: Found) -> str:
    return (
        f"plugin {plugin.name!r} is also offered by {other.distribution}, which was not imported; "
        f"uninstall it or have its author rename it"
    )


def _printed(plugin: Plugin) -> str:
    first = plugin.printed.splitlines()[0][:120]
    return f"plugin {plugin.name!r} printed while it was loaded: {first!r}; hooks may not print"
