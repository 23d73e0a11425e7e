"""Run the ledger's commands as a person does."""

import csv
import io
import json
import re
import subprocess
import sys

import pytest
from transfers import SIGNER, sign

from arbx.ledger import Ledger


@pytest.fixture
def run(tmp_path):
    def run(*arguments):
        code = "import sys; from arbx.cli import main; sys.exit(main())"
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def book(tmp_path):
    """Return a ledger with one intent, where the commands look for it without being told."""
    with Ledger(f"{tmp_path}/ledger.sqlite") as ledger:
        lease = ledger.acquire(31_337, SIGNER)
        intent = ledger.intend(lease, 0, sign(0, 31_337))
        yield ledger, intent


def test_show_prints_the_newest_rows(run, book):
    done = run("ledger", "show")
    head, row = done.stdout.splitlines()

    assert done.returncode == 0, done.stderr
    assert head.split()[:4] == ["ID", "RECORDED_AT", "CHAIN_ID", "SIGNER"]
    assert book[1].tx_hash in row
    assert book[1].raw.hex()[:40] not in done.stdout


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_export_writes_a_file(run, book, tmp_path, form):
    done = run("ledger", "export", "intents", "--format", form, "--out", "out.txt")
    text = (tmp_path / "out.txt").read_text()
    (row,) = [json.loads(text)] if form == "jsonl" else csv.DictReader(io.StringIO(text))

    assert (done.returncode, done.stdout) == (0, "")
    assert "1 intents written" in done.stderr
    assert row["tx_hash"] == book[1].tx_hash


def test_reconcile_says_what_changed_and_sends_again_when_asked(run, book, market):
    local = market.chain
    local.rpc.ask("anvil_setBalance", SIGNER, hex(10**20))
    still = run("ledger", "reconcile", "--rpc", local.url, "--send")
    local.mine()
    done = run("ledger", "reconcile", "--rpc", local.url)

    assert "0 changed, 1 still open" in still.stdout, still.stderr
    assert f"nonce 0 {book[1].tx_hash}: sent again" in still.stdout
    assert f"nonce 0 {book[1].tx_hash}: open → included" in done.stdout
    assert (still.returncode, done.returncode) == (0, 0)


def test_reconcile_sends_nothing_of_what_is_withheld(run, book, market):
    ledger, _ = book
    local, lease = market.chain, ledger.acquire(31_337, SIGNER)
    local.rpc.ask("anvil_setBalance", SIGNER, hex(10**20))
    withheld = ledger.intend(lease, 1, sign(1, 31_337), withheld=True)
    done = run("ledger", "reconcile", "--rpc", local.url, "--send")
    local.mine()

    assert "2 still open" in done.stdout
    assert "nonce 0" in done.stdout
    assert withheld.tx_hash not in done.stdout


def test_reconcile_exits_with_1_when_ledger_and_chain_disagree(run, book, market):
    local = market.chain
    local.rpc.ask("anvil_setBalance", SIGNER, hex(10**20))
    local.rpc.ask("eth_sendRawTransaction", "0x" + sign(0, 31_337).hex())
    local.mine(3)
    done = run("ledger", "reconcile", "--rpc", local.url)

    assert done.returncode == 1
    assert "disagreement: nonce 0: the chain has used it" in done.stderr


def test_report_prints_tables_csv_and_a_plot(run, book, tmp_path):
    table = run("report", "--plot", "profit.svg")
    long = run("report", "--format", "csv", "--since", "7d")
    rows = list(csv.DictReader(io.StringIO(long.stdout)))

    assert re.match(r"TOKEN +OPEN +INCLUDED", table.stdout), table.stderr
    assert "no relay yet" in table.stdout
    assert "<svg" in (tmp_path / "profit.svg").read_text()
    assert {"group": "token", "name": "unknown", "measure": "open", "value": "1"} in rows


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ledger", "show", "orders"], "no 'orders'"),
        (["ledger", "show", "--ledger", "other.sqlite"], "there is no ledger"),
        (["ledger", "show", "--ledger", "env:NO_SUCH_LEDGER"], "NO_SUCH_LEDGER' is not set"),
        (["ledger", "show", "--ledger", "mysql://root:pass-word@x/y"], "mysql://"),
        (["ledger", "export", "intents", "--since", "yesterday"], "--since yesterday: is no time"),
        (["ledger", "export", "intents", "--out", "/no/such/file"], "--out /no/such/file"),
        (["ledger", "reconcile"], "no endpoint is named"),
        (["report", "--plot", "profit.gif"], "name it with one of .png, .svg"),
        (["report", "--plot", "no/such/profit.svg"], "there is no such folder"),
    ],
)
def test_bad_input_is_one_clear_error(run, book, arguments, said):
    done = run(*arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "pass-word" not in done.stderr
