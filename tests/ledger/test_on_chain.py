"""Reconcile with a real node: inclusion, revert, reorganisation, and a nonce that somebody else used."""

import pytest
from eth_account import Account
from transfers import SIGNER, sign

from arbx.chain import Chain
from arbx.errors import ChainError
from arbx.ledger import IntentState, Ledger, reconcile
from arbx.ledger.audit import audit

KEY_OF_NOBODY = "0x" + "01" * 32


@pytest.fixture
async def chain(market):
    market.chain.rpc.ask("anvil_setBalance", SIGNER, hex(10**20))
    async with await Chain.connect(market.chain.url, attempts=1) as connected:
        yield connected


@pytest.fixture
def local(market):
    return market.chain


@pytest.fixture
def ledger(tmp_path):
    with Ledger(f"{tmp_path}/ledger.sqlite") as opened:
        yield opened


@pytest.fixture
def intend(ledger, chain):
    lease = ledger.acquire(chain.chain_id, SIGNER)
    return lambda nonce: ledger.intend(lease, nonce, sign(nonce, chain.chain_id))


async def test_what_was_sent_is_found_included_with_its_gas(ledger, chain, local, intend):
    intent = intend(0)
    await chain.send(intent.raw)
    local.mine()
    done = await reconcile(ledger, chain)
    (receipt,) = await chain.receipts([intent.tx_hash])

    assert [change.state for change in done.changes] == [IntentState.INCLUDED]
    assert (receipt.gas_used, receipt.to) == (21_000, "0x" + "11" * 20)
    assert await audit(ledger, chain, SIGNER) == ()


async def test_the_same_bytes_may_be_sent_twice(chain, local, intend):
    intent = intend(0)

    assert await chain.send(intent.raw) == await chain.send(intent.raw) == intent.tx_hash
    local.mine()
    assert await chain.send(intent.raw) == intent.tx_hash


async def test_bytes_that_no_node_takes_are_refused(chain):
    poor = {"chainId": chain.chain_id, "nonce": 0, "gas": 21_000, "gasPrice": 10**10, "value": 1}
    raw = Account.sign_transaction({**poor, "to": "0x" + "11" * 20}, KEY_OF_NOBODY).raw_transaction

    with pytest.raises(ChainError, match="eth_sendRawTransaction was refused"):
        await chain.send(bytes(raw))


async def test_a_reorganised_inclusion_is_reopened_and_lands_again(ledger, chain, local, intend):
    intent = intend(0)
    before = local.rpc.ask("evm_snapshot")
    await chain.send(intent.raw)
    local.mine()
    await reconcile(ledger, chain)
    local.rpc.ask("evm_revert", before)
    local.mine(2)
    gone = await reconcile(ledger, chain)
    await chain.send(gone.open[0].raw)
    local.mine()
    back = await reconcile(ledger, chain)

    assert (gone.reorged, [i.id for i in gone.open]) == (1, [intent.id])
    assert [change.state for change in back.changes] == [IntentState.INCLUDED]
    assert await audit(ledger, chain, SIGNER) == ()


async def test_a_nonce_that_other_bytes_used_is_dead_and_the_audit_says_so(
    ledger, chain, local, intend
):
    intend(0)
    await chain.send(sign(0, chain.chain_id))
    local.mine(4)
    await reconcile(ledger, chain)

    assert [i.state for i in ledger.intents(chain.chain_id, SIGNER)] == [IntentState.DEAD]
    assert ledger.next_nonce(chain.chain_id, SIGNER, await chain.nonce(SIGNER)) == 1
    assert await audit(ledger, chain, SIGNER) == (
        "nonce 0: the chain has used it, the ledger has no landed intent",
    )
