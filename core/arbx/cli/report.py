"""``arbx report``: profit, inclusion rate and latency, by relay and by exchange."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arbx.cli.ledger import LEDGER_HELP, SINCE_HELP, opened, time_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arbx.ledger.report import Report

__all__ = ["report"]


class Format(StrEnum):
    """Name the formats of the report."""

    table = "table"
    csv = "csv"


def report(
    ctx: typer.Context,
    ledger: Annotated[
        str | None, typer.Option("--ledger", metavar="URL", help=LEDGER_HELP)
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help=SINCE_HELP)] = None,
    form: Annotated[Format, typer.Option("--format", help="table or csv.")] = Format.table,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the profit over time: .svg or .png.")
    ] = None,
) -> None:
    """Sum up a ledger: profit and its difference to the plans, inclusion rate, latency, skips."""
    from arbx.ledger.report import report as sum_up

    start = time_of(since)
    if plot is not None:
        _check_plot(plot)
    with opened(ctx, ledger) as book:
        found = sum_up(book, start)
    tables: dict[str, list[tuple[str, ...]]] = {
        "token": _tokens(found),
        "relay": _relays(found),
        "exchange": _exchanges(found),
        "skip": [("reason", "count"), *((reason, str(count)) for reason, count in found.skips)],
    }
    typer.echo(_csv(tables) if form is Format.csv else _tables(tables))
    if plot is not None:
        _draw(plot, found)


def _tokens(found: "Report") -> "list[tuple[str, ...]]":
    names = ("open", "included", "reverted", "missed", "dead", "withheld", "unexplained")
    sums = (
        "expected_profit",
        "realised_profit",
        "moved_state",
        "gas",
        "builder_payment",
        "failed",
    )
    return [
        ("token", *names, "inclusion_rate", *sums),
        *(
            (
                line.token,
                *(str(getattr(line, name)) for name in names),
                _rate(line.inclusion_rate),
                *(str(getattr(line, name)) for name in sums),
            )
            for line in found.tokens
        ),
    ]


def _relays(found: "Report") -> "list[tuple[str, ...]]":
    names = ("accepted", "rejected", "unknown", "cancelled")
    return [
        ("relay", *names, "intents", "included", "p50_ms", "p90_ms", "p99_ms"),
        *(
            (
                line.relay,
                *(str(getattr(line, name)) for name in names),
                str(len(line.intents)),
                str(len(line.included)),
                *(_ms(line.latency_us(percent)) for percent in (50, 90, 99)),
            )
            for line in found.relays
        ),
    ]


def _exchanges(found: "Report") -> "list[tuple[str, ...]]":
    return [
        ("exchange", "opportunities", "intents", "included", "realised_profit"),
        *(
            (
                line.exchange,
                str(line.opportunities),
                str(line.intents),
                str(line.included),
                " ".join(f"{profit}:{token}" for token, profit in sorted(line.profits.items())),
            )
            for line in found.exchanges
        ),
    ]


def _rate(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f}%"


def _ms(latency_us: int | None) -> str:
    return "-" if latency_us is None else f"{latency_us / 1000:.1f}"


def _tables(tables: "dict[str, list[tuple[str, ...]]]") -> str:
    from arbx.cli.columns import columns

    blocks = []
    for name, (head, *rows) in tables.items():
        body = columns([tuple(map(str.upper, head)), *rows]) if rows else f"no {name} yet"
        blocks.append(body)
    return "\n\n".join(blocks)


def _csv(tables: "dict[str, list[tuple[str, ...]]]") -> str:
    """Return one line for each number: group, name, measure, value."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("group", "name", "measure", "value"))
    for group, (head, *rows) in tables.items():
        for row in rows:
            writer.writerows(_long(group, head, row))
    return out.getvalue().rstrip("\n")


def _long(
    group: str, head: "Sequence[str]", row: "Sequence[str]"
) -> "list[tuple[str, str, str, str]]":
    return [
        (group, row[0], measure, value) for measure, value in zip(head[1:], row[1:], strict=True)
    ]


def _check_plot(plot: Path) -> None:
    from arbx.errors import ConfigError
    from arbx.ledger.plot import FORMATS

    if plot.suffix.lower() not in FORMATS:
        raise ConfigError(f"--plot {plot}: name it with one of {', '.join(FORMATS)}")
    if not plot.absolute().parent.is_dir():
        raise ConfigError(f"--plot {plot}: there is no such folder; make it first")


def _draw(plot: Path, found: "Report") -> None:
    from arbx.errors import ConfigError
    from arbx.ledger.plot import draw

    try:
        draw(found.profits, plot)
    except OSError as error:
        raise ConfigError(f"--plot {plot}: {error.strerror}; name another file") from None
