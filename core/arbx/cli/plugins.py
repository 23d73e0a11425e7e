"""List, describe, check and start plugins."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from arbx.cli.columns import columns
from arbx.cli.common import options, settings
from arbx.errors import PluginError

__all__ = ["app"]

app = typer.Typer(help="List, describe, check and start plugins.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A name that `arbx plugins list` shows.")
]


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False) -> None:
    """List the installed plugins from their metadata, importing none."""
    from arbx.cli.listing import print_plugins

    print_plugins(options(ctx), as_json=as_json)


@app.command()
def info(ctx: typer.Context, name: Name, as_json: Json = False) -> None:
    """Import one plugin and show its offers, settings and what its curves can do."""
    from arbx.host import Host
    from arbx.plugins.describing import describe_plugin

    host = Host.load([name], strict=True, load_timeout_s=settings(ctx).load_timeout_s)
    for warning in host.warnings:
        typer.echo(f"warning: {warning}", err=True)
    description = describe_plugin(host, host.plugins[0])
    typer.echo(json.dumps(description, indent=2) if as_json else _described(description))


@app.command()
def check(
    name: Name,
    timeout_s: Annotated[
        float,
        typer.Option("--timeout", min=1, metavar="SECONDS", help="End the check after this."),
    ] = 300.0,
    as_json: Json = False,
) -> None:
    """Run the conformance kit on one plugin, in a child process; exit 1 if it fails."""
    from arbx.plugins.checking import check_in_child
    from arbx.plugins.metadata import installed
    from arbx.plugins.selection import pick
    from arbx.testing.report import CheckReport

    pick(name, installed())
    try:
        answer = check_in_child(name, timeout_s=timeout_s)
    except PluginError as error:
        answer = {"error": str(error)}
    if "error" in answer:
        typer.echo(f"error: {answer['error']}", err=True)
        raise typer.Exit(1)
    report = answer["report"]
    typer.echo(json.dumps(report, indent=2) if as_json else CheckReport.from_json(report))
    raise typer.Exit(0 if report["passed"] else 1)


@app.command()
def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="dex, relay, alert or keystore.")],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Lower-case words joined by hyphens.")
    ],
    directory: Annotated[
        Path, typer.Option(metavar="PATH", help="Write the project's folder in this one.")
    ] = Path(),
) -> None:
    """Write a complete plugin project whose tests pass."""
    from arbx.plugins.scaffold import write_project

    project = write_project(kind, name, directory)
    typer.echo(f"wrote {project}; next:")
    typer.echo(f'  cd {project}\n  pip install -e . "arbx[testing]"\n  pytest')
    typer.echo(f"  arbx plugins check {name}")


def _described(plugin: dict[str, Any]) -> str:
    lines = [f"{plugin['name']}  ({plugin['distribution']} {plugin['version']})"]
    for curve in plugin["curves"]:
        able = curve["problem"] or ", ".join(curve["capabilities"]) or "amounts only"
        lines.append(f"  curve {curve['kind']}: {able}")
    for hook in ("pool_sources", "keystores", "relays", "alert_sinks"):
        for offer in plugin.get(hook, ()):
            word = hook.removesuffix("s").replace("_", " ")
            lines.append(f"  {word} {offer['name']}: {offer['summary']}".rstrip(": "))
            lines += [f"    {line}" for line in _settings_lines(offer["settings"])]
    return "\n".join(lines)


def _settings_lines(entries: list[dict[str, Any]]) -> list[str]:
    rows = [
        (e["name"], e["type"], "required" if e["required"] else e["default"], e["description"])
        for e in entries
    ]
    return columns(rows).splitlines() if rows else []
