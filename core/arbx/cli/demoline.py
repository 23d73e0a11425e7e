"""The second half of ``arbx demo``: the whole straight line for some blocks, and its report."""

import random
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import typer

import arbx

if TYPE_CHECKING:
    from arbx.chain import Chain
    from arbx.engine import Engine, Live, Outcome
    from arbx.ledger import Ledger
    from arbx.testing.localchain import SeededMarket
    from arbx.testing.relay import LocalRelay

__all__ = ["Ended", "report", "trade"]

_AUTH_KEY = "11" * 32  # signs requests to the local relay, and is worth nothing
_ETHER = 10**18


@attrs.frozen
class Ended:
    """What came of it: the blocks' outcomes, and what ledger and chain say of the money."""

    outcomes: tuple["Outcome", ...]
    included: int
    ledger_wei: int
    held_wei: int
    complaints: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Tell whether ledger and chain agree to the wei, and something was traded."""
        return not self.complaints and self.ledger_wei == self.held_wei and self.included > 0


async def trade(
    market: "SeededMarket", host: arbx.Host, *, blocks: int, seed: int, max_length: int
) -> Ended:
    """Let prices move, and take *blocks* blocks through the engine to the local relay."""
    from arbx.chain import Chain
    from arbx.engine import Live
    from arbx.ledger import Ledger
    from arbx.testing.localchain.executor import deploy_executor
    from arbx.testing.reference_keystore import ReferenceKeyStore
    from arbx.testing.relay import LocalRelay

    local = market.chain
    store = ReferenceKeyStore(chain_id=local.chain_id)
    local.rpc.ask("anvil_setBalance", store.address, hex(100 * _ETHER))
    executor = deploy_executor(local, store.address, market.weth.address)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="arbx-demo-"))
        ledger = stack.enter_context(Ledger(f"sqlite:///{Path(folder) / 'ledger.sqlite'}"))
        relay = stack.enter_context(LocalRelay(local))
        chain = await stack.enter_async_context(await Chain.connect(local.url))
        context = arbx.Context("local", local.chain_id, lambda _: _AUTH_KEY)
        settings = {"url": relay.url, "auth_key": "env:AUTH"}
        built = host.build_relay("flashbots", settings, context)
        live = Live(store, arbx.Submitter({"local": built}), ledger)
        engine = _engine(market, host, chain, executor, live, max_length)
        outcomes = await _blocks(engine, market, relay, blocks, random.Random(seed))  # noqa: S311  # prices, not secrets
        return await _ended(ledger, chain, market, store.address, executor, outcomes)


def _engine(
    market: "SeededMarket",
    host: arbx.Host,
    chain: "Chain",
    executor: str,
    live: "Live",
    max_length: int,
) -> "Engine":
    from arbx.engine import Engine, Policy
    from arbx.execution.planner import Terms

    weth = market.weth.address
    return Engine(
        chain,
        {name: host.build_source(use, values) for name, (use, values) in market.sources().items()},
        arbx.Market(host, [weth], max_length),
        Terms(market.chain.chain_id, executor, weth, slippage_bps=0, builder_share_bps=5_000),
        Policy(),
        signer=live.store.address,
        tell=_say_nothing,
        live=live,
    )


def _say_nothing(_: str, /, **fields: object) -> None:
    """Tell nobody: the report says it all."""


async def _blocks(
    engine: "Engine",
    market: "SeededMarket",
    relay: "LocalRelay",
    count: int,
    prices: random.Random,
) -> tuple["Outcome", ...]:
    from arbx.testing.localchain.prices import move_a_price

    outcomes = []
    await engine.start()
    try:
        for _ in range(count):
            move_a_price(market, prices)
            outcomes.append(await engine.on_block())
            relay.build()
    finally:
        await engine.stop()
    return tuple(outcomes)


async def _ended(
    ledger: "Ledger",
    chain: "Chain",
    market: "SeededMarket",
    signer: str,
    executor: str,
    outcomes: tuple["Outcome", ...],
) -> Ended:
    from arbx.ledger import reconcile
    from arbx.ledger.audit import audit
    from arbx.ledger.export import rows_of
    from arbx.testing.localchain.trader import balance

    await reconcile(ledger, chain)
    complaints = await audit(ledger, chain, signer)
    rows = [row for row in rows_of(ledger, "inclusions", None) if row["canonical"]]
    # what the executor keeps pays the gas; the ledger's profit is what is left of both
    kept = sum(
        int(row["realised_profit"]) + row["gas_used"] * int(row["effective_gas_price_wei"])
        for row in rows
    )
    held = balance(market.chain, market.weth.address, executor)
    return Ended(outcomes, len(rows), kept, held, complaints)


def report(ended: Ended) -> None:
    """Print what came of it, and how long each part of a block took."""
    sent = [outcome for outcome in ended.outcomes if outcome.intent is not None]
    typer.echo(
        f"\nThe whole line for {len(ended.outcomes)} blocks: {len(sent)} bundles sent, "
        f"{ended.included} included."
    )
    typer.echo(f"profit before gas by the ledger:  {ended.ledger_wei:>22} wei")
    typer.echo(f"grown balance of the executor:    {ended.held_wei:>22} wei")
    for complaint in ended.complaints:
        typer.echo(f"disagreement: {complaint}", err=True)
    if sent:
        _report_times([outcome.timings_s for outcome in sent], [one.whole_s for one in sent])
    if ended.right:
        typer.echo("Ledger and chain agree to the wei.")
    else:
        typer.echo("Ledger and chain disagree, or nothing was included.", err=True)


def _report_times(stages: Sequence[Mapping[str, float]], whole_s: Sequence[float]) -> None:
    """Print the middle one and the worst in a hundred, of the whole and of each stage."""
    names = dict.fromkeys(name for one in stages for name in one)
    rows = [(name, [one.get(name, 0.0) for one in stages]) for name in names]
    typer.echo("block seen → bundle at the relay, in ms:   p50      p99")
    for name, spans_s in [("all of it", whole_s), *rows]:
        p50, p99 = _percentile(spans_s, 50) * 1e3, _percentile(spans_s, 99) * 1e3
        typer.echo(f"  {name:<36} {p50:>7.1f}  {p99:>7.1f}")


def _percentile(spans_s: Sequence[float], percent: int) -> float:
    """Return the least of the spans that so many in a hundred don't exceed."""
    return sorted(spans_s)[-(-len(spans_s) * percent // 100) - 1]
