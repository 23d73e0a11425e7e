"""The whole straight line, block after block, on a real chain with real contracts."""

import pytest
import sqlalchemy as sa

from arbx.engine.drafting import NotTaken
from arbx.errors import ChainError, ConfigError
from arbx.execution.model import SubmissionStatus
from arbx.ledger import IntentState, Ledger, LeaseHeld, LedgerError
from arbx.ledger.audit import audit
from arbx.ledger.tables import inclusions, simulations
from arbx.testing.relay import Fault


async def test_what_is_included_is_in_the_ledger_and_in_the_balance_to_the_wei(floor):
    async with floor.engine(builder_share_bps=5_000) as (engine, ledger, chain):
        expected = 0
        for block in range(4):
            floor.move(block)
            outcome = await engine.on_block()
            expected += outcome.draft.gross_profit - outcome.draft.plan.order.max_payment_wei
            assert floor.relay.build().included
            await engine.on_block()
            floor.chain.mine()
            await engine.on_block()
        complaints = await audit(ledger, chain, floor.store.address)
        intents = ledger.intents(chain.chain_id, floor.store.address)

    assert complaints == ()
    assert floor.held() == expected > 0
    assert {intent.state for intent in intents} == {IntentState.INCLUDED}


async def test_a_dry_run_signs_and_sends_nothing_and_says_what_it_would_do(floor):
    async with floor.engine(live=False) as (engine, ledger, chain):
        outcome = await engine.on_block()
        intents = ledger.intents(chain.chain_id, floor.store.address)

    assert outcome.draft.net_profit > 0
    assert (outcome.intent, outcome.submissions, intents, floor.relay.heard) == (None, (), (), [])
    assert floor.told("engine_started")[0]["live"] is False


async def test_a_race_that_another_bot_wins_is_missed_and_costs_nothing(floor):
    async with floor.engine() as (engine, ledger, chain):
        outcome = await engine.on_block()
        # the other bot's transaction is first in the block: the pools are no longer what they were
        pool = outcome.draft.opportunity.cycle.hops[0].pool
        floor.chain.rpc.ask("anvil_setStorageAt", pool.address, hex(8), "0x" + "00" * 32)
        built = floor.relay.build()
        waiting = await engine.on_block()
        floor.chain.mine(2)
        await engine.on_block()
        intents = ledger.intents(chain.chain_id, floor.store.address)

    assert built.included == ()
    assert {skip.reason for skip in waiting.skipped} == {"intent_open"}
    assert intents[0].state is IntentState.MISSED
    assert [fields["tx_hash"] for fields in floor.told("bundle_missed")] == [intents[0].tx_hash]
    assert floor.held() == 0
