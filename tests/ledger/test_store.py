"""Hold the ledger to its first promise: no nonce has two sets of bytes that can land."""

import os
import pathlib
import stat
import threading

import pytest
import sqlalchemy as sa
from ledger_fakes import SIGNER

from arbx.execution.model import Bundle, Submission, SubmissionStatus
from arbx.ledger import IntentState, LeaseLost, Ledger, LedgerError, NonceTaken
from arbx.ledger.settle import Verdict, settle
from arbx.ledger.tables import intents, submissions


def end(ledger, intent, state):
    """Write an end of an intent down as reconciliation does."""
    settle(ledger, [Verdict(intent, state, None, final=False)], {})


def test_an_intent_survives_the_process(url, ledger, lease):
    intent = ledger.intend(lease, 3, b"signed bytes", last_block=9)
    with Ledger(url) as again:
        found = again.unsettled(1)

    assert found == (intent,)
    assert (intent.nonce, intent.raw, intent.last_block) == (3, b"signed bytes", 9)
    assert intent.state is IntentState.OPEN


def test_the_same_bytes_are_the_same_intent(ledger, lease):
    first = ledger.intend(lease, 3, b"bytes", last_block=9)

    assert ledger.intend(lease, 3, b"bytes", last_block=9) == first


def test_the_same_bytes_for_more_blocks_stay_open_for_longer(ledger, lease):
    ledger.intend(lease, 3, b"bytes", last_block=9)
    ledger.intend(lease, 3, b"bytes", last_block=12)
    ledger.intend(lease, 3, b"bytes", last_block=10)

    assert [intent.last_block for intent in ledger.unsettled(1)] == [12]
    # once in the public mempool, for ever in the public mempool
    assert ledger.intend(lease, 3, b"bytes").last_block is None
    assert ledger.intend(lease, 3, b"bytes", last_block=14).last_block is None


def test_other_bytes_for_an_open_nonce_are_refused(ledger, lease):
    ledger.intend(lease, 3, b"bytes")

    with pytest.raises(NonceTaken, match=r"nonce 3 .* can still land"):
        ledger.intend(lease, 3, b"other bytes")


def test_withheld_bytes_keep_their_nonce_and_are_not_sendable_until_they_are_allowed(
    url, ledger, lease
):
    intent = ledger.intend(lease, 3, b"bytes", last_block=9, withheld=True)
    with Ledger(url) as again:
        (found,) = again.unsettled(1)
    with pytest.raises(NonceTaken):
        ledger.intend(lease, 3, b"other bytes")
    allowed = ledger.allow(lease, intent)
    with Ledger(url) as again:
        (then,) = again.unsettled(1)

    assert found == intent
    assert (found.withheld, found.sendable) == (True, False)
    assert then == allowed
    assert (then.withheld, then.sendable) == (False, True)


def test_withheld_bytes_stay_withheld_when_they_are_intended_again(ledger, lease):
    ledger.intend(lease, 3, b"bytes", withheld=True)

    assert ledger.intend(lease, 3, b"bytes").withheld


@pytest.mark.parametrize("state", [IntentState.MISSED, IntentState.DEAD])
def test_what_can_no_longer_land_is_not_allowed_either(ledger, lease, state):
    intent = ledger.intend(lease, 3, b"bytes", withheld=True)
    end(ledger, intent, state)

    with pytest.raises(LedgerError, match="no longer open"):
        ledger.allow(lease, intent)


def test_only_the_holder_of_the_lease_allows(url, ledger, lease):
    intent = ledger.intend(lease, 3, b"bytes", withheld=True)
    ledger.release(lease)
    with Ledger(url) as other:
        other.acquire(1, SIGNER)
        with pytest.raises(LeaseLost):
            ledger.allow(lease, intent)

    assert ledger.unsettled(1)[0].withheld


@pytest.mark.parametrize("state", [IntentState.MISSED, IntentState.DEAD])
def test_other_bytes_are_welcome_once_the_first_cannot_land(ledger, lease, state):
    end(ledger, ledger.intend(lease, 3, b"bytes"), state)
    second = ledger.intend(lease, 3, b"other bytes")

    assert ledger.open_intents(1, SIGNER) == (second,)


def test_bytes_that_were_given_up_are_not_sent_again(ledger, lease):
    end(ledger, ledger.intend(lease, 3, b"bytes"), IntentState.MISSED)

    with pytest.raises(NonceTaken, match="given up as missed"):
        ledger.intend(lease, 3, b"bytes")


def test_the_database_itself_refuses_a_second_live_intent(ledger, lease):
    intent = ledger.intend(lease, 3, b"bytes")
    row = {
        column.name: getattr(intent, column.name)
        for column in intents.c
        if column.name not in ("id", "lease_token")
    }
    with pytest.raises(LedgerError), ledger.database.writing() as connection:
        connection.execute(
            sa.insert(intents).values(**row | {"tx_hash": "0x0", "state": "open"}, lease_token=1)
        )


def test_of_many_threads_one_gets_the_nonce(ledger, lease):
    won, lost = [], []

    def compete(number):
        try:
            won.append(ledger.intend(lease, 3, bytes([number])))
        except NonceTaken:
            lost.append(number)

    threads = [threading.Thread(target=compete, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 7)


def test_the_next_nonce_fills_the_hole_of_a_missed_bundle(ledger, lease):
    made = [ledger.intend(lease, nonce, bytes([nonce])) for nonce in (5, 6, 7)]
    end(ledger, made[1], IntentState.MISSED)

    assert ledger.next_nonce(1, SIGNER, 5) == 6
    assert ledger.next_nonce(1, SIGNER, 7) == 8
    assert ledger.next_nonce(2, SIGNER, 5) == 5


def test_a_lagging_node_does_not_make_a_used_nonce_free(ledger, lease):
    ledger.intend(lease, 5, b"bytes")

    assert ledger.next_nonce(1, SIGNER, 5) == 6


def test_every_answer_of_a_relay_is_a_row(ledger, lease):
    intent = ledger.intend(lease, 3, b"bytes")
    bundle = Bundle((b"bytes",), target_block=8)
    ledger.record_submissions(
        intent,
        [
            Submission("one", bundle, SubmissionStatus.ACCEPTED, "0xabc", None, 0.0125),
            Submission("two", bundle, SubmissionStatus.UNKNOWN, None, "no answer", 5.0),
        ],
    )
    with ledger.database.reading() as connection:
        rows = connection.execute(sa.select(submissions).order_by(submissions.c.relay)).all()

    assert [(r.relay, r.status, r.target_block, r.latency_us) for r in rows] == [
        ("one", "accepted", 8, 12_500),
        ("two", "unknown", 8, 5_000_000),
    ]


def test_whatever_a_relay_says_is_written_down(ledger, lease):
    intent = ledger.intend(lease, 3, b"bytes")
    bundle = Bundle((b"bytes",), target_block=8)
    said = "\x00\ud800" + 5_000 * "é"
    ledger.record_submissions(
        intent, [Submission("one", bundle, SubmissionStatus.REJECTED, said, said, 0.1)]
    )
    with ledger.database.reading() as connection:
        (row,) = connection.execute(sa.select(submissions)).all()

    assert (len(row.bundle_hash), len(row.reason)) == (80, 1_000)
    assert row.reason.startswith("��é")


def test_signed_bytes_are_readable_by_their_owner_only(tmp_path):
    path = tmp_path / "ledger.sqlite"
    path.touch(0o644)
    with Ledger(str(path)) as ledger:
        ledger.intend(ledger.acquire(1, SIGNER), 0, b"bytes")
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}

    assert modes == {0o600}


def test_signed_bytes_are_in_no_text(ledger, lease):
    intent = ledger.intend(lease, 3, b"very secret bytes")
    with pytest.raises(NonceTaken) as refused:
        ledger.intend(lease, 3, b"other secret bytes")
    row = {"raw": b"very secret bytes", "tx_hash": intent.tx_hash, "chain_id": 1}
    with pytest.raises(LedgerError) as failed, ledger.database.writing() as connection:
        connection.execute(sa.insert(intents).values(**row))

    assert "secret" not in repr(intent) + str(refused.value) + str(failed.value)
    assert b"very secret bytes".hex() not in str(failed.value)


def test_every_commit_is_on_the_disk(tmp_path):
    with Ledger(f"{tmp_path}/l") as ledger, ledger.database.reading() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert pragmas == ["wal", 2, 1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root@localhost/x", "mysql://"),
        ("sqlite://", "sqlite:///ledger.sqlite"),
        ("sqlite:///:memory:", "sqlite:///ledger.sqlite"),
        ("x://:://", "can't be read|sqlite:///ledger.sqlite"),
        ("/no/such/folder/ledger.sqlite", "check the path"),
        ("postgresql://nobody:pass-word@127.0.0.1:1/x", "check the URL"),
    ],
)
def test_a_ledger_that_cannot_be_opened_says_why(url, said):
    with pytest.raises(LedgerError, match=said) as refused:
        Ledger(url)

    assert "pass-word" not in str(refused.value)


def test_a_file_that_is_no_ledger_is_named(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("these are my notes, and they are longer than a header of SQLite " * 20)

    with pytest.raises(
        LedgerError, match=r"notes.txt.*not a database; the file is something else"
    ):
        Ledger(str(other))


def test_nothing_is_created_when_a_ledger_is_only_looked_for(tmp_path):
    with pytest.raises(LedgerError, match="there is no ledger"):
        Ledger(str(tmp_path / "ledger.sqlite"), create=False)

    assert list(tmp_path.iterdir()) == []


def test_a_ledger_of_a_newer_arbx_is_refused(url, ledger):
    with ledger.database.writing() as connection:
        connection.exec_driver_sql("UPDATE arbx_ledger_version SET version_num = '9999'")

    with pytest.raises(LedgerError, match=r"revision 9999.*upgrade arbx"):
        Ledger(url)


def test_importing_arbx_does_not_import_the_database():
    code = "import sys, arbx, arbx.cli.app, arbx.ledger; print('sqlalchemy' in sys.modules)"
    done = os.popen(f'"{os.sys.executable}" -c "{code}"').read()

    assert done.strip() == "False"


def test_the_migrations_are_package_data():
    folder = pathlib.Path(__import__("arbx.ledger", fromlist=["x"]).__file__).parent

    assert (folder / "migrations/env.py").is_file()
    assert list(folder.glob("migrations/versions/0001_*.py"))
