"""Build blocks of the local chain: each bundle whole, in order, in its block, or not at all."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol
from urllib.parse import urlsplit

import attrs

from arbx.errors import ChainError
from arbx.testing.localchain.node import SECONDS_PER_BLOCK
from arbx.testing.localchain.rpc import Rpc
from arbx.testing.relay.book import Book, Kept
from arbx.testing.relay.simulation import Executed, NextBlock, execute, next_block
from arbx.testing.relay.transaction import SignedTransaction

__all__ = ["Block", "Builder", "ChainBuilder", "PaperBuilder"]

_PAPER_GAS = 21_000


@attrs.frozen
class Block:
    """One block that was built: the hashes of the bundles in it, and why the others are not."""

    number: int
    included: tuple[str, ...]
    missed: tuple[tuple[str, str], ...]


class Builder(Protocol):
    """What simulates bundles and builds blocks for the relay."""

    chain_id: int | None

    def head(self) -> int:
        """Return the number of the newest block."""

    def simulate(self, transactions: Sequence[SignedTransaction], block: int) -> list[Executed]:
        """Return what the transactions would do in that block, on top of the newest one."""

    def build(self, book: Book) -> Block:
        """Mine one block with the bundles that fit into it."""


class PaperBuilder:
    """Build blocks without a chain: everything succeeds, except the transactions in *reverts*."""

    def __init__(self, head: int = 0) -> None:
        self.chain_id: int | None = None
        self._head = head
        self.reverts: dict[str, str] = {}

    def head(self) -> int:
        """Return how many blocks were built, counted from where it began."""
        return self._head

    def simulate(self, transactions: Sequence[SignedTransaction], _: int) -> list[Executed]:
        """Return results with 21000 gas each."""
        return [self._executed(tx) for tx in transactions]

    def build(self, book: Book) -> Block:
        """Include every bundle that is aimed at the next block."""
        self._head += 1
        fitting = [kept for kept in book if kept.first_block <= self._head <= kept.last_block]
        for kept in fitting:
            book.discard(kept)
        book.expire(self._head)
        return Block(self._head, tuple(kept.hash for kept in fitting), ())

    def _executed(self, tx: SignedTransaction) -> Executed:
        fees = _PAPER_GAS * tx.priority_fee_wei
        return Executed(tx, _PAPER_GAS, fees, 0, b"", self.reverts.get(tx.hash))


class ChainBuilder:
    """
    Build the blocks of a local chain.

    Public transactions that were pending before come first, as they may on a real chain. Of bundles that exclude
    each other the one that pays most for its gas is taken. A block is mined only with bundles that a simulation found
    whole; what was mined is checked, and taken back if a bundle fell apart.
    """

    def __init__(self, url: str, chain_id: int) -> None:
        self.chain_id: int | None = chain_id
        # A connection of its own: the relay answers in another thread than the chain's owner asks from.
        self._rpc = Rpc(int(urlsplit(url).port or 8545))

    def close(self) -> None:
        """Close the connection."""
        self._rpc.close()

    def head(self) -> int:
        """Return the number of the newest block."""
        return int(self._rpc.ask("eth_blockNumber"), 16)

    def simulate(self, transactions: Sequence[SignedTransaction], block: int) -> list[Executed]:
        """Run the transactions at the top of the block, as if those before it were empty."""
        following = next_block(self._rpc)
        later_s = (block - following.number) * SECONDS_PER_BLOCK
        frame = attrs.evolve(
            following, number=block, timestamp=following.timestamp + later_s, public=()
        )
        return execute(self._rpc, frame, transactions)

    def build(self, book: Book) -> Block:
        """Mine the next block, with every bundle that is whole in it."""
        block = next_block(self._rpc)
        fitting = [kept for kept in book if kept.fits(block.number, block.timestamp)]
        # the sort is stable: equal payments stay in the order of their arrival
        fitting.sort(key=lambda kept: self._payment_per_gas(kept, block), reverse=True)
        chosen, missed = self._whole(fitting, block)
        while not self._mined(chosen, block, missed):
            pass
        for kept in chosen:
            book.discard(kept)
        book.expire(block.number)
        return Block(block.number, tuple(kept.hash for kept in chosen), tuple(missed.items()))

    def _payment_per_gas(self, kept: Kept, block: NextBlock) -> Fraction:
        """Return what the builder gets for each gas, by fees and by payment; -1 of what can't stand alone."""
        try:
            done = execute(self._rpc, block, kept.transactions)
        except ValueError:
            return Fraction(-1)  # it may stand behind another one
        if _failure(kept, done) is not None:
            return Fraction(-1)
        paid = sum(one.gas_fees_wei + one.sent_to_coinbase_wei for one in done)
        return Fraction(paid, sum(one.gas_used for one in done))

    def _whole(
        self, candidates: Sequence[Kept], block: NextBlock
    ) -> tuple[list[Kept], dict[str, str]]:
        chosen: list[Kept] = []
        missed: dict[str, str] = {}
        for kept in candidates:
            before = [tx for one in chosen for tx in one.transactions]
            try:
                done = execute(self._rpc, block, [*before, *kept.transactions])[len(before) :]
                why = _failure(kept, done)
            except ValueError as error:
                why = str(error)
            if why is None:
                chosen.append(kept)
            else:
                missed[kept.hash] = why
        return chosen, missed

    def _mined(self, chosen: list[Kept], block: NextBlock, missed: dict[str, str]) -> bool:
        """Mine; or take the block back, move the first broken bundle to *missed* and return False."""
        if not chosen:
            self._rpc.ask("evm_mine")
            return True
        public = [
            self._rpc.ask("eth_getRawTransactionByHash", row["hash"]) for row in block.public
        ]
        snapshot = self._rpc.ask("evm_snapshot")
        self._insert([tx for kept in chosen for tx in kept.transactions])
        self._rpc.ask("evm_mine")
        hashes = self._rpc.ask("eth_getBlockByNumber", "latest", False)["transactions"]
        broken = next((kept for kept in chosen if not self._landed(kept, hashes)), None)
        if broken is None:
            return True
        self._rpc.ask("evm_revert", snapshot)
        self._restore(chosen, public)
        chosen.remove(broken)
        missed[broken.hash] = "fell apart when it was mined"
        return False

    def _insert(self, transactions: Sequence[SignedTransaction]) -> None:
        for tx in transactions:
            try:
                self._rpc.ask("eth_sendRawTransaction", "0x" + tx.raw.hex())
            except ChainError:
                return  # then it is not in the block, and its bundle is taken out

    def _landed(self, kept: Kept, hashes: Sequence[str]) -> bool:
        wanted = [tx.hash for tx in kept.transactions]
        if wanted[0] not in hashes:
            return False
        start = hashes.index(wanted[0])
        if list(hashes[start : start + len(wanted)]) != wanted:
            return False
        allowed = {value.lower() for value in kept.bundle.reverting_hashes}
        receipts = self._rpc.batch("eth_getTransactionReceipt", [(value,) for value in wanted])
        return all(row["status"] == "0x1" or row["transactionHash"] in allowed for row in receipts)

    def _restore(self, chosen: Sequence[Kept], public: Sequence[Any]) -> None:
        # The node's pool is not part of its snapshots.
        for kept in chosen:
            for tx in kept.transactions:
                self._rpc.ask("anvil_dropTransaction", tx.hash)
        for raw in public:
            self._rpc.ask("eth_sendRawTransaction", raw)


def _failure(kept: Kept, done: Sequence[Executed]) -> str | None:
    allowed = {value.lower() for value in kept.bundle.reverting_hashes}
    reverts = (
        f"{one.transaction.hash} reverts: {one.revert}"
        for one in done
        if one.revert is not None and one.transaction.hash not in allowed
    )
    return next(reverts, None)
