"""Hold reconciliation to the chain: landed, missed, dead, open, and all of it again after a reorganisation."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fakes import SIGNER, FakeBlocks

from arbx.ledger import Executed, IntentState, Ledger, NonceTaken, PlanRecord, reconcile
from arbx.ledger.audit import audit
from arbx.ledger.tables import inclusions


def states(ledger):
    return [intent.state for intent in ledger.intents(1, SIGNER)]


def inclusion_rows(ledger):
    with ledger.database.reading() as connection:
        return connection.execute(sa.select(inclusions).order_by(inclusions.c.id)).all()


async def test_an_included_intent_gets_its_block(ledger, lease, blocks):
    intent = ledger.intend(lease, 0, b"bytes")
    blocks.mine((0, intent.tx_hash, True))
    done = await reconcile(ledger, blocks)
    (row,) = inclusion_rows(ledger)

    assert states(ledger) == ["included"]
    assert done.open == ()
    assert [(c.intent.id, c.state) for c in done.changes] == [(intent.id, IntentState.INCLUDED)]
    assert (row.block, row.block_hash, row.status) == (1, blocks.hash(1), "included")
    assert (row.gas_used, row.effective_gas_price_wei, row.canonical) == (21_000, 7, True)


async def test_a_second_look_changes_nothing(ledger, lease, blocks):
    blocks.mine((0, ledger.intend(lease, 0, b"bytes").tx_hash, True))
    await reconcile(ledger, blocks)

    assert (await reconcile(ledger, blocks)).changes == ()
    assert len(inclusion_rows(ledger)) == 1


async def test_what_has_landed_is_not_asked_for_again_while_its_block_is_there(
    ledger, lease, blocks
):
    first = ledger.intend(lease, 0, b"bytes")
    blocks.mine((0, first.tx_hash, True))
    done = await reconcile(ledger, blocks)
    second = ledger.intend(lease, 1, b"more bytes")
    blocks.mine((1, second.tx_hash, True))
    blocks.asked.clear()
    done = await reconcile(ledger, blocks, since=done.head)

    assert blocks.asked == [second.tx_hash]
    assert states(ledger) == ["included", "included"]


@pytest.mark.parametrize("mined", [0, 1, 3], ids=["shorter", "as long", "longer"])
async def test_what_has_landed_is_asked_for_again_when_the_last_head_is_gone(
    ledger, lease, blocks, mined
):
    intent = ledger.intend(lease, 0, b"bytes")
    blocks.mine((0, intent.tx_hash, True))
    done = await reconcile(ledger, blocks)
    blocks.reorganise(1)
    for _ in range(mined):
        blocks.mine()
    done = await reconcile(ledger, blocks, since=done.head)

    assert states(ledger) == ["open"]
    assert [one.tx_hash for one in done.open] == [intent.tx_hash]


async def test_what_lands_after_the_head_was_asked_for_is_asked_for_again(ledger, lease, blocks):
    intent = ledger.intend(lease, 0, b"bytes")
    before = await blocks.block()
    blocks.mine((0, intent.tx_hash, True))
    await reconcile(ledger, blocks)
    blocks.reorganise(1)
    blocks.mine()
    await reconcile(ledger, blocks, since=before)

    assert states(ledger) == ["open"]


async def test_a_reverted_intent_keeps_its_nonce(ledger, lease, blocks):
    blocks.mine((0, ledger.intend(lease, 0, b"bytes").tx_hash, False))
    await reconcile(ledger, blocks)

    assert states(ledger) == ["reverted"]
    with pytest.raises(NonceTaken, match="has landed"):
        ledger.intend(lease, 0, b"other bytes")


async def test_an_intent_without_a_trace_stays_open_and_is_to_be_sent_again(ledger, lease, blocks):
    intent = ledger.intend(lease, 0, b"bytes")
    blocks.mine(empty=100)
    done = await reconcile(ledger, blocks)

    assert done.open == (intent,)
    assert done.changes == ()


async def test_a_bundle_is_missed_only_when_its_last_block_is_confirmed(ledger, lease, blocks):
    ledger.intend(lease, 0, b"bytes", last_block=3)
    seen = []
    for _ in range(6):
        await reconcile(ledger, blocks)
        seen.append(str(states(ledger)[0]))
        blocks.mine()

    assert seen == ["open"] * 5 + ["missed"]


async def test_a_nonce_that_went_to_other_bytes_kills_the_intent(ledger, lease, blocks):
    ledger.intend(lease, 0, b"bytes")
    blocks.mine((0, "0xother", True))
    await reconcile(ledger, blocks)
    before = states(ledger)
    blocks.mine(empty=1)
    await reconcile(ledger, blocks)

    assert (before, states(ledger)) == (["open"], ["dead"])


async def test_an_inclusion_in_a_block_that_is_gone_is_reopened(ledger, lease, blocks):
    intent = ledger.intend(lease, 0, b"bytes")
    blocks.mine((0, intent.tx_hash, True))
    await reconcile(ledger, blocks)
    blocks.reorganise(1)
    blocks.mine()
    done = await reconcile(ledger, blocks)

    assert states(ledger) == ["open"]
    assert done.reorged == 1
    assert [i.tx_hash for i in done.open] == [intent.tx_hash]
    assert [row.canonical for row in inclusion_rows(ledger)] == [False]


async def test_an_inclusion_that_moved_to_another_block_is_written_anew(ledger, lease, blocks):
    intent = ledger.intend(lease, 0, b"bytes")
    blocks.mine((0, intent.tx_hash, True))
    await reconcile(ledger, blocks)
    blocks.reorganise(1)
    blocks.mine()
    blocks.mine((0, intent.tx_hash, True))
    done = await reconcile(ledger, blocks)

    assert states(ledger) == ["included"]
    assert done.reorged == 1
    assert [(r.block, r.canonical) for r in inclusion_rows(ledger)] == [(1, False), (2, True)]


async def test_a_missed_bundle_that_lands_after_all_wins_its_nonce_back(ledger, lease, blocks):
    first = ledger.intend(lease, 0, b"bytes", last_block=1)
    blocks.mine(empty=3)
    await reconcile(ledger, blocks)
    ledger.intend(lease, 0, b"other bytes")
    blocks.reorganise(4)
    blocks.mine((0, first.tx_hash, True))
    await reconcile(ledger, blocks)

    assert states(ledger) == ["included", "dead"]


async def test_a_missed_bundle_stays_missed_when_the_chain_goes_back(ledger, lease, blocks):
    ledger.intend(lease, 0, b"bytes", last_block=1)
    blocks.mine(empty=3)
    await reconcile(ledger, blocks)
    second = ledger.intend(lease, 0, b"other bytes")
    blocks.reorganise(3)
    done = await reconcile(ledger, blocks)

    assert states(ledger) == ["missed", "open"]
    assert [i.id for i in done.open] == [second.id]


async def test_what_killed_an_intent_can_be_reorganised_away(ledger, lease, blocks):
    ledger.intend(lease, 0, b"bytes")
    blocks.mine((0, "0xother", True), empty=2)
    await reconcile(ledger, blocks)
    blocks.reorganise(3)
    await reconcile(ledger, blocks)

    assert states(ledger) == ["open"]


async def test_final_intents_are_not_asked_for_again(ledger, lease, blocks):
    landed = ledger.intend(lease, 0, b"bytes")
    ledger.intend(lease, 1, b"missed", last_block=1)
    ledger.intend(lease, 2, b"dead")
    blocks.mine((0, landed.tx_hash, True))
    blocks.mine((1, "0xone", True), (2, "0xtwo", True))
    before = await reconcile(ledger, blocks)
    blocks.mine(empty=70)
    await reconcile(ledger, blocks, since=before.head)

    assert states(ledger) == ["included", "dead", "dead"]
    assert ledger.unsettled(1) == ()


def a_plan(ledger, rate_x96=2**96):
    plan = PlanRecord(
        chain_id=1,
        target_block=1,
        token="0x" + "cc" * 20,
        gross_profit=1_000_000,
        gas_cost=150_000,
        builder_payment=300_000,
        min_profit=1,
        gas_limit=40_000,
        max_fee_per_gas_wei=9,
        priority_fee_per_gas_wei=1,
        token_per_wei_x96=rate_x96,
    )
    number = ledger.journal.record_plan(plan)

    assert ledger.journal.plan(number) == plan
    return number


async def test_the_difference_to_the_plan_is_explained(ledger, lease, blocks):
    intent = ledger.intend(lease, 0, b"bytes", plan_id=a_plan(ledger))
    blocks.mine((0, intent.tx_hash, True))
    await reconcile(ledger, blocks, read_profit=lambda receipt: Executed(650_000, 280_000))
    (row,) = inclusion_rows(ledger)

    # 21,000 gas at 7 wei cost 147,000; the swaps brought 930,000
    assert (row.expected_profit, row.realised_profit) == (550_000, 503_000)
    assert (row.moved_state, row.gas, row.builder_payment, row.failed) == (
        -70_000,
        3_000,
        20_000,
        0,
    )


async def test_gas_is_counted_in_the_profit_token(ledger, lease, blocks):
    intent = ledger.intend(lease, 0, b"bytes", plan_id=a_plan(ledger, 2**95))
    blocks.mine((0, intent.tx_hash, True))
    await reconcile(ledger, blocks, read_profit=lambda receipt: Executed(700_000, 600_000))
    (row,) = inclusion_rows(ledger)

    assert row.realised_profit == 700_000 - 73_500
    assert (row.moved_state, row.builder_payment) == (0, 0)


async def test_a_revert_costs_its_gas_and_the_whole_plan(ledger, lease, blocks):
    intent = ledger.intend(lease, 0, b"bytes", plan_id=a_plan(ledger))
    blocks.mine((0, intent.tx_hash, False))
    await reconcile(ledger, blocks)
    (row,) = inclusion_rows(ledger)

    assert row.realised_profit == -147_000
    assert (row.moved_state, row.gas, row.builder_payment, row.failed) == (
        0,
        3_000,
        300_000,
        -1_000_000,
    )


async def test_a_profit_that_nobody_can_read_stays_unknown(ledger, lease, blocks):
    intent = ledger.intend(lease, 0, b"bytes", plan_id=a_plan(ledger))
    blocks.mine((0, intent.tx_hash, True))
    await reconcile(ledger, blocks)

    assert inclusion_rows(ledger)[0].realised_profit is None


async def test_the_audit_names_what_the_chain_did_and_the_ledger_does_not_know(
    ledger, lease, blocks
):
    intent = ledger.intend(lease, 0, b"bytes")
    blocks.mine((0, intent.tx_hash, True), (1, "0xother", True))
    await reconcile(ledger, blocks)
    said = await audit(ledger, blocks, SIGNER)
    blocks.reorganise(1)

    assert said == ("nonce 1: the chain has used it, the ledger has no landed intent",)
    assert "nonce 0: the ledger says" in (await audit(ledger, blocks, SIGNER))[0]


steps = st.lists(
    st.sampled_from(["intend", "bundle", "mine", "land", "other", "reorganise", "reconcile"]),
    min_size=5,
    max_size=40,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=steps, data=st.data())
async def test_whatever_happens_no_nonce_has_two_live_intents_and_the_ledger_ends_like_the_chain(
    tmp_path_factory, steps, data
):
    blocks = FakeBlocks(SIGNER)
    with Ledger(f"{tmp_path_factory.mktemp('l')}/ledger.sqlite") as ledger:
        lease = ledger.acquire(1, SIGNER)
        seen = None
        for count, step in enumerate(steps):
            if step == "reconcile":
                seen = (await reconcile(ledger, blocks, since=seen)).head
            else:
                await take(step, count, ledger, lease, blocks, data)
            live = [i.nonce for i in ledger.intents(1, SIGNER) if i.landed or i.state == "open"]
            assert len(set(live)) == len(live)
        blocks.mine(empty=80)
        await reconcile(ledger, blocks, since=seen)
        on_chain = {tx for block in blocks.blocks for _, tx, _ in block}
        ours = ledger.intents(1, SIGNER)

        assert {i.tx_hash for i in ours if i.landed} == {i.tx_hash for i in ours} & on_chain


async def take(step, count, ledger, lease, blocks, data):
    used = await blocks.nonce(SIGNER)
    if step in ("intend", "bundle"):
        nonce = ledger.next_nonce(1, SIGNER, used)
        last = blocks.head + 1 if step == "bundle" else None
        ledger.intend(lease, nonce, b"%d" % count, last_block=last)
    elif step == "land":
        # anything that was ever signed may land, if its nonce is the next and its block is not over
        able = [
            i
            for i in ledger.intents(1, SIGNER)
            if i.nonce == used and (i.last_block is None or i.last_block > blocks.head)
        ]
        if able:
            chosen = data.draw(st.sampled_from(able))
            blocks.mine((used, chosen.tx_hash, data.draw(st.booleans())))
    elif step == "other":
        blocks.mine((used, f"0xother{count}", True))
    elif step == "reorganise" and blocks.head > 2:
        blocks.reorganise(data.draw(st.integers(1, 2)))
    else:
        blocks.mine(empty=2)
