"""Describe what one loaded plugin offers: kinds with their capabilities, providers with their settings."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from arbx.errors import ArbxError
from arbx.host import Host
from arbx.kernel.types import Ceiled, Invertible, Piecewise, Provable, Toothed
from arbx.plugins.boundary import blame
from arbx.plugins.loading import Plugin
from arbx.provider import CurveModel, Provider

__all__ = ["capabilities", "describe_plugin"]

# Looked up on the class: asking an instance would run its properties.
_CAPABILITIES = {
    "exact inverse": Invertible,
    "proof": Provable,
    "closed form": Piecewise,
    "ceiling": Ceiled,
    "fee steps": Toothed,
}


def describe_plugin(host: Host, plugin: Plugin) -> dict[str, Any]:
    """Return what the plugin offers, as plain data."""
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "curves": [_curve(host, model) for model in plugin.offers.get("arbx_curves", ())],
        **{
            hook.removeprefix("arbx_"): [_provider(plugin.name, offer) for offer in offers]
            for hook, offers in plugin.offers.items()
            if hook != "arbx_curves"
        },
    }


def capabilities(curve: Any) -> list[str]:
    """Return what a curve brings beyond ``amount_out``."""
    return [
        word
        for word, protocol in _CAPABILITIES.items()
        if all(hasattr(type(curve), name) for name in _members(protocol))
    ]


def _members(protocol: type[Any]) -> list[str]:
    return [name for name in vars(protocol) if not name.startswith("_")]


def _curve(host: Host, model: CurveModel) -> dict[str, Any]:
    if not model.example:
        return {"kind": model.kind, "capabilities": None, "problem": "it has no example record"}
    try:
        curve = host.curve({**model.example, "kind": model.kind})
    except ArbxError as error:
        return {"kind": model.kind, "capabilities": None, "problem": str(error)}
    return {"kind": model.kind, "capabilities": capabilities(curve), "problem": None}


def _provider(plugin: str, provider: Provider[Any]) -> dict[str, Any]:
    with blame(plugin, f"settings of {provider.name!r}"):
        settings = list(_settings(provider))
    return {"name": provider.name, "summary": provider.summary, "settings": settings}


def _settings(provider: Provider[Any]) -> Iterator[dict[str, Any]]:
    fields: dict[str, Any] = getattr(provider.settings, "model_fields", {})
    for name, field in fields.items():
        required = field.is_required()
        yield {
            "name": name,
            "type": _type_name(field.annotation),
            "required": required,
            "default": None if required else repr(field.get_default(call_default_factory=True)),
            "description": field.description or "",
        }


def _type_name(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type_name(arguments[0])  # validators are no words for people
    if origin is Literal:
        return " | ".join(map(repr, arguments))
    names = ["..." if argument is ... else _type_name(argument) for argument in arguments]
    if origin in (Union, UnionType):
        return " | ".join(names)
    name = getattr(origin or annotation, "__name__", str(annotation)).replace("NoneType", "None")
    return f"{name}[{', '.join(names)}]" if names else name
