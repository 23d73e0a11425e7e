"""Hold the global options and apply them; free of typer, so that listing plugins stays fast."""

import os
from pathlib import Path
from typing import NamedTuple

from arbx.plugins.selection import Selection, select
from arbx.toml import config_path, plugins_named

__all__ = ["Options", "chosen_by"]


class Options(NamedTuple):
    """Hold the global options, which may stand anywhere on the command line."""

    plugins: tuple[str, ...] = ()
    config: Path | None = None
    debug: bool = False
    log_format: str | None = None


def chosen_by(options: Options, *, default: tuple[str, ...]) -> Selection:
    """Return which plugins the options, ARBX_PLUGINS, the configuration or the default select."""
    path = config_path(options.config)
    return select(
        options=options.plugins,
        environment=os.environ.get("ARBX_PLUGINS", ""),
        configured=plugins_named(path) if path else None,
        default=default,
    )
