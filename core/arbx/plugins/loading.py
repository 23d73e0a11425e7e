"""Import one plugin, register it with pluggy, and take its offers, all inside the boundary."""

import types
from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

import attrs
import pluggy

from arbx import hookspecs
from arbx.errors import PluginError
from arbx.plugins.limited import run_limited
from arbx.plugins.metadata import Found
from arbx.plugins.offers import consume, key_of

__all__ = ["Plugin", "load", "offers_of"]


def _read_only(offers: Mapping[str, tuple[Any, ...]]) -> Mapping[str, tuple[Any, ...]]:
    return types.MappingProxyType(dict(offers))


@attrs.frozen
class Plugin:
    """Hold one loaded plugin: who it is, what it offers by hook, and what it printed on the way."""

    name: str
    distribution: str = ""
    version: str = ""
    offers: Mapping[str, tuple[Any, ...]] = attrs.field(factory=dict, converter=_read_only)
    printed: str = ""


def load(found: Found, *, arbx_version: str, timeout_s: float) -> Plugin:
    """Import *found* and return it with its offers; raise the PluginError that says what is wrong."""
    if found.problem or found.entry_point is None:
        raise PluginError(found.name, "metadata", found.problem, _reinstall(found))
    why = found.incompatible_with(arbx_version)
    if why:
        raise PluginError(found.name, "metadata", f"{found.distribution} {why}", _upgrade(found))
    thing, printed = run_limited(found.name, "import", found.entry_point.load, timeout_s=timeout_s)
    offers, also_printed = offers_of(found.name, thing, timeout_s=timeout_s)
    both = "\n".join(filter(None, (printed, also_printed)))
    return Plugin(found.name, found.distribution, found.version, offers, both)


def offers_of(
    name: str, thing: Any, *, timeout_s: float
) -> tuple[dict[str, tuple[Any, ...]], str]:
    """Return what a module, or an object with hooks, offers by hook, and what its hooks printed."""
    manager, printed = run_limited(
        name, "registration", partial(_registered, name, thing), timeout_s=timeout_s
    )
    offers: dict[str, tuple[Any, ...]] = {}
    prints = [printed]
    for hook in hookspecs.HOOKS:
        for implementation in getattr(manager.hook, hook).get_hookimpls():
            work = partial(consume, name, hook, implementation.function)
            offers[hook], printed = run_limited(name, hook, work, timeout_s=timeout_s)
            prints.append(printed)
    _refuse_doubles(name, offers)
    return offers, "\n".join(filter(None, prints))


def _registered(name: str, thing: Any) -> pluggy.PluginManager:
    # A manager for each plugin: its mistakes are then its own, whatever the others do.
    manager = pluggy.PluginManager("arbx")
    manager.add_hookspecs(hookspecs)
    manager.register(thing, name)
    _refuse_misspelt(name, thing, manager)
    return manager


def _refuse_misspelt(name: str, thing: Any, manager: pluggy.PluginManager) -> None:
    marked = [caller.name for caller in manager.get_hookcallers(thing) or ()]
    try:
        manager.check_pending()
    except pluggy.PluginValidationError:
        unknown = next(hook for hook in marked if hook not in hookspecs.HOOKS)
        close = get_close_matches(unknown, hookspecs.HOOKS, n=1, cutoff=0.0)
        why = f"there is no hook {unknown!r}"
        raise PluginError(name, "registration", why, f"did you mean {close[0]!r}?") from None
    if marked:
        return
    bare = [hook for hook in hookspecs.HOOKS if callable(getattr(thing, hook, None))]
    if bare:
        why, cure = f"{bare[0]} is not marked", "write @arbx.hookimpl above it"
    else:
        why, cure = "it has no hooks", f"a plugin has at least one of {', '.join(hookspecs.HOOKS)}"
    raise PluginError(name, "registration", why, cure)


def _refuse_doubles(name: str, offers: Mapping[str, tuple[Any, ...]]) -> None:
    for hook, given in offers.items():
        keys = [key_of(offer) for offer in given]
        double = next((key for key in keys if keys.count(key) > 1), None)
        if double is not None:
            raise PluginError(name, hook, f"offers {double!r} twice", "give each its own name")


def _reinstall(found: Found) -> str:
    return f"try: pip install --force-reinstall {found.distribution}"


def _upgrade(found: Found) -> str:
    return f"try: pip install --upgrade {found.distribution}"
