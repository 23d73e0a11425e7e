"""``arbx pools``: read pools from a chain, list the pools of a snapshot."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arbx.cli.common import err_console, host_for
from arbx.cli.online import RPC_HELP, SOURCE_HELP, observed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arbx.host import Host
    from arbx.model import PoolState

__all__ = ["app"]

app = typer.Typer(
    help="Read pools from a chain, list the pools of a snapshot.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def snapshot(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Write here; - is standard output.")],
    rpc: Annotated[str | None, typer.Option(metavar="URL", help=RPC_HELP)] = None,
    source: Annotated[list[str] | None, typer.Option(metavar="NAME", help=SOURCE_HELP)] = None,
    block: Annotated[
        int | None, typer.Option(min=0, help="Read the states at this block; default: the newest.")
    ] = None,
    skipped: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the pools that were left out, and why, here."),
    ] = None,
) -> None:
    """Write all pools of the sources, with their states at one block, as JSON lines."""
    from arbx.cli.skipped import write_skipped

    host = host_for(ctx, offline=False)
    seen = observed(ctx, host, rpc, source or (), block)
    _write(out, host, seen.states)
    if skipped is not None:
        write_skipped(seen.skipped, skipped)
    written, found = len(seen.states), sum(map(len, seen.pools.values()))
    err_console().print(
        f"{written} pools at block {seen.block.number} of chain {seen.chain_id}"
        + (f"; {found - written} more have no state" if found > written else "")
    )


@app.command("list")
def list_pools(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A snapshot, as `arbx pools snapshot` writes it.")],
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Report bad lines and go on.")
    ] = False,
) -> None:
    """Print the pools of a snapshot, one a line."""
    from arbx.cli.columns import columns
    from arbx.snapshot import read_snapshot

    found = read_snapshot(file, host_for(ctx, offline=True), skip_bad=skip_bad)
    rows = [("KIND", "DEX", "TOKENS", "ADDRESS")]
    for pool in (state.pool for state in found.states):
        tokens = " ".join(map(str, pool.tokens))
        rows.append((pool.kind, pool.dex or "-", tokens, pool.address))
    typer.echo(columns(rows))
    for kind, count in sorted(found.skipped.items()):
        typer.echo(f"{count} pools of kind {kind} are not listed: no plugin prices it", err=True)
    for complaint in found.bad:
        typer.echo(f"warning: {complaint}", err=True)


def _write(out: Path, host: "Host", states: "Iterable[PoolState]") -> None:
    import sys

    from arbx.snapshot import write_snapshot

    if str(out) == "-":
        write_snapshot(states, host, sys.stdout)
        return
    # beside it first: a snapshot that was cut short must not look like a whole one
    part = out.with_name(out.name + ".part")
    write_snapshot(states, host, part)
    part.replace(out)
