"""Assemble the command line from the command groups."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from arbx.cli import executor, keys, ledger, plugins, pools
from arbx.cli.choice import Options
from arbx.cli.demo import demo
from arbx.cli.doctor import doctor
from arbx.cli.find import find
from arbx.cli.init import init
from arbx.cli.quote import quote
from arbx.cli.report import report
from arbx.cli.run import run

__all__ = ["app"]

# Without rich markup `arbx --help` takes a third of the time.
app = typer.Typer(
    name="arbx",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="The options above may stand anywhere on the command line.",
)
app.command()(find)
app.command()(quote)
app.command()(demo)
app.command()(init)
app.command()(doctor)
app.command()(run)
app.command()(report)
app.add_typer(pools.app, name="pools")
app.add_typer(keys.app, name="keys")
app.add_typer(executor.app, name="executor")
app.add_typer(ledger.app, name="ledger")
app.add_typer(plugins.app, name="plugins")


class LogFormat(StrEnum):
    """Name the formats of the log on standard error."""

    console = "console"
    json = "json"


def _version(wanted: bool) -> None:
    if wanted:
        from arbx import __version__

        typer.echo(f"arbx {__version__}")
        raise typer.Exit


@app.callback()
def arbx(
    ctx: typer.Context,
    plugin: Annotated[
        list[str] | None,
        typer.Option(
            "-p", "--plugin", metavar="NAME", help="Select this plugin only; no:NAME deselects."
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Read this file instead of ./arbx.toml."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    log_format: Annotated[
        LogFormat | None, typer.Option(help="Log to standard error in this format.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Find, size, prove, simulate and execute on-chain arbitrage, with plugins."""
    named = tuple(plugin or ())
    ctx.obj = Options(named, config, debug, log_format.value if log_format else None)
