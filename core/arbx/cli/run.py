"""``arbx run``: the straight line on a chain; nothing is sent without ``--live``."""

from typing import TYPE_CHECKING, Annotated

import typer

from arbx.cli.common import host_for, settings
from arbx.cli.online import RPC_HELP, chain_for, sources_of

if TYPE_CHECKING:
    from arbx.config import Settings
    from arbx.engine import Draft, Engine, Live, Outcome
    from arbx.host import Host
    from arbx.telemetry.alerts import Alerts

__all__ = ["run"]


def run(
    ctx: typer.Context,
    rpc: Annotated[str | None, typer.Option(metavar="URL", help=RPC_HELP)] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Sign and send; without this nothing is signed.")
    ] = False,
    blocks: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="End after so many blocks.")
    ] = None,
) -> None:
    """Follow a chain, and take each block from its states to simulated plans, or to bundles."""
    import asyncio

    from arbx.telemetry.alerts import alerts_of

    configured, host = settings(ctx), host_for(ctx, offline=False)
    with alerts_of(host, configured) as alerts:
        asyncio.run(_run(configured, host, alerts, rpc=rpc, live=live, blocks=blocks))


async def _run(
    configured: "Settings",
    host: "Host",
    alerts: "Alerts",
    *,
    rpc: str | None,
    live: bool,
    blocks: int | None,
) -> None:
    from contextlib import ExitStack

    from arbx.cli.trading import base_tokens, live_of, policy_of, store_of, terms_on
    from arbx.engine import Engine
    from arbx.market import Market

    async with chain_for(configured, rpc, alerts.tell) as chain:
        terms, store = await terms_on(configured, chain), store_of(configured, host)
        sources, failures = sources_of(configured, host, (), chain.chain_id)
        for failure in failures:
            typer.echo(f"warning: {failure}", err=True)
        market = Market(host, base_tokens(configured, terms.weth), configured.search.max_length)
        with ExitStack() as stack:
            hands: Live | None = live_of(configured, host, store, stack) if live else None
            engine = Engine(
                chain,
                sources,
                market,
                terms,
                policy_of(configured),
                signer=store.address,
                tell=alerts.tell,
                live=hands,
            )
            await _loop(engine, blocks)


async def _loop(engine: "Engine", blocks: int | None) -> None:
    reason = "it was stopped"
    try:
        await engine.start()
        async for outcome in engine.run(blocks=blocks):
            typer.echo(_line(outcome))
        reason = "all blocks are done"
    finally:
        await engine.stop(reason)


def _line(outcome: "Outcome") -> str:
    took = ", ".join(f"{name} {spent * 1e3:.0f} ms" for name, spent in outcome.timings_s.items())
    return f"block {outcome.block}: {_said(outcome)} ({took})"


def _said(outcome: "Outcome") -> str:
    draft = outcome.draft
    net, gross = ("", "") if draft is None else _profits(draft)
    if outcome.intent is not None and draft is not None:
        answers = ", ".join(f"{one.relay} {one.status}" for one in outcome.submissions)
        return f"sent {outcome.intent.tx_hash} for {net} net: {answers}"
    if outcome.skipped and (draft is None or outcome.skipped[-1].opportunity == draft.opportunity):
        last = outcome.skipped[-1]
        return f"{outcome.found} found, none taken; {last.reason} {last.detail}".rstrip()
    if draft is None:
        return "nothing pays"
    return f"would send a plan for {net} net, {gross} gross"


def _profits(draft: "Draft") -> tuple[str, str]:
    from arbx.market.tokens import in_tokens

    token = draft.opportunity.cycle.token
    return in_tokens(draft.net_profit, token), in_tokens(draft.gross_profit, token)
