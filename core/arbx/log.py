"""Log events, not prose, to standard error; keys, signed bytes and URLs with tokens never."""

import re
import sys
from collections.abc import MutableMapping
from typing import Any

from arbx.secret import redacted_url

__all__ = ["configure", "get_logger", "hide_secrets"]

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_URL = re.compile(r"\b(?:https?|wss?)://[^\s'\"<>]+")
_SECRET_KEY = re.compile(
    r"(?:private_?key|secret|password|passphrase|mnemonic|token_url|raw_tx|signed)"
)


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def get_logger() -> Any:
    """Return the logger; an embedder's own structlog configuration applies where there is one."""
    import structlog

    return structlog.get_logger("arbx")


def hide_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """
    Hide what may be a secret in an event.

    >>> hide_secrets(None, "", {"event": "block_observed", "url": "https://rpc.example/v3/abc"})
    {'event': 'block_observed', 'url': 'https://rpc.example/…'}
    """
    return {key: _shown(key, value) for key, value in event.items()}


def _shown(key: str, value: Any) -> Any:
    if _SECRET_KEY.search(key.lower()):
        return "[hidden]"
    if isinstance(value, str) and "://" in value:
        return _URL.sub(lambda url: redacted_url(url[0]), value)
    return value
