"""Hold the report to what was written, and the export to every wei and no signed byte."""

import csv
import io
import json
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from matplotlib import image as images

import arbx
from arbx.errors import ConfigError
from arbx.execution.model import (
    Bundle,
    Simulation,
    Submission,
    SubmissionStatus,
    TransactionResult,
)
from arbx.ledger import Executed, IntentState, LedgerError, PlanRecord, Skip, reconcile
from arbx.ledger.export import NOUNS, newest, rows_of, write_csv, write_jsonl
from arbx.ledger.plot import draw
from arbx.ledger.report import Profit, report
from arbx.ledger.tables import intents, skips

WETH, DAI = "0x" + "ee" * 20, "0x" + "dd" * 20


def opportunity():
    tokens = (arbx.Token(WETH), arbx.Token(DAI))
    one = arbx.Pool(1, "uniswap_v2", "0x" + "01" * 20, tokens, "sushiswap")
    two = arbx.Pool(1, "uniswap_v3", "0x" + "02" * 20, tokens)
    cycle = arbx.Cycle((arbx.Hop(one, 0, 1), arbx.Hop(two, 1, 0)))
    return arbx.Opportunity(cycle, arbx.Optimum(2**90, (2**100, 2**90 + 10**18), 10**18, None))


def plan(opportunity_id):
    return PlanRecord(
        chain_id=1,
        target_block=1,
        token=WETH,
        gross_profit=10**18,
        gas_cost=150_000,
        builder_payment=2 * 10**17,
        min_profit=1,
        gas_limit=40_000,
        max_fee_per_gas_wei=9,
        priority_fee_per_gas_wei=1,
        opportunity_id=opportunity_id,
    )


@pytest.fixture
async def told(ledger, lease, blocks):
    """A ledger with an inclusion, a revert, a miss and an open intent, at two relays."""
    (found,) = ledger.journal.record_opportunities(0, [opportunity()])
    ledger.journal.record_skips(
        [Skip("profit_below_gas", 1, 0), Skip("profit_below_gas", 1, 0), Skip("limit_hit", 1, 0)]
    )
    number = ledger.journal.record_plan(plan(found))
    result = Simulation(0, (TransactionResult("0x1", 30_000),), 30_000, 5)
    ledger.journal.record_simulation(number, 1, "node", result)
    sent = [
        ledger.intend(lease, nonce, b"secret %d" % nonce, last_block=last, plan_id=number)
        for nonce, last in ((0, 1), (1, 1), (2, 2), (3, 99))
    ]
    for intent in sent:
        bundle = Bundle((intent.raw,), target_block=1)
        latency_s = 0.01 * (intent.nonce + 1)
        ledger.record_submissions(
            intent,
            [
                Submission("fast", bundle, SubmissionStatus.ACCEPTED, "0x1", None, latency_s),
                Submission("slow", bundle, SubmissionStatus.UNKNOWN, None, "no answer", 5.0),
            ],
        )
    blocks.mine((0, sent[0].tx_hash, True), (1, sent[1].tx_hash, False), empty=10)
    await reconcile(ledger, blocks, read_profit=lambda _: Executed(7 * 10**17, 2 * 10**17))
    return ledger


def test_profit_is_summed_up_with_its_causes(told):
    (line,) = report(told).tokens

    assert (line.token, line.open, line.included, line.reverted, line.missed) == (WETH, 1, 1, 1, 1)
    assert line.inclusion_rate == pytest.approx(1 / 3)
    assert line.realised_profit == 7 * 10**17 - 2 * 147_000
    assert line.moved_state == -(10**17)
    assert line.failed == -(10**18)
    assert line.realised_profit - line.expected_profit == sum(
        (line.moved_state, line.gas, line.builder_payment, line.failed)
    )


def test_relays_are_told_apart(told):
    fast, slow = report(told).relays

    assert (fast.relay, fast.accepted, len(fast.included)) == ("fast", 4, 1)
    assert [fast.latency_us(percent) for percent in (50, 90, 99)] == [20_000, 40_000, 40_000]
    assert (slow.relay, slow.unknown, len(slow.included)) == ("slow", 4, 0)


def test_each_exchange_of_a_cycle_is_counted(told):
    assert [
        (line.exchange, line.opportunities, line.intents, line.included)
        for line in report(told).exchanges
    ] == [("sushiswap", 1, 4, 1), ("uniswap_v3", 1, 4, 1)]


def test_skips_are_counted_most_frequent_first(told):
    assert report(told).skips == (("profit_below_gas", 2), ("limit_hit", 1))


def test_a_report_of_the_future_is_empty(told):
    found = report(told, datetime.now(UTC) + timedelta(hours=1))

    assert (found.tokens, found.relays, found.exchanges, found.skips) == ((), (), (), ())


def test_what_was_recorded_before_is_left_out(told):
    old = datetime.now(UTC) - timedelta(days=9)
    with told.database.writing() as connection:
        connection.execute(sa.update(skips).values(recorded_at=old))
        connection.execute(sa.update(intents).values(recorded_at=old))
    found = report(told, datetime.now(UTC) - timedelta(days=1))

    assert (found.tokens, found.skips) == ((), ())
    assert len(found.relays) == 2


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_is_exported_whole_and_without_signed_bytes(told, noun):
    lines, table = io.StringIO(), io.StringIO()
    count = write_jsonl(rows_of(told, noun), lines)
    rows = [json.loads(line) for line in lines.getvalue().splitlines()]

    assert count == len(rows) == write_csv(rows_of(told, noun), noun, table) > 0
    assert len(list(csv.DictReader(io.StringIO(table.getvalue())))) == count
    assert [row["id"] for row in newest(told, noun, 1)] == [rows[-1]["id"]]
    assert not {"raw", "lease_token"} & rows[0].keys()
    assert b"secret".hex() not in lines.getvalue() + table.getvalue()


def test_an_export_keeps_every_wei(told):
    (row,) = rows_of(told, "opportunities")

    assert (row["amount_in"], row["gross_profit"]) == (str(2**90), str(10**18))
    assert row["cycle"] == opportunity().as_json()["cycle"]
    assert row["exchanges"] == "sushiswap,uniswap_v3"


def test_a_noun_that_is_not_there_is_named(ledger):
    with pytest.raises(LedgerError, match="no 'orders'; it has inclusions, intents"):
        list(rows_of(ledger, "orders"))


START = datetime(2026, 1, 1, tzinfo=UTC)
PROFITS = [
    Profit(START + timedelta(hours=hour), token, 10, realised)
    for hour, (token, realised) in enumerate([("a<b$", 9), ("a<b$", -4), ("c", 2**200)])
]


def texts(path):
    return {"".join(node.itertext()).strip() for node in ET.parse(path).findall(".//{*}text")}


def test_the_plot_is_a_drawing_with_one_panel_for_each_token(tmp_path):
    draw(PROFITS, tmp_path / "a.svg")
    draw(PROFITS, tmp_path / "b.svg")
    words = texts(tmp_path / "a.svg")

    assert "a<b$: realised 5, expected 20, 2 transactions" in words
    assert f"c: realised {2**200}, expected 10, 1 transactions" in words
    assert {"realised", "expected", "smallest units"} <= words
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_plot_is_an_image_with_both_lines(tmp_path):
    draw(PROFITS, tmp_path / "profit.png")
    image = np.rint(255 * images.imread(tmp_path / "profit.png")[..., :3])

    assert image.shape[:2] == (900, 1350)
    for colour in ((0x00, 0x79, 0x6B), (0x9E, 0x9E, 0x9E)):
        assert (image == colour).all(axis=-1).sum() > 1_000


def test_a_plot_of_nothing_says_so(tmp_path):
    draw([], tmp_path / "profit.svg")

    assert "no explained inclusion yet" in texts(tmp_path / "profit.svg")


def test_without_matplotlib_the_cure_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(ConfigError, match=r"needs matplotlib; try: pip install 'arbx\[plot\]'"):
        draw(PROFITS, tmp_path / "profit.svg")


async def test_an_intent_that_lands_is_followed_to_its_end(told, blocks):
    states = [intent.state for intent in told.intents(1, blocks.signer)]

    assert states == [
        IntentState.INCLUDED,
        IntentState.REVERTED,
        IntentState.MISSED,
        IntentState.OPEN,
    ]
