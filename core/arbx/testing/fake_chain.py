"""A chain that answers from a table, so that a source is tested without a node."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arbx.model import Call, Log

__all__ = ["Answer", "FakeChain"]

Answer = tuple[Any, ...] | None | Callable[..., tuple[Any, ...] | None]


class FakeChain:
    """
    Answer calls by ``(target, signature)`` or ``(target, signature, args)``, and filter logs.

    An answer is the tuple of returned values, None for a revert, or a function of the block and the
    call's arguments. What the table doesn't hold reverts, as a call without code does. The calls
    asked for are kept in ``asked``.
    """

    def __init__(
        self,
        answers: Mapping[tuple[Any, ...], Answer],
        *,
        logs: Sequence[Log] = (),
        block: int = 1,
        chain_id: int = 1,
    ) -> None:
        self._answers, self._block, self._chain_id = dict(answers), block, chain_id
        self._logs = sorted(logs, key=lambda log: (log.block, log.index))
        self.asked: list[Call] = []

    @property
    def chain_id(self) -> int:
        """Return the chain's id."""
        return self._chain_id

    async def block_number(self) -> int:
        """Return the number of the newest block."""
        return self._block

    async def call_many(
        self, calls: Sequence[Call], *, block: int | None = None
    ) -> list[tuple[Any, ...] | None]:
        """Return the table's answer to each call, None for each that reverts."""
        self.asked.extend(calls)
        return [self._answer(call, self._block if block is None else block) for call in calls]

    async def logs(
        self,
        *,
        topics: Sequence[bytes],
        addresses: Sequence[str] = (),
        from_block: int,
        to_block: int,
    ) -> list[Log]:
        """Return the logs of any of the event topics, in chain order."""
        return [
            log
            for log in self._logs
            if from_block <= log.block <= to_block
            and log.topics[0] in topics
            and (not addresses or log.address in addresses)
        ]

    def _answer(self, call: Call, block: int) -> tuple[Any, ...] | None:
        key = (call.target, call.signature)
        found = self._answers.get((*key, call.args), self._answers.get(key))
        return found(block, *call.args) if callable(found) else found
