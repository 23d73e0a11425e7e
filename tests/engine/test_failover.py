"""The engine trades on while nodes die, lag and come back."""

import asyncio

import pytest

from arbx.ledger import IntentState, reconcile
from arbx.ledger.audit import audit
from arbx.testing.localchain.proxy import Proxy, Trouble


@pytest.fixture
def nodes(floor):
    with Proxy(floor.chain.url) as first, Proxy(floor.chain.url) as second:
        yield first, second


async def trade(floor, engine):
    """Take one block to its inclusion; the next one hears of it."""
    floor.move()
    outcome = await engine.on_block()
    assert outcome.intent is not None, outcome.skipped
    assert len(floor.relay.build().included) == 1


async def states(floor, ledger, chain):
    await reconcile(ledger, chain)
    return [intent.state for intent in ledger.intents(chain.chain_id, floor.store.address)]


async def test_the_engine_trades_on_while_the_first_node_dies_and_comes_back(floor, nodes):
    first, second = nodes
    async with floor.engine(first.url, second.url) as (engine, ledger, chain):
        await trade(floor, engine)
        second.methods.clear()
        first.misbehave(Trouble.REFUSES)
        await trade(floor, engine)
        asked_meanwhile = set(second.methods)
        first.behave()
        await asyncio.sleep(0.2)
        await chain.block_number()  # begins the trial
        async with asyncio.timeout(10):
            while "rpc_endpoint_recovered" not in floor.names():
                await asyncio.sleep(0.02)
        second.methods.clear()
        await trade(floor, engine)
        ended = await states(floor, ledger, chain)
        complaints = await audit(ledger, chain, floor.store.address)

    assert ended == [IntentState.INCLUDED] * 3
    assert complaints == ()
    assert {"eth_simulateV1", "eth_getLogs", "eth_getTransactionReceipt"} <= asked_meanwhile
    assert second.methods == []
    assert floor.told("rpc_endpoint_failed")[0]["endpoint"] == first.url
    assert floor.told("rpc_endpoint_recovered")[0]["endpoint"] == first.url
    assert "plugin_failed" not in floor.names()


async def test_a_node_that_falls_behind_is_not_traded_on(floor, nodes):
    first, second = nodes
    async with floor.engine(first.url, second.url) as (engine, ledger, chain):
        await trade(floor, engine)
        first.misbehave(Trouble.LAGS, blocks=3)
        await trade(floor, engine)
        ended = await states(floor, ledger, chain)
        complaints = await audit(ledger, chain, floor.store.address)

    assert ended == [IntentState.INCLUDED] * 2
    assert complaints == ()
    assert "reorg_seen" not in floor.names()


async def test_a_run_goes_on_after_a_time_without_any_node(floor, nodes):
    first, _ = nodes
    async with floor.engine(first.url) as (engine, _ledger, _chain):
        first.misbehave(Trouble.REFUSES)
        blocks = engine.run(blocks=1, poll_s=0.01)
        waiting = asyncio.ensure_future(anext(blocks))
        async with asyncio.timeout(20):
            while floor.names().count("block_missed") < 2:
                await asyncio.sleep(0.02)
        meanwhile = waiting.done()
        first.behave()
        outcome = await asyncio.wait_for(waiting, 20)
        ended = await anext(blocks, None)

    assert not meanwhile
    assert outcome.intent is not None
    assert ended is None
    assert first.url in floor.told("block_missed")[0]["reason"]
