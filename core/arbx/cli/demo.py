"""``arbx demo``: the main job on a chain of one's own, and its proof in real swaps."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from arbx.chain import Observation
    from arbx.host import Host
    from arbx.model import Opportunity, Token
    from arbx.protocols import PoolSource
    from arbx.testing.localchain import SeededMarket

__all__ = ["demo"]

_PLUGINS = ("uniswap-v2", "uniswap-v3", "flashbots", "keyfile")


def demo(
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another market.")] = 1,
    max_length: Annotated[int, typer.Option(min=2, max=4, help="The most hops in a cycle.")] = 3,
    top: Annotated[int, typer.Option(min=1, help="Print this many cycles.")] = 12,
    exact: Annotated[
        bool, typer.Option("--exact/--bound", help="Prove each printed cycle's optimum.")
    ] = True,
    blocks: Annotated[
        int, typer.Option(min=0, metavar="N", help="Then trade for so many blocks.")
    ] = 12,
) -> None:
    """
    Boot a local chain, find the cycles that pay, execute the best one, and trade for some blocks.

    The exit code is 1 when what the real contracts pay differs from the proven profit, or the ledger from the chain,
    by a single wei.
    """
    from arbx.cli.common import err_console
    from arbx.host import Host
    from arbx.testing.localchain import LocalChain, seed_market

    says = err_console()
    host = Host.load(_PLUGINS, strict=True)
    with says.status("Booting anvil with the real Uniswap contracts …"), LocalChain() as chain:
        market = seed_market(chain, seed=seed)
        if not _search_and_execute(market, host, max_length=max_length, top=top, exact=exact):
            raise typer.Exit(1)
        if blocks and not _traded(market, host, blocks=blocks, seed=seed, max_length=max_length):
            raise typer.Exit(1)


def _traded(
    market: "SeededMarket", host: "Host", *, blocks: int, seed: int, max_length: int
) -> bool:
    import asyncio

    from arbx.cli.demoline import report, trade

    ended = asyncio.run(trade(market, host, blocks=blocks, seed=seed, max_length=max_length))
    report(ended)
    return ended.right


def _search_and_execute(
    market: "SeededMarket", host: "Host", *, max_length: int, top: int, exact: bool
) -> bool:
    import asyncio
    import time

    import arbx
    import arbx.chain.reader  # web3 takes its seconds before the clock starts
    from arbx.cli.common import console

    out, started = console(), time.perf_counter()
    sources, seen = asyncio.run(_observe(market, host))
    read = time.perf_counter()
    search = arbx.Market(host, [market.weth.address], max_length, exact=exact)
    found = search.update(seen.states, top=top)
    counts = search.counts
    for failure in search.failures:
        typer.echo(f"warning: {failure}", err=True)
    out.print(
        f"Block {seen.block.number} of chain {seen.chain_id}: {counts.pools} pools read over RPC "
        f"in {read - started:.1f} s;\n{counts.cycles} cycles of up to {max_length} hops, "
        f"of which {counts.found} pay ({time.perf_counter() - read:.1f} s). The best:\n"
    )
    if not found:
        out.print("No cycle pays; try another --seed.")
        return False
    out.print(_table(found))
    return _execute(market, found[0], seen, sources)


async def _observe(
    market: "SeededMarket", host: "Host"
) -> "tuple[dict[str, PoolSource], Observation]":
    from arbx.chain import Chain, observe

    sources = {
        name: host.build_source(provider, settings)
        for name, (provider, settings) in market.sources().items()
    }
    async with await Chain.connect(market.chain.url) as chain:
        seen = await observe(sources, chain)
    for failure in seen.failures:
        raise failure
    return sources, seen


def _table(found: "Sequence[Opportunity]") -> object:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("#", "route", "pools", "in", "profit", "gap in wei"):
        right = name not in {"route", "pools"}
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for rank, opportunity in enumerate(found, 1):
        best, hops = opportunity.optimum, opportunity.cycle.hops
        token = opportunity.cycle.token
        symbols = [*(str(hop.pool.tokens[hop.token_in]) for hop in hops), str(token)]
        table.add_row(
            str(rank),
            " ".join(symbols),
            " ".join(hop.pool.kind.removeprefix("uniswap_") for hop in hops),
            _in_units(best.amount_in, token),
            _in_units(best.profit, token),
            {None: "unproven", 0: "0 exact"}.get(best.gap, f"{best.gap}"),
        )
    return table


def _execute(
    market: "SeededMarket",
    best: "Opportunity",
    seen: "Observation",
    sources: "dict[str, PoolSource]",
) -> bool:
    from arbx.cli.common import console
    from arbx.testing.localchain.execution import execute

    states = {state.pool.address: state for state in seen.states}
    by_pool = {address: sources[name] for address, name in seen.owners.items()}
    grown = execute(market, best, states, by_pool)
    out = console()
    out.print(f"\nproven profit of the best cycle: {best.gross_profit:>22} wei")
    out.print(f"paid for it by the real pools:   {grown:>22} wei, in one transaction")
    if grown == best.gross_profit:
        out.print("Equal to the wei.")
        return True
    out.print(f"[bold red]They differ by {grown - best.gross_profit} wei.[/]")
    return False


def _in_units(amount: int, token: "Token") -> str:
    # for display: seven places of the token are enough
    digits = token.decimals or 0
    whole, part = divmod(amount, 10**digits)
    return f"{whole:,}.{part:0{digits}}"[: len(f"{whole:,}") + 8] if digits else f"{whole:,}"
