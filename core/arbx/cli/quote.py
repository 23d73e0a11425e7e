"""Say what a pool pays: one quote, or a file of recorded swaps."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from arbx.cli.common import host_for
from arbx.errors import ConfigError

if TYPE_CHECKING:
    from arbx.host import Host
    from arbx.kernel import Curve
    from arbx.model import PoolState

__all__ = ["quote"]


def quote(
    ctx: typer.Context,
    vectors: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Answer recorded swaps (.jsonl, .gz or -), in order."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with what was recorded; exit 1 if it differs.")
    ] = False,
    pools: Annotated[
        str | None, typer.Option(metavar="FILE", help="Read pools from this snapshot.")
    ] = None,
    pool: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Quote this pool.")] = None,
    token_in: Annotated[
        str | None, typer.Option("--in", metavar="TOKEN", help="Symbol, address or index.")
    ] = None,
    token_out: Annotated[
        str | None,
        typer.Option("--out", metavar="TOKEN", help="Needed if there are three or more."),
    ] = None,
    amount: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Smallest units, or tokens: 1.5WETH.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON line.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out lines that can't be used.")
    ] = False,
) -> None:
    """Say what a pool pays for an amount, to the wei; or answer a file of recorded swaps."""
    if vectors is not None:
        if any(option is not None for option in (pools, pool, token_in, token_out, amount)):
            raise ConfigError(
                "--vectors stands alone: leave --pools, --pool, --in, --out, --amount out"
            )
        _batch(vectors, host_for(ctx, offline=True), check=check)
        return
    if check:
        raise ConfigError("--check compares recorded swaps: give --vectors FILE")
    if pools is None or pool is None or token_in is None or amount is None:
        raise ConfigError(
            "give --vectors FILE, or all of --pools FILE --pool ADDRESS --in TOKEN --amount N"
        )
    host = host_for(ctx, offline=True)
    state = _pool(pools, pool, host, skip_bad)
    taken, paid = _tokens(state, token_in, token_out)
    _show(state, host, (taken, paid), amount, as_json=json)


def _batch(path: str, host: "Host", *, check: bool) -> None:
    from arbx.cli.answers import answer_all

    summary = answer_all(path, host, typer.get_text_stream("stdout"), check=check)
    if check:
        typer.echo(str(summary), err=True)
        if not summary.ok:
            raise typer.Exit(1)


def _pool(path: str, address: str, host: "Host", skip_bad: bool) -> "PoolState":
    from arbx.snapshot import read_snapshot

    snapshot = read_snapshot(path, host, skip_bad=skip_bad)
    for state in snapshot.states:
        if state.pool.address == address.lower():
            return state
    kinds = ", ".join(sorted(snapshot.skipped))
    told = f" (no selected plugin prices {kinds})" if kinds else ""
    raise ConfigError(f"--pool {address}: is none of the {len(snapshot.states)} pools{told}")


def _tokens(state: "PoolState", token_in: str, token_out: str | None) -> tuple[int, int]:
    """Return the indices of the two tokens; a pool of two needs only one named."""
    taken = _index(state, token_in, "--in")
    if token_out is not None:
        paid = _index(state, token_out, "--out")
        if paid == taken:
            raise ConfigError(f"--out {token_out}: is the token that goes in")
        return taken, paid
    if len(state.pool.tokens) > 2:
        raise ConfigError(f"the pool has {len(state.pool.tokens)} tokens; say which with --out")
    return taken, 1 - taken


def _index(state: "PoolState", text: str, option: str) -> int:
    from arbx.market.tokens import TokenIndex

    tokens = state.pool.tokens
    if text.isdigit() and not any(token.symbol == text for token in tokens):
        if int(text) >= len(tokens):
            raise ConfigError(f"{option} {text}: the pool's tokens are 0 to {len(tokens) - 1}")
        return int(text)
    return tokens.index(TokenIndex([state]).find(text, option))


def _show(
    state: "PoolState", host: "Host", ends: tuple[int, int], text: str, *, as_json: bool
) -> None:
    from arbx.market.tokens import amount_of, in_tokens

    taken, paid = (state.pool.tokens[index] for index in ends)
    amount_in = amount_of(text, taken, "--amount")
    curve = host.price(state, *ends)
    answer = _quoted(curve, amount_in)
    if as_json:
        import json

        tokens = {"token_in": taken.address, "token_out": paid.address}
        typer.echo(json.dumps({"pool": state.pool.address, **tokens, **answer}))
        return
    amount_out = int(answer["amount_out"])
    typer.echo(f"{in_tokens(amount_in, taken)} pays {in_tokens(amount_out, paid)}")
    typer.echo(f"  {amount_in} -> {amount_out}")
    typer.echo(f"  max_in  {answer['max_in']}  ({in_tokens(int(answer['max_in']), taken)})")
    if answer["line"] is not None:
        slope, offset, den = answer["line"].values()
        typer.echo(f"  line    amount_out(z) <= ({slope} * z + {offset}) / {den}")


def _quoted(curve: "Curve", amount_in: int) -> dict[str, Any]:
    """Return what the curve says; a swap that the contract rejects raises."""
    line = curve.line(amount_in) if hasattr(curve, "line") else None
    return {
        "amount_in": str(amount_in),
        "amount_out": str(curve.amount_out(amount_in)),
        "max_in": str(curve.max_in),
        "line": None if line is None else {k: str(v) for k, v in line._asdict().items()},
    }
