"""Build what a provider offers from validated settings, inside the boundary."""

import inspect
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from arbx.errors import ConfigError, PluginError
from arbx.plugins.boundary import blame
from arbx.provider import Context, Provider

__all__ = ["build"]

T = TypeVar("T")


def build(
    plugin: str,
    provider: Provider[Any],
    settings: Mapping[str, Any],
    context: Context,
    protocol: type[T],
) -> T:
    """Return what the provider builds; ConfigError for its settings, PluginError for its failures."""
    validated = _validated(plugin, provider, settings, context)
    where = f"build of {provider.name!r}"
    with blame(plugin, where):
        arguments = (validated, context) if _wants_context(provider.build) else (validated,)
        built: Any = provider.build(*arguments)
    # Looked up without asking: before Python 3.12 isinstance() would run a key store's `address`.
    lacks = sorted(name for name in _members(protocol) if not _has(built, name))
    if lacks:
        why = f"built a {type(built).__name__}, not a {protocol.__name__}"
        raise PluginError(plugin, where, why, f"it lacks {', '.join(lacks)}")
    return cast(T, built)


def _validated(
    plugin: str, provider: Provider[Any], settings: Mapping[str, Any], context: Context
) -> Any:
    if provider.settings is None:
        return settings
    from pydantic import ValidationError

    from arbx.validation import explain

    with blame(plugin, f"settings of {provider.name!r}"):
        try:
            return provider.settings.model_validate(dict(settings))
        except ValidationError as error:
            raise ConfigError(explain(error, f"settings of {context.name!r}")) from None


def _wants_context(function: Any) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    taken = [p for p in parameters if p.kind in positional]
    return len(taken) > 1 or any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)


def _has(built: Any, name: str) -> bool:
    return inspect.getattr_static(built, name, None) is not None


def _members(protocol: type[Any]) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_")}
