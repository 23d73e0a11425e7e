"""Hold the ledger against the chain: one path for start-up, crash recovery and every block."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import attrs

from arbx.ledger.explain import Executed
from arbx.ledger.model import Intent, IntentState
from arbx.ledger.profit import executed
from arbx.ledger.settle import Change, Verdict, settle
from arbx.ledger.store import Ledger

if TYPE_CHECKING:
    from arbx.chain import BlockRef, Receipt

__all__ = ["IntentChain", "ReadProfit", "Reconciliation", "reconcile"]

# After this many more blocks a missed bundle stays missed: a reorganised block may be built again.
_CONFIRMATIONS = 2
# Two epochs: what is that deep is final on Ethereum.
_FINALITY = 64
_RECEIPTS_AT_ONCE = 100

ReadProfit = Callable[["Receipt"], Executed | None]


class IntentChain(Protocol):
    """What reconciliation asks of a chain; `arbx.chain.Chain` answers it."""

    @property
    def chain_id(self) -> int:
        """Return the chain's id."""

    async def block(self, number: int | None = None) -> "BlockRef":
        """Return a block's header, by default the newest."""

    async def nonce(self, address: str, *, block: int | None = None) -> int:
        """Return how many nonces the account has used."""

    async def receipts(self, hashes: Sequence[str]) -> "list[Receipt | None]":
        """Return each transaction's receipt."""


@attrs.frozen
class Reconciliation:
    """What changed at *head*, and the intents that are still open: send their bytes again, and no others."""

    head: "BlockRef"
    changes: tuple[Change, ...]
    open: tuple[Intent, ...]

    @property
    def reorged(self) -> int:
        """Return how many inclusions were taken back by a reorganisation."""
        return sum(change.reorged for change in self.changes)


async def reconcile(
    ledger: Ledger,
    chain: IntentChain,
    *,
    since: "BlockRef | None" = None,
    read_profit: ReadProfit = executed,
    confirmations: int = _CONFIRMATIONS,
    finality: int = _FINALITY,
) -> Reconciliation:
    """
    Judge every intent that is not final by what the chain says, and write it down.

    *since* is the head of the last reconciliation with this chain, where the caller knows it: while that block is
    there, what had landed by then is as it was and is not asked for again. *read_profit* says what an included
    transaction left over; the profit stays unknown where it says None. The newest block is asked for before the
    receipts: a receipt that is missing then is missing at that block.
    """
    head = await chain.block()
    if since is not None and since.number > head.number:
        since = None
    watched = await _watched(ledger, chain, since, head.number - finality)
    receipts = await _receipts(chain, watched)
    traceless = {intent.signer for intent in watched if intent.tx_hash not in receipts}
    recent = await _nonces(chain, traceless, max(head.number - confirmations, 0))
    old = await _nonces(chain, traceless, max(head.number - finality, 0))
    depth = _Depth(head.number, confirmations, finality)
    verdicts = [
        _judge(i, receipts.get(i.tx_hash), recent.get(i.signer, 0), old.get(i.signer, 0), depth)
        for i in watched
    ]
    profits = {
        verdict.intent.id: read_profit(verdict.receipt)
        for verdict in verdicts
        if verdict.receipt and verdict.receipt.succeeded
    }
    changes = settle(ledger, verdicts, profits)
    # only a change can have opened one that was not watched
    left = ledger.unsettled(chain.chain_id) if changes else watched
    return Reconciliation(
        head, changes, tuple(intent for intent in left if intent.state is IntentState.OPEN)
    )


async def _watched(
    ledger: Ledger, chain: IntentChain, since: "BlockRef | None", final: int
) -> tuple[Intent, ...]:
    """Return the intents of which the chain may have something new to say; block *final* is final."""
    watched = ledger.unsettled(chain.chain_id)
    if since is None or not any(intent.landed for intent in watched):
        return watched
    if (await chain.block(since.number)).hash != since.hash:
        return watched
    blocks = ledger.inclusion_blocks(chain.chain_id)
    return tuple(i for i in watched if not final < blocks.get(i.id, final) <= since.number)


@attrs.frozen
class _Depth:
    head: int
    confirmations: int
    finality: int


async def _receipts(chain: IntentChain, watched: Sequence[Intent]) -> "dict[str, Receipt]":
    found: dict[str, Receipt] = {}
    for start in range(0, len(watched), _RECEIPTS_AT_ONCE):
        hashes = [intent.tx_hash for intent in watched[start : start + _RECEIPTS_AT_ONCE]]
        answers = await chain.receipts(hashes)
        found |= {receipt.tx_hash: receipt for receipt in answers if receipt}
    return found


async def _nonces(chain: IntentChain, signers: Iterable[str], block: int) -> dict[str, int]:
    return {signer: await chain.nonce(signer, block=block) for signer in sorted(signers)}


def _judge(
    intent: Intent, receipt: "Receipt | None", recently_used: int, long_used: int, depth: _Depth
) -> Verdict:
    if receipt is not None:
        landed = IntentState.INCLUDED if receipt.succeeded else IntentState.REVERTED
        return Verdict(intent, landed, receipt, depth.head >= receipt.block + depth.finality)
    if recently_used > intent.nonce:
        # Other bytes have used the nonce, and ours have no receipt although that was asked for later.
        return Verdict(intent, IntentState.DEAD, None, long_used > intent.nonce)
    last = intent.last_block
    if last is not None and depth.head >= last + depth.confirmations:
        return Verdict(intent, IntentState.MISSED, None, depth.head >= last + depth.finality)
    if intent.state is IntentState.MISSED:
        # The chain went back below the last block. Other bytes may have the nonce by now.
        return Verdict(intent, IntentState.MISSED, None, final=False)
    return Verdict(intent, IntentState.OPEN, None, final=False)
