"""Log events, not prose, to standard error; keys, signed bytes and URLs with tokens never."""

import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import attrs

from arbx.secret import redacted_url

__all__ = ["configure", "get_logger", "hide_secrets"]

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_HIDDEN = "[hidden]"
_URL = re.compile(r"\b(?:https?|wss?)://[^\s'\"<>]+")
_SECRET_KEY = re.compile(
    r"private_?key|auth_?key|api_?key|secret|password|passphrase|mnemonic|token_url|signed|(?:^|_)raw(?:_|$)"
)
# A signed transaction is longer than any hash (32 bytes) or signature (65).
_LONG_HEX = re.compile(r"\b(?:0x)?[0-9a-fA-F]{132,}\b")
_LONG_BYTES = 65
# Nothing that is worth logging is nested deeper; what contains itself is.
_MOST_DEEP = 8


def configure(fmt: str = "console", level: str = "info") -> None:
    """Send events to standard error; standard output is for results."""
    import structlog

    renderer = (
        structlog.processors.JSONRenderer()
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        # what standard error is then: whoever redirects it for a while leaves no closed file behind
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def get_logger() -> Any:
    """Return the logger; an embedder's own structlog configuration applies where there is one."""
    import structlog

    return structlog.get_logger("arbx")


def hide_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """
    Hide what may be a secret in an event, in whatever it is nested: by its name, as the rest of a URL, by its length.

    >>> hide_secrets(None, "", {"event": "block_observed", "url": "https://rpc.example/v3/abc"})
    {'event': 'block_observed', 'url': 'https://rpc.example/…'}
    """
    return {key: _shown(key, value) for key, value in event.items()}


def _shown(key: str, value: Any, depth: int = 0) -> Any:
    """Return a value without its secrets, wherever in it they are; an object without any as it is."""
    if _SECRET_KEY.search(key.lower()):
        return _HIDDEN
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return _shown_text(value)
    if isinstance(value, (bytes, bytearray)):
        return value if len(value) <= _LONG_BYTES else f"<{len(value)} bytes>"
    return _shown_inside(key, value, depth + 1) if depth < _MOST_DEEP else "…"


def _shown_inside(key: str, value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {one: _shown(str(one), inner, depth) for one, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        # what stands in a list is what the list is called
        inside = [_shown(key, inner, depth) for inner in value]
        return inside if isinstance(value, list) else tuple(inside)
    return _shown_object(value, depth)


def _shown_text(value: str) -> str:
    if "://" in value:
        value = _URL.sub(lambda url: redacted_url(url[0]), value)
    return _LONG_HEX.sub(lambda digits: f"<{len(digits[0]) // 2} bytes>", value)


def _shown_object(value: Any, depth: int) -> Any:
    fields = _fields(value)
    shown = {name: _shown(name, inner, depth) for name, inner in fields.items()}
    if any(shown[name] != inner for name, inner in fields.items()):
        inside = ", ".join(f"{name}={inner}" for name, inner in shown.items())
        return f"{type(value).__name__}({inside})"
    try:
        text = repr(value)  # renderers print this: of an error, say
    except Exception:  # noqa: BLE001  # a plugin's object may fail to say what it is
        return f"<{type(value).__name__} that can't be shown>"
    safe = _shown_text(text)
    return value if safe == text else safe


def _fields(value: Any) -> dict[str, Any]:
    """Return what an attrs object or a pydantic model shows of itself."""
    kind = type(value)
    if attrs.has(kind):
        named = [(field.name, field.repr) for field in attrs.fields(kind)]
    else:
        model = getattr(kind, "model_fields", {})
        named = [(name, field.repr) for name, field in model.items()]
    inner = {name: getattr(value, name, None) for name, how in named if how}
    return {name: how(inner[name]) if callable(how) else inner[name] for name, how in named if how}
