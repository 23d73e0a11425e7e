"""Kill a trader at random points: no nonce gets two sets of bytes, no row is lost, the ledger equals the chain."""

import json
import pathlib
import subprocess
import sys
from collections import defaultdict

import sqlalchemy as sa
from crash_loop import SIGNER

from arbx.chain import Chain
from arbx.ledger import Ledger, reconcile
from arbx.ledger.audit import audit
from arbx.ledger.tables import inclusions, intents

LOOP = pathlib.Path(__file__).with_name("crash_loop.py")
KILLS = 300
SECONDS = 60


def kill_traders(url, node, folder):
    command = [sys.executable, LOOP, url, node.rsplit(":", 1)[1], folder, KILLS, SECONDS]
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=SECONDS + 60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["killed"]


def witnessed(folder):
    """Return the hashes that were about to be sent, by nonce, as a file that no crash undoes has them."""
    seen = defaultdict(set)
    for line in (folder / "witness").read_text().splitlines():
        nonce, tx_hash = line.split()
        seen[int(nonce)].add(tx_hash)
    return seen


async def finish(ledger, chain, local):
    """Start once more, as after any crash, and let everything land."""
    for intent in (await reconcile(ledger, chain)).open:
        await chain.send(intent.raw)
    local.mine()
    return await reconcile(ledger, chain)


async def test_a_trader_that_is_killed_at_random_points_loses_nothing(market, tmp_path):
    local = market.chain
    local.rpc.ask("anvil_setBalance", SIGNER, hex(10**20))
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    killed = kill_traders(url, local.url, tmp_path)
    sent = witnessed(tmp_path)
    with Ledger(url) as ledger:
        async with await Chain.connect(local.url) as chain:
            done = await finish(ledger, chain, local)
            disagreements = await audit(ledger, chain, SIGNER)
            used = await chain.nonce(SIGNER)
        ours = ledger.intents(local.chain_id, SIGNER)
        with ledger.database.reading() as connection:
            integrity = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            rows = connection.execute(sa.select(sa.func.count(inclusions.c.id))).scalar()
            landed = intents.c.state == "included"
            included = connection.execute(sa.select(sa.func.count()).where(landed)).scalar()

    assert (tmp_path / "complaints").read_text() == ""
    assert killed >= KILLS // 5
    assert used > killed // 5
    assert [nonce for nonce, hashes in sent.items() if len(hashes) > 1] == []
    assert {h for hashes in sent.values() for h in hashes} <= {i.tx_hash for i in ours}
    assert sorted(i.nonce for i in ours) == list(range(used))
    assert (integrity, rows, included) == ("ok", used, used)
    assert done.open == ()
    assert disagreements == ()
