"""Find the cycles that pay."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from arbx.cli.columns import columns
from arbx.cli.common import err_console, host_for, settings
from arbx.cli.online import RPC_HELP, SOURCE_HELP, observed
from arbx.errors import ConfigError

if TYPE_CHECKING:
    from arbx.host import Host
    from arbx.market import Market
    from arbx.market.closing import Progress
    from arbx.market.tokens import TokenIndex
    from arbx.model import Opportunity, Token
    from arbx.snapshot import Snapshot

__all__ = ["find"]

# Failed pools that are named; all are counted.
_FAILURES = 10
_HEAD = ("PROFIT", "INPUT", "GAP", "ROUTE", "KINDS")


def find(
    ctx: typer.Context,
    pools: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Read pools from this snapshot (.jsonl, .gz or -)."),
    ] = None,
    rpc: Annotated[
        str | None,
        typer.Option(metavar="URL", help=RPC_HELP),
    ] = None,
    source: Annotated[list[str] | None, typer.Option(metavar="NAME", help=SOURCE_HELP)] = None,
    base: Annotated[
        list[str] | None,
        typer.Option(metavar="TOKEN", help="Start and end here: a symbol or an address; repeat."),
    ] = None,
    max_length: Annotated[
        int | None, typer.Option(min=2, max=4, help="The most hops in a cycle; 3 by default.")
    ] = None,
    min_profit: Annotated[
        list[str] | None,
        typer.Option(metavar="AMOUNT", help="Smallest units, or tokens: 0.001WETH; repeat."),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Show only the best, of each base token.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Search until each profit is proven the greatest.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Write JSON lines, best first, and nothing else.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out lines that can't be used; count them.")
    ] = False,
) -> None:
    """
    Find the cycles that pay, size each to its exact optimum, and prove it.

    Opportunities are grouped by base token, in the order given, best first. Profits are before gas. Nothing is
    traded.
    """
    from arbx.market import Market
    from arbx.market.tokens import TokenIndex

    if pools is not None and (rpc is not None or source):
        raise ConfigError("--pools reads a file: leave --rpc and --source out, or --pools")
    if pools is None and rpc is None and not settings(ctx).chain.rpc:
        raise ConfigError("say where the pools are: --pools FILE or --rpc URL")
    chosen = settings(ctx).search
    host = host_for(ctx, offline=pools is not None)
    snapshot = (
        _recorded(pools, host, skip_bad)
        if pools is not None
        else _observed(ctx, host, rpc, source or ())
    )
    index = TokenIndex(snapshot.states)
    bases = _bases(index, base or chosen.base_tokens)
    market = Market(
        host,
        [token.address for token in bases],
        max_length or chosen.max_length,
        min_profit=_least_profits(min_profit or [], bases),
        exact=exact,
        workers=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
    )
    with _progress() as progress:
        found = market.update(snapshot.states, top=top, progress=progress)
    _show(found, as_json=json)
    _sum_up(market, snapshot, len(found))


def _recorded(path: str, host: "Host", skip_bad: bool) -> "Snapshot":
    from arbx.snapshot import read_snapshot

    return read_snapshot(path, host, skip_bad=skip_bad)


def _observed(
    ctx: typer.Context, host: "Host", rpc: str | None, sources: Sequence[str]
) -> "Snapshot":
    """Read the states of the sources' pools at the newest block."""
    from arbx.snapshot import Snapshot

    return Snapshot(observed(ctx, host, rpc, sources).states, Counter())


def _bases(index: "TokenIndex", texts: Sequence[str]) -> "list[Token]":
    if not texts:
        raise ConfigError(
            "no base token: give --base WETH, or base_tokens under [search] in arbx.toml"
        )
    return [index.find(text, "--base") for text in texts]


def _least_profits(texts: Sequence[str], bases: "Sequence[Token]") -> dict[str, int]:
    """Return the least profit by base token: tokens where a symbol is given, else units of each."""
    from arbx.market.tokens import amount_of, split_amount

    least = {token.address: 1 for token in bases}
    for text in texts:
        _, symbol = split_amount(text, "--min-profit")
        meant = [token for token in bases if symbol in (None, token.symbol, token.address)]
        if not meant:
            raise ConfigError(f"--min-profit {text}: no base token has the symbol {symbol}")
        for token in meant:
            least[token.address] = max(amount_of(text, token, "--min-profit"), 1)
    return least


@contextmanager
def _progress() -> "Iterator[Progress | None]":
    """Show a bar on standard error while cycles are enumerated, when a human is watching."""
    shown_on = err_console()
    if not shown_on.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    shown = (TextColumn("closing cycles"), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, console=shown_on, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(found: "Sequence[Opportunity]", *, as_json: bool) -> None:
    if as_json:
        import json

        for opportunity in found:
            typer.echo(json.dumps(opportunity.as_json(), separators=(",", ":")))
    elif found:
        # lines of their own length: they can be searched, and there may be some ten thousand
        typer.echo(columns([_HEAD, *map(_row, found)], right={0, 1, 2}))


def _row(opportunity: "Opportunity") -> tuple[str, ...]:
    from arbx.market.tokens import in_tokens

    token, best = opportunity.cycle.token, opportunity.optimum
    amounts = (in_tokens(amount, token) for amount in (best.profit, best.amount_in))
    return (*amounts, _gap(best.gap), *_way(opportunity))


def _way(opportunity: "Opportunity") -> tuple[str, str]:
    from arbx.market.tokens import printable

    hops = opportunity.cycle.hops
    tokens = [opportunity.cycle.token, *(hop.pool.tokens[hop.token_out] for hop in hops)]
    kinds = Counter(hop.pool.kind for hop in hops)
    return " → ".join(printable(str(token)) for token in tokens), ", ".join(
        f"{kind} ×{count}" if count > 1 else kind for kind, count in kinds.items()
    )


def _gap(gap: int | None) -> str:
    return "unproven" if gap is None else f"{gap}" if gap else "0, proven"


def _sum_up(market: "Market", snapshot: "Snapshot", shown: int) -> None:
    """Say on standard error what was looked at, and what was not and why."""
    counts = market.counts
    skipped = snapshot.skipped + market.skipped
    for message in (*snapshot.bad, *market.failures[:_FAILURES]):
        typer.echo(f"skipped: {message}", err=True)
    if len(market.failures) > _FAILURES:
        typer.echo(f"skipped: … and {len(market.failures) - _FAILURES} more that failed", err=True)
    parts = [f"{counts.pools:,} pools"]
    parts += [f"{n:,} skipped ({kind})" for kind, n in sorted(skipped.items())]
    parts += [f"{len(snapshot.bad):,} bad lines skipped"] if snapshot.bad else []
    parts += [
        f"{counts.cycles:,} cycles",
        f"{counts.screened:,} screened",
        f"{counts.sized:,} sized",
        f"{counts.found:,} found",
    ]
    parts += [f"{shown:,} shown"] if shown != counts.found else []
    typer.echo(", ".join(parts), err=True)
