"""Read an execution's profit from its receipt."""

from typing import TYPE_CHECKING

from arbx.errors import InvalidState
from arbx.ledger.explain import Executed
from arbx.onchain import event_words

if TYPE_CHECKING:
    from arbx.chain import Receipt

__all__ = ["executed"]

# keccak("Executed(address,uint256,uint256)"): Executor.vy's event (token indexed, profit, payment_wei)
_EXECUTED = bytes.fromhex("7dd684d9b29996680eb4c0ae7461d9983dadb8ebf5e04b3e99fae858334861b4")


def executed(receipt: "Receipt") -> Executed | None:
    """
    Return what the contract that the transaction called logged as Executed, or None where it logged no such thing.

    Any pool on the way can log the same words: only those of the contract that was called count.
    """
    for log in reversed(receipt.logs):
        if log.address == receipt.to and log.topics[:1] == (_EXECUTED,):
            try:
                _, profit, payment_wei = event_words(log, "Executed", topics=1, words=2)
            except InvalidState:
                return None
            return Executed(profit, payment_wei)
    return None
