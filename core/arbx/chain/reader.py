"""Read one chain: what pool sources may ask (protocols.ChainReader), and block headers."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any

import attrs

from arbx.chain.abi import calldata, decode
from arbx.chain.accounts import balance_wei, code, gas_estimate, next_base_fee_wei
from arbx.chain.answers import as_quantity
from arbx.chain.endpoint import Endpoint
from arbx.chain.endpoints import Endpoints, Tell
from arbx.chain.member import Head
from arbx.chain.multicall import Caller, Request
from arbx.chain.refusal import RefusedError
from arbx.chain.simulation import Simulated, simulate
from arbx.chain.transactions import Receipt, as_log, read_receipts, send
from arbx.errors import ChainError
from arbx.model import Call, Log

__all__ = ["BlockRef", "Chain"]

_BLOCKS_PER_REQUEST = 10_000
_ADDRESSES_PER_REQUEST = 500


@attrs.frozen
class BlockRef:
    """A block by number and hash, and the block that it follows."""

    number: int
    hash: str
    parent_hash: str
    timestamp_s: int


class Chain:
    """
    Read one chain over HTTP, from the first of its endpoints that is well.

    ::

        async with await Chain.connect("http://127.0.0.1:8545") as chain:
            print(chain.chain_id, await chain.block_number())
    """

    def __init__(self, endpoints: Endpoints, chain_id: int) -> None:
        self._endpoints, self._chain_id = endpoints, chain_id
        self._caller = Caller(endpoints)
        self._span = _BLOCKS_PER_REQUEST

    @classmethod
    async def connect(
        cls,
        *urls: str,
        timeout_s: float = 20,
        attempts: int | None = None,
        first_wait_s: float = 0.2,
        cool_down_s: float = 30,
        tell: Tell = lambda *_, **__: None,
    ) -> "Chain":
        """
        Ask the endpoints for their chain's id, once; raise ChainError when none is a node of it.

        *attempts* is how often each is asked again, by default 4 times for one, 2 for each of several.
        """
        endpoints = Endpoints(
            urls,
            timeout_s=timeout_s,
            attempts=attempts,
            first_wait_s=first_wait_s,
            cool_down_s=cool_down_s,
            tell=tell,
        )
        try:
            return cls(endpoints, await endpoints.connect())
        except BaseException:
            await endpoints.close()
            raise

    async def __aenter__(self) -> "Chain":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoints.close()

    @property
    def chain_id(self) -> int:
        """Return the chain's id."""
        return self._chain_id

    @property
    def name(self) -> str:
        """Return scheme and host of the endpoint that would be asked first, for people."""
        return self._endpoints.name

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the endpoints in the order of preference."""
        return self._endpoints.all

    async def block_number(self) -> int:
        """Return the number of the newest block."""
        return await self._endpoints.newest("eth_blockNumber", (), as_quantity, Head)

    async def block(self, number: int | None = None) -> BlockRef:
        """Return a block's header, by default the newest."""
        method = "eth_getBlockByNumber"
        if number is None:
            return await self._endpoints.newest(method, ("latest", False), _header, _head)
        try:
            return await self._endpoints.show(method, (hex(number), False), _header, _head)
        except RefusedError as refusal:
            if not refusal.elsewhere:
                raise
            newest = await self.block_number()
            raise ChainError(
                f"{self.name}: there is no block {number}; the newest is {newest}"
            ) from None

    async def receipts(self, hashes: Sequence[str]) -> list[Receipt | None]:
        """Return each transaction's receipt, None for one that is in no block."""
        return await read_receipts(self._endpoints, hashes)

    async def nonce(self, address: str, *, block: int | None = None) -> int:
        """Return how many nonces the account has used at *block*, by default the newest."""
        tag = "latest" if block is None else hex(block)
        params = (address, tag)
        return await self._endpoints.ask("eth_getTransactionCount", params, as_quantity)

    async def balance_wei(self, address: str) -> int:
        """Return an account's ether."""
        return await balance_wei(self._endpoints, address)

    async def code(self, address: str) -> bytes:
        """Return the code at an address, empty where there is no contract."""
        return await code(self._endpoints, address)

    async def gas_estimate(self, row: dict[str, str]) -> int:
        """Return the gas that a transaction would need; raise ChainError when it would revert."""
        return await gas_estimate(self._endpoints, row)

    async def next_base_fee_wei(self) -> int:
        """Return the next block's base fee."""
        return await next_base_fee_wei(self._endpoints)

    async def simulate(self, sender: str, to: str, data: bytes, *, block: int) -> Simulated:
        """Return what a call does in the block after *block*; raise ChainError where nobody says so."""
        return await simulate(self._endpoints, sender, to, data, block=block)

    async def send(self, raw: bytes) -> str:
        """Send signed bytes to the mempool and return their hash; twice is no error."""
        return await send(self._endpoints.first, raw)

    async def call_many(
        self, calls: Sequence[Call], *, block: int | None = None
    ) -> list[tuple[Any, ...] | None]:
        """
        Make the calls at one block; None for each that reverted.

        An answer of another shape than ``call.returns`` is None too: it is what an address without
        code, or a contract without that function, gives.
        """
        if not calls:
            return []
        # all chunks at the same block, although blocks arrive in between
        tag = hex(await self.block_number() if block is None else block)
        requests = [Request(call.target, calldata(call), call.value_wei) for call in calls]
        answers = await self._caller.answers(requests, tag)
        return [
            None if answer is None else decode(call.returns, answer)
            for call, answer in zip(calls, answers, strict=True)
        ]

    async def logs(
        self,
        *,
        topics: Sequence[bytes],
        addresses: Sequence[str] = (),
        from_block: int,
        to_block: int,
    ) -> list[Log]:
        """Return the logs of any of the topics, in chain order; halve a range that is refused."""
        found: list[Log] = []
        first = from_block
        while first <= to_block:
            last = min(to_block, first + self._span - 1)
            try:
                found += await self._range(topics, addresses, first, last)
            except RefusedError as refusal:
                if first == last or refusal.elsewhere:
                    raise
                self._span = (last - first + 1) // 2
            else:
                first = last + 1
                self._span = min(2 * self._span, _BLOCKS_PER_REQUEST)
        return sorted(found, key=lambda log: (log.block, log.index))

    async def _range(
        self, topics: Sequence[bytes], addresses: Sequence[str], first: int, last: int
    ) -> list[Log]:
        found: list[Log] = []
        for start in range(0, max(1, len(addresses)), _ADDRESSES_PER_REQUEST):
            query: dict[str, Any] = {
                "fromBlock": hex(first),
                "toBlock": hex(last),
                "topics": [["0x" + topic.hex() for topic in topics]],
            }
            if addresses:
                query["address"] = list(addresses[start : start + _ADDRESSES_PER_REQUEST])
            found += await self._endpoints.ask("eth_getLogs", (query,), _logs)
        return found


def _header(answer: Any) -> BlockRef:
    if answer is None:
        raise RefusedError("unknown block", 0)
    return BlockRef(
        as_quantity(answer["number"]),
        str(answer["hash"]),
        str(answer["parentHash"]),
        as_quantity(answer["timestamp"]),
    )


def _head(block: BlockRef) -> Head:
    return Head(block.number, block.hash)


def _logs(answer: Any) -> list[Log]:
    return [as_log(row) for row in answer]
