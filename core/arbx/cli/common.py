"""Share what every command needs: the global options, the settings, the host, the consoles."""

from typing import TYPE_CHECKING

import typer

from arbx.cli.choice import Options, chosen_by
from arbx.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from arbx.config import Settings
    from arbx.host import Host
    from arbx.plugins.selection import Selection

__all__ = ["Options", "console", "err_console", "host_for", "options", "settings"]


def options(ctx: typer.Context) -> Options:
    """Return the global options."""
    return ctx.find_object(Options) or Options()


def settings(ctx: typer.Context) -> "Settings":
    """Return the parsed configuration; the defaults when there is no file."""
    from arbx.config import Settings, read_settings
    from arbx.toml import config_path

    path = config_path(options(ctx).config)
    return read_settings(path) if path else Settings()


def host_for(ctx: typer.Context, *, offline: bool) -> "Host":
    """
    Load the selected plugins, report each failure by name, and stop if one was asked for by name.

    Offline commands select the installed first-party plugins when nothing is configured; a command that goes
    online imports only what a human has named.
    """
    from arbx.host import Host
    from arbx.plugins.metadata import installed
    from arbx.plugins.registry import load_all
    from arbx.plugins.selection import defaults

    found = installed()
    chosen = chosen_by(options(ctx), default=defaults(found) if offline else ())
    if not chosen.names:
        raise ConfigError(_NOTHING_SELECTED)
    _start_log(ctx, offline=offline)
    loaded = load_all(chosen.names, found, timeout_s=settings(ctx).load_timeout_s)
    host = Host(loaded.plugins, failures=loaded.failures, warnings=loaded.warnings)
    _report(host, chosen)
    return host


def console() -> "Console":
    """Return the console on standard output, for results."""
    from rich.console import Console

    return Console(highlight=False)


def err_console() -> "Console":
    """Return the console on standard error, for progress, warnings and errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def _start_log(ctx: typer.Context, *, offline: bool) -> None:
    told = options(ctx).log_format
    if offline and told is None:
        return
    from arbx import log

    configured = settings(ctx).log
    log.configure(told or configured.format, configured.level)


_NOTHING_SELECTED = (
    'no plugin is selected; name them: plugins = ["uniswap-v2"] in arbx.toml, '
    "ARBX_PLUGINS=uniswap-v2, or -p uniswap-v2 (`arbx plugins list` shows what is installed)"
)


def _report(host: "Host", chosen: "Selection") -> None:
    for warning in host.warnings:
        typer.echo(f"warning: {warning}", err=True)
    fatal = not host.plugins
    for failure in host.failures:
        named = failure.plugin in chosen.explicit
        typer.echo(f"{'error' if named else 'warning'}: {failure}", err=True)
        fatal = fatal or named
    if fatal:
        raise typer.Exit(2)
