"""Say where the ledger and the chain disagree; the demonstration fails if they do."""

from collections.abc import Sequence

from arbx.ledger.model import Intent
from arbx.ledger.reconciliation import IntentChain
from arbx.ledger.store import Ledger
from arbx.ledger.tables import inclusions

__all__ = ["audit"]


async def audit(ledger: Ledger, chain: IntentChain, signer: str) -> tuple[str, ...]:
    """
    Return one sentence for each disagreement, after a reconciliation: none is agreement.

    Every nonce that the chain has used since the ledger's first must be that of a landed intent, and every landed
    intent must be in the very block that the ledger names, with the same gas.
    """
    ours = ledger.intents(chain.chain_id, signer)
    if not ours:
        return ()
    used = await chain.nonce(signer)
    landed = {intent.nonce: intent for intent in ours if intent.landed}
    first = min(intent.nonce for intent in ours)
    missing = [
        f"nonce {nonce}: the chain has used it, the ledger has no landed intent"
        for nonce in range(first, used)
        if nonce not in landed
    ]
    return (*missing, *await _wrong(ledger, chain, list(landed.values())))


async def _wrong(ledger: Ledger, chain: IntentChain, landed: Sequence[Intent]) -> list[str]:
    rows = _canonical(ledger)
    complaints = []
    for start in range(0, len(landed), 100):
        some = landed[start : start + 100]
        receipts = await chain.receipts([intent.tx_hash for intent in some])
        for intent, receipt in zip(some, receipts, strict=True):
            truth = receipt and (
                receipt.block_hash,
                receipt.gas_used,
                receipt.effective_gas_price_wei,
            )
            if truth != rows.get(intent.id):
                complaints.append(
                    f"nonce {intent.nonce}: the ledger says {rows.get(intent.id)}, the chain {truth}"
                )
    return complaints


def _canonical(ledger: Ledger) -> dict[int, tuple[str, int, int]]:
    query = inclusions.select().where(inclusions.c.canonical)
    with ledger.database.reading() as connection:
        return {
            row.intent_id: (row.block_hash, row.gas_used, row.effective_gas_price_wei)
            for row in connection.execute(query)
        }
