"""Take what a hook yields, check each offer, and refuse what can't be used."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from arbx.errors import PluginError
from arbx.hookspecs import HOOKS
from arbx.provider import CurveModel, Provider

__all__ = ["consume", "key_of"]

# An endless generator would fill the memory of the process before its time is up.
_MOST_OFFERS = 1_000


def consume(plugin: str, hook: str, function: Callable[[], Any]) -> tuple[Any, ...]:
    """Call the hook and return its offers, each checked; a generator that raises late raises here."""
    offers = []
    for offer in _iterable(plugin, hook, function()):
        _check(plugin, hook, offer)
        offers.append(offer)
        if len(offers) > _MOST_OFFERS:
            raise PluginError(plugin, hook, f"yields more than {_MOST_OFFERS} offers")
    return tuple(offers)


def key_of(offer: CurveModel | Provider[Any]) -> str:
    """Return what must be unique: a curve model's kind, a provider's name."""
    return offer.kind if isinstance(offer, CurveModel) else offer.name


def _iterable(plugin: str, hook: str, answer: Any) -> Iterator[Any]:
    wanted = HOOKS[hook].__name__
    cure = f"write `yield arbx.{wanted}(…)` in it"
    if inspect.iscoroutine(answer):
        answer.close()
    if answer is None or not isinstance(answer, Iterable) or isinstance(answer, (str, bytes)):
        raise PluginError(plugin, hook, f"returned {_a(answer)}, not a generator of offers", cure)
    return iter(answer)


def _check(plugin: str, hook: str, offer: Any) -> None:
    wanted: type[Any] = HOOKS[hook]
    if not isinstance(offer, wanted):
        why = f"yielded {_a(offer)}, not a {wanted.__name__}"
        raise PluginError(plugin, hook, why, f"yield arbx.{wanted.__name__}(…)")
    names, functions = _parts(offer)
    for field, value in names.items():
        if not isinstance(value, str) or not value:
            why = f"a {wanted.__name__} has {field}={value!r}"
            raise PluginError(plugin, hook, why, f"{field} is a text of at least one letter")
    for field, value in functions.items():
        if not callable(value):
            why = f"{wanted.__name__} {key_of(offer)!r} has {field}={value!r}"
            raise PluginError(plugin, hook, why, f"{field} is a function")


def _parts(offer: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    if isinstance(offer, CurveModel):
        functions = {"parse": offer.parse, "curve": offer.curve, "dump": offer.dump}
        return {"kind": offer.kind}, functions
    return {"name": offer.name}, {"build": offer.build}


def _a(value: Any) -> str:
    if value is None:
        return "None"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"
