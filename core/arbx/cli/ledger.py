"""``arbx ledger``: show, export and reconcile what was seen, sent and paid."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arbx.cli.common import err_console, settings
from arbx.cli.online import RPC_HELP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from typing import Any, TextIO

    from arbx.chain import Chain
    from arbx.ledger import Ledger, Reconciliation

__all__ = ["LEDGER_HELP", "SINCE_HELP", "app", "opened", "time_of"]

LEDGER_HELP = "A file, sqlite:///FILE, postgresql://…, or env:NAME; default: url in [ledger]."
SINCE_HELP = "Only what was recorded since: 2026-01-31, 2026-01-31T12:00, or 36h, 7d."
NOUN_HELP = "opportunities, skips, plans, simulations, intents, submissions or inclusions."

app = typer.Typer(
    help="Show, export and reconcile what was seen, sent and paid.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

LedgerOption = Annotated[str | None, typer.Option("--ledger", metavar="URL", help=LEDGER_HELP)]
SinceOption = Annotated[str | None, typer.Option(metavar="TIME", help=SINCE_HELP)]


class Format(StrEnum):
    """Name the formats of an export."""

    jsonl = "jsonl"
    csv = "csv"


@app.command()
def show(
    ctx: typer.Context,
    noun: Annotated[str, typer.Argument(help=NOUN_HELP)] = "intents",
    ledger: LedgerOption = None,
    last: Annotated[int, typer.Option(min=1, help="Show only the newest N.")] = 20,
) -> None:
    """Print the newest rows of one noun."""
    from arbx.cli.columns import columns
    from arbx.ledger.export import columns_of, newest

    with opened(ctx, ledger) as book:
        rows = newest(book, noun, last)
    names = [name for name in columns_of(noun) if name != "cycle"]
    shown = [["-" if row[name] is None else str(row[name]) for name in names] for row in rows]
    typer.echo(columns([[name.upper() for name in names], *shown]))


@app.command()
def export(
    ctx: typer.Context,
    noun: Annotated[str, typer.Argument(help=NOUN_HELP)],
    ledger: LedgerOption = None,
    form: Annotated[Format, typer.Option("--format", help="jsonl or csv.")] = Format.jsonl,
    out: Annotated[Path, typer.Option(metavar="FILE", help="- is standard output.")] = Path("-"),
    since: SinceOption = None,
) -> None:
    """Write all rows of one noun; signed bytes are never among them."""
    from arbx.ledger.export import rows_of

    start = time_of(since)
    with opened(ctx, ledger) as book, _output(out) as file:
        count = _write(rows_of(book, noun, start), noun, form, file)
    err_console().print(f"{count} {noun} written")


@app.command()
def reconcile(
    ctx: typer.Context,
    ledger: LedgerOption = None,
    rpc: Annotated[str | None, typer.Option(metavar="URL", help=RPC_HELP)] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send open transactions without last block again.")
    ] = False,
) -> None:
    """Hold the ledger against the chain, and exit with 1 where they disagree."""
    import asyncio

    with opened(ctx, ledger) as book:
        disagreements = asyncio.run(_reconciled(ctx, book, rpc, send=send))
    for disagreement in disagreements:
        typer.echo(f"disagreement: {disagreement}", err=True)
    if disagreements:
        raise typer.Exit(1)


def opened(ctx: typer.Context, url: str | None) -> "Ledger":
    """Open the ledger that is meant; raise LedgerError where there is none."""
    from arbx.ledger import Ledger
    from arbx.secret import resolve

    return Ledger(resolve(url) if url else settings(ctx).ledger.url.reveal(), create=False)


def time_of(text: str | None) -> "datetime | None":
    """Return the time that is meant: an ISO date or time (UTC unless it says so), or so long ago."""
    import re
    from datetime import UTC, datetime, timedelta

    from arbx.errors import ConfigError

    if text is None:
        return None
    ago = re.fullmatch(r"(\d{1,5})([hd])", text)
    if ago:
        unit = timedelta(hours=1) if ago[2] == "h" else timedelta(days=1)
        return datetime.now(UTC) - int(ago[1]) * unit
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"--since {text}: is no time; write 2026-01-31, 2026-01-31T12:00, 36h or 7d"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _reconciled(
    ctx: typer.Context, book: "Ledger", rpc: str | None, *, send: bool
) -> tuple[str, ...]:
    from arbx.cli.online import chain_for
    from arbx.ledger import reconcile as reconcile_ledger
    from arbx.ledger.audit import audit

    async with chain_for(settings(ctx), rpc) as chain:
        done = await reconcile_ledger(book, chain)
        _print(done)
        if send:
            await _send(chain, done)
        said = [await audit(book, chain, signer) for signer in book.signers(chain.chain_id)]
    return tuple(sentence for sentences in said for sentence in sentences)


def _print(done: "Reconciliation") -> None:
    for change in done.changes:
        again = " (reorganised)" if change.reorged else ""
        intent = change.intent
        typer.echo(
            f"nonce {intent.nonce} {intent.tx_hash}: {intent.state} → {change.state}{again}"
        )
    typer.echo(
        f"block {done.head.number}: {len(done.changes)} changed, {len(done.open)} still open"
    )


async def _send(chain: "Chain", done: "Reconciliation") -> None:
    for intent in done.open:
        # What was only ever in bundles must not become public.
        if intent.last_block is None and intent.sendable:
            await chain.send(intent.raw)
            typer.echo(f"nonce {intent.nonce} {intent.tx_hash}: sent again")


def _output(out: Path) -> "AbstractContextManager[TextIO]":
    import sys
    from contextlib import nullcontext

    from arbx.errors import ConfigError

    if str(out) == "-":
        return nullcontext(sys.stdout)
    try:
        return out.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"--out {out}: {error.strerror}; name another file") from None


def _write(rows: "Iterator[dict[str, Any]]", noun: str, form: Format, file: "TextIO") -> int:
    from arbx.ledger.export import write_csv, write_jsonl

    return write_csv(rows, noun, file) if form is Format.csv else write_jsonl(rows, file)
