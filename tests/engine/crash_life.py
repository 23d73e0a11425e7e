"""
Run engines to be killed, each forked from this process, where everything is imported already.

A kill then hits the work and not the import, and a life costs a tenth of a second. Orders come by standard input:
``live {…}`` answers the new process's id, ``kill`` and ``continue`` take one, ``wait`` answers how it ended.
"""

import asyncio
import gc
import json
import os
import random
import signal
import sys
import tempfile

import attrs
from crash_hands import Voice, WatchedLedger, WatchedSimulator, WatchedSource, WatchedStore
from crash_hands import WatchedSubmitter as Hands
from crash_saboteurs import SABOTEURS

import arbx
from arbx.chain import Chain
from arbx.engine import Engine, Live, Policy
from arbx.execution.planner import Terms
from arbx.execution.simulation import RelaySimulator
from arbx.ledger import LeaseHeld

AUTH_KEY = "11" * 32
SIGNALS = {"kill": signal.SIGKILL, "continue": signal.SIGCONT}


@attrs.frozen
class Wish:
    """How a life is to be: its ledger, chain, relay and contracts, whether the relay clears, and what goes wrong."""

    ledger: str
    rpc: str
    relay: str
    chain_id: int
    sources: dict
    executor: str
    weth: str
    blocks: int
    lease_s: float
    clears: bool
    sabotage: str | None = None
    stall: str | None = None
    linger: str | None = None


def engine_of(wish, host, chain, ledger, voice):
    context = arbx.Context("local", wish.chain_id, lambda _: AUTH_KEY)
    relay = host.build_relay("flashbots", {"url": wish.relay, "auth_key": "env:AUTH"}, context)
    store = WatchedStore(wish.chain_id, voice)
    submitter = Hands({"local": relay}, ledger, voice)
    simulators = (RelaySimulator(submitter, "local"),) if wish.clears else ()
    live = Live(store, submitter, ledger, simulators)
    sources = {
        name: WatchedSource(host.build_source(use, settings), voice)
        for name, (use, settings) in wish.sources.items()
    }
    return Engine(
        chain,
        sources,
        arbx.Market(host, [wish.weth], 3),
        Terms(wish.chain_id, wish.executor, wish.weth, slippage_bps=0, builder_share_bps=5_000),
        Policy(blocks=wish.blocks, lease_s=wish.lease_s),
        signer=store.address,
        tell=lambda _, /, **__: None,
        live=live,
        simulator=WatchedSimulator(chain, voice=voice),
    )


async def started(engine):
    """Start as a supervisor would: again, until the lease of who was killed has expired."""
    while True:
        try:
            return await engine.start()
        except LeaseHeld:
            await asyncio.sleep(0.005)


async def trade(wish, host, voice):
    """Do what the demonstration does: take each new block along the line."""
    with SABOTEURS.get(wish.sabotage, WatchedLedger)(wish.ledger, voice) as ledger:
        voice.stage("connecting")
        async with await Chain.connect(wish.rpc) as chain:
            engine, seen = engine_of(wish, host, chain, ledger, voice), -1
            await started(engine)
            ledger.begun = True
            while True:
                newest = await chain.block_number()
                if newest == seen:
                    await asyncio.sleep(0.002)
                    continue
                voice.stage("observing")
                seen, outcome = newest, await engine.on_block()
                open_ = outcome.intent or "intent_open" in {s.reason for s in outcome.skipped}
                voice.stage("landing" if open_ else "idle")


def live(wish, host, descriptor):
    random.seed(os.getpid())
    voice = Voice(descriptor, wish.stall, wish.linger)
    try:
        asyncio.run(trade(wish, host, voice))
    except Exception as error:  # noqa: BLE001  # whatever it is, the test must hear of it
        voice.say("ended", f"{type(error).__name__}: {error}"[:500])
    finally:
        os._exit(1)


def warm():
    """Import what is imported late, and make the first signature."""
    with tempfile.TemporaryDirectory() as folder:
        voice = Voice(os.open(os.devnull, os.O_WRONLY))
        WatchedLedger(f"sqlite:///{folder}/ledger.sqlite", voice).close()
        asyncio.run(WatchedStore(1, voice).sign_message(b""))
    import psycopg  # noqa: F401  # what the ledger in PostgreSQL imports


def main(descriptor):
    host = arbx.Host.load(["uniswap-v2", "flashbots"], strict=True)
    warm()
    gc.freeze()  # else a child's first collection touches, and so copies, every page
    print("ready", flush=True)
    for line in sys.stdin:
        order, _, rest = line.strip().partition(" ")
        if order == "live":
            wish = Wish(**json.loads(rest))
            pid = os.fork()
            if pid == 0:
                live(wish, host, descriptor)
            print(pid, flush=True)
        elif order == "wait":
            print(os.waitstatus_to_exitcode(os.waitpid(int(rest), 0)[1]), flush=True)
        else:
            os.kill(int(rest), SIGNALS[order])


if __name__ == "__main__":
    main(int(sys.argv[1]))
