"""The second half of ``arbx demo``: the whole straight line for some blocks, and its report."""

import random
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import typer

import arbx
from arbx.protocols import KeyWriter

if TYPE_CHECKING:
    from arbx.chain import Chain
    from arbx.engine import Engine, Live, Outcome
    from arbx.ledger import Ledger
    from arbx.testing.localchain import SeededMarket
    from arbx.testing.relay import LocalRelay

__all__ = ["Ended", "Floor", "opened", "report", "trade"]

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


@attrs.frozen
class Floor:
    """A trading floor: the market, an engine that is live in it, and the relay that builds its blocks."""

    market: "SeededMarket"
    engine: "Engine"
    relay: "LocalRelay"
    chain: "Chain"
    ledger: "Ledger"
    executor: str
    signer: str

    def move(self, prices: random.Random) -> None:
        """Build a block with what the relay has, and another one with a trade against a random pair."""
        from arbx.testing.localchain.prices import move_a_price

        self.relay.build()
        move_a_price(self.market, prices)


async def trade(
    market: "SeededMarket", host: arbx.Host, *, blocks: int, seed: int, max_length: int
) -> Ended:
    """Let prices move, and take *blocks* blocks through the engine to the local relay."""
    prices = random.Random(seed)  # noqa: S311  # prices, not secrets
    async with opened(market, host, max_length=max_length) as floor:
        outcomes = []
        for _ in range(blocks):
            floor.move(prices)
            outcomes.append(await floor.engine.on_block())
        floor.relay.build()
        return await _ended(floor, outcomes)


@asynccontextmanager
async def opened(
    market: "SeededMarket", host: arbx.Host, *, max_length: int
) -> AsyncIterator[Floor]:
    """Open a floor: a new key in an encrypted file, an Executor of its own, a ledger, a relay, and the engine."""
    from arbx.chain import Chain
    from arbx.engine import Live
    from arbx.ledger import Ledger
    from arbx.testing.localchain.executor import deploy_executor
    from arbx.testing.relay import LocalRelay

    local = market.chain
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="arbx-demo-")))
        store = _new_key(host, folder, local.chain_id)
        local.rpc.ask("anvil_setBalance", store.address, hex(100 * _ETHER))
        executor = deploy_executor(local, store.address, market.weth.address)
        ledger = stack.enter_context(Ledger(f"sqlite:///{folder / 'ledger.sqlite'}"))
        relay = stack.enter_context(LocalRelay(local))
        chain = await stack.enter_async_context(await Chain.connect(local.url))
        context = arbx.Context("local", local.chain_id, lambda _: secrets.token_hex(32))
        settings = {"url": relay.url, "auth_key": "env:AUTH"}
        built = host.build_relay("flashbots", settings, context)
        live = Live(store, arbx.Submitter({"local": built}), ledger)
        engine = _engine(market, host, chain, executor, live, max_length)
        await engine.start()
        try:
            yield Floor(market, engine, relay, chain, ledger, executor, store.address)
        finally:
            await engine.stop()


def _new_key(host: arbx.Host, folder: Path, chain_id: int) -> arbx.KeyStore:
    password = secrets.token_urlsafe(24)
    context = arbx.Context("demo", chain_id, lambda _: password)
    settings = {"path": str(folder / "key.json"), "password": "env:PASSWORD"}
    store = host.build_keystore("keyfile", settings, context)
    assert isinstance(store, KeyWriter)  # a key file is one
    store.create()
    return store


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


async def _ended(floor: Floor, outcomes: Sequence["Outcome"]) -> Ended:
    from arbx.ledger import reconcile
    from arbx.ledger.audit import audit
    from arbx.ledger.export import rows_of
    from arbx.testing.localchain.trader import balance

    await reconcile(floor.ledger, floor.chain)
    complaints = await audit(floor.ledger, floor.chain, floor.signer)
    rows = [row for row in rows_of(floor.ledger, "inclusions", None) if row["canonical"]]
    # what the executor keeps pays the gas; the ledger's profit is what is left of both
    kept = sum(
        int(row["realised_profit"]) + row["gas_used"] * int(row["effective_gas_price_wei"])
        for row in rows
    )
    held = balance(floor.market.chain, floor.market.weth.address, floor.executor)
    return Ended(tuple(outcomes), len(rows), kept, held, complaints)


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
    from arbx.ledger.report import percentile

    names = dict.fromkeys(name for one in stages for name in one)
    rows = [(name, [one.get(name, 0.0) for one in stages]) for name in names]
    typer.echo("block seen → bundle at the relay, in ms:   p50      p99")
    for name, spans_s in [("all of it", whole_s), *rows]:
        p50_s, p99_s = (percentile(spans_s, percent) or 0.0 for percent in (50, 99))
        typer.echo(f"  {name:<36} {p50_s * 1e3:>7.1f}  {p99_s * 1e3:>7.1f}")
