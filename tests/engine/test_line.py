"""The whole straight line, block after block, on a real chain with real contracts."""

import ast
from pathlib import Path

import attrs
import pytest
import sqlalchemy as sa

from arbx.errors import ConfigError
from arbx.execution.model import SubmissionStatus
from arbx.ledger import IntentState, LeaseHeld, Ledger, LedgerError, reconcile
from arbx.ledger.audit import audit
from arbx.ledger.tables import inclusions, simulations
from arbx.telemetry.events import EVENTS
from arbx.testing.localchain.executor import deploy_executor
from arbx.testing.reference_keystore import ReferenceKeyStore
from arbx.testing.relay import Fault

ROOT = Path(__file__).resolve().parents[2]


async def test_what_is_included_is_in_the_ledger_and_in_the_balance_to_the_wei(floor):
    expected = 0
    async with floor.engine(builder_share_bps=5_000) as (engine, ledger, chain):
        for block in range(4):
            floor.move(block)
            outcome = await engine.on_block()
            expected += outcome.draft.gross_profit - outcome.draft.plan.order.max_payment_wei
            assert floor.relay.build().included
        await reconcile(ledger, chain)
        complaints = await audit(ledger, chain, floor.store.address)
        intents = ledger.intents(chain.chain_id, floor.store.address)
        with ledger.database.reading() as connection:
            rows = connection.execute(sa.select(inclusions)).all()
            runs = connection.execute(sa.select(simulations)).all()

    gas = sum(row.gas_used * row.effective_gas_price_wei for row in rows)
    assert complaints == ()
    assert floor.held() == expected > 0
    assert [intent.state for intent in intents] == [IntentState.INCLUDED] * 4
    assert sum(row.realised_profit for row in rows) == floor.held() - gas
    assert [row.moved_state for row in rows] == [0] * 4
    assert [run.simulator for run in runs] == ["node"] * 4


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
        await floor.take_first(outcome.draft.opportunity, chain)
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


async def test_the_intent_is_durable_before_any_byte_leaves(floor, full_disk):
    with Ledger(floor.ledger_url) as ledger:
        async with floor.engine(ledger=full_disk(ledger)) as (engine, _, _chain):
            with pytest.raises(LedgerError, match="the disk is full"):
                await engine.on_block()

    assert [heard for heard in floor.relay.heard if heard.kind == "submit"] == []
    assert floor.told("trading_stopped") == [{"reason": "the disk is full"}]


async def test_what_reverts_on_the_chain_pays_gas_and_is_told(floor):
    async with floor.engine() as (engine, ledger, chain):
        outcome = await engine.on_block()
        # somebody publishes the bundle's transaction, and the block before it is another one
        floor.chain.mine()
        await chain.send(outcome.intent.raw)
        floor.chain.mine()
        await engine.on_block()
        complaints = await audit(ledger, chain, floor.store.address)
        intents = ledger.intents(chain.chain_id, floor.store.address)

    assert complaints == ()
    assert intents[0].state is IntentState.REVERTED
    assert floor.told("bundle_reverted")[0]["gas_cost_wei"] > 0
    assert floor.held() == 0


async def test_a_leg_that_would_revert_is_never_signed(floor):
    # every pair says that it is locked: UniswapV2Pair's slot 12
    for pool in floor.market.of("uniswap_v2"):
        floor.chain.rpc.ask("anvil_setStorageAt", pool.address, hex(12), "0x" + "00" * 32)
    floor.chain.mine()
    async with floor.engine(candidates=1) as (engine, ledger, chain):
        outcome = await engine.on_block()
        intents = ledger.intents(chain.chain_id, floor.store.address)

    assert [(skip.reason, skip.detail) for skip in outcome.skipped] == [
        ("would_revert", "UniswapV2: LOCKED")
    ]
    assert intents == ()


async def test_a_relay_that_fails_is_no_inclusion_and_the_nonce_waits(floor):
    floor.relay.misbehave(Fault.SERVER_ERROR)
    async with floor.engine() as (engine, ledger, chain):
        outcome = await engine.on_block()
        floor.relay.build()
        waiting = await engine.on_block()
        floor.relay.behave()
        floor.chain.mine(2)
        again = await engine.on_block()
        included = floor.relay.build().included
        await reconcile(ledger, chain)
        complaints = await audit(ledger, chain, floor.store.address)
        states = [i.state for i in ledger.intents(chain.chain_id, floor.store.address)]

    assert outcome.submissions[0].status is not SubmissionStatus.ACCEPTED
    assert waiting.intent is None
    assert again.intent.nonce == outcome.intent.nonce
    assert (len(included), complaints) == (1, ())
    assert states == [IntentState.MISSED, IntentState.INCLUDED]


@pytest.mark.parametrize(
    ("meddle", "why"),
    [
        (lambda asked, sign, _: sign({**asked, "gas": asked["gas"] + 1}), "gas is"),
        (lambda asked, sign, _: sign({**asked, "nonce": asked["nonce"] + 1}), "nonce is"),
        (lambda asked, _, other: other(asked), "recover to"),
        (lambda asked, sign, _: sign(asked)[:-1], "not a signed transaction"),
    ],
    ids=["more gas", "another nonce", "another key", "cut off"],
)
async def test_what_a_key_store_signs_is_looked_at_before_it_is_written_down(floor, meddle, why):
    class Meddles(ReferenceKeyStore):
        """Sign something else than it is asked."""

        def _raw(self, transaction):
            other = ReferenceKeyStore(b"\x01" * 32, self._chain_id)
            return meddle(transaction, super()._raw, other._raw)

    other = attrs.evolve(floor, store=Meddles(chain_id=floor.chain.chain_id))
    async with other.engine() as (engine, ledger, chain):
        outcome = await engine.on_block()
        intents = ledger.intents(chain.chain_id, floor.store.address)

    assert [(skip.reason, why in skip.detail) for skip in outcome.skipped] == [
        ("not_signed", True)
    ]
    assert intents == ()
    assert [heard for heard in floor.relay.heard if heard.kind == "submit"] == []


async def test_another_chain_is_refused_before_anything_is_read(floor):
    with pytest.raises(ConfigError, match="the plans are for chain 1; correct one of them"):
        async with floor.engine(chain_id=1):
            pass


async def test_without_money_for_gas_nothing_is_signed_and_a_human_is_told(floor):
    floor.fund(10**9)
    async with floor.engine() as (engine, ledger, chain):
        outcome = await engine.on_block()
        intents = ledger.intents(chain.chain_id, floor.store.address)

    assert outcome.skipped[-1].reason == "insufficient_gas_money"
    assert floor.told("balance_low")[0]["balance_wei"] == 10**9
    assert intents == ()


async def test_two_engines_never_share_a_signer(floor):
    async with floor.engine():
        with pytest.raises(LeaseHeld):
            async with floor.engine():
                pass


async def test_a_restart_sends_what_no_relay_took_again_with_the_same_bytes(floor):
    floor.relay.misbehave(Fault.SERVER_ERROR)
    async with floor.engine(blocks=3) as (engine, ledger, chain):
        outcome = await engine.on_block()
    floor.relay.behave()
    async with floor.engine(blocks=3) as (engine, ledger, chain):
        block = floor.relay.build()
        await reconcile(ledger, chain)
        intents = ledger.intents(chain.chain_id, floor.store.address)

    assert len(block.included) == 1
    assert [(i.tx_hash, i.state) for i in intents] == [
        (outcome.intent.tx_hash, IntentState.INCLUDED)
    ]


async def test_an_executor_of_somebody_else_is_refused(floor):
    other = attrs.evolve(
        floor, executor=deploy_executor(floor.chain, "0x" + "77" * 20, floor.weth)
    )

    with pytest.raises(ConfigError, match="obeys 0x7777"):
        async with other.engine():
            pass


async def test_a_reorganised_inclusion_is_told_and_open_again(floor):
    before = floor.chain.rpc.ask("evm_snapshot")
    async with floor.engine(blocks=5) as (engine, ledger, chain):
        first = await engine.on_block()
        assert floor.relay.build().included
        await engine.on_block()
        floor.chain.rpc.ask("evm_revert", before)
        floor.chain.mine(2)
        await engine.on_block()
        open_again = ledger.open_intents(chain.chain_id, floor.store.address)

    assert "reorg_seen" in floor.names()
    assert first.intent.tx_hash in {intent.tx_hash for intent in open_again}


async def test_gas_that_may_cost_more_than_the_owner_allows_is_not_signed(floor):
    async with floor.engine(max_gas_cost_wei=10**12) as (engine, ledger, chain):
        outcome = await engine.on_block()
        intents = ledger.intents(chain.chain_id, floor.store.address)

    (hit,) = floor.told("limit_hit")
    assert outcome.skipped[-1].reason == "limit_hit"
    assert (hit["limit"], hit["threshold"]) == ("max_gas_cost_wei", 10**12)
    assert hit["value"] > 10**12
    assert intents == ()


async def test_a_relay_is_told_of_once_when_it_fails_and_when_it_is_back(floor):
    floor.relay.misbehave(Fault.DROPS)
    async with floor.engine(confirmations=0) as (engine, _, _chain):
        for _ in range(2):
            await engine.on_block()
            floor.chain.mine()
        floor.relay.behave()
        outcome = await engine.on_block()

    assert [fields["relay"] for fields in floor.told("relay_failed")] == ["local"]
    assert [fields["relay"] for fields in floor.told("relay_recovered")] == ["local"]
    assert outcome.submissions[0].status is SubmissionStatus.ACCEPTED
    assert len(floor.told("bundle_unknown")) == 2


async def test_what_is_found_and_what_the_start_reconciled_is_told(floor):
    async with floor.engine(blocks=3) as (engine, _, _chain):
        first = await engine.on_block()
    floor.relay.build()
    async with floor.engine() as (_, _ledger, _chain):
        pass

    counts = [(f["included"], f["missed"], f["open"]) for f in floor.told("ledger_reconciled")]
    assert counts == [(0, 0, 0), (1, 0, 0)]
    assert floor.told("opportunity_found")[0]["gross_profit"] == (
        first.draft.opportunity.gross_profit
    )


def test_the_engine_knows_every_event_of_the_catalogue():
    told = {
        node.value
        for path in (ROOT / "core/arbx").rglob("*.py")
        if path.name != "events.py" and "testing" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert set(EVENTS) - told == set()
