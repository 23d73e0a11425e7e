"""Read one chain: what pool sources may ask (protocols.ChainReader), and block headers."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any

import attrs

from arbx.chain.abi import calldata, decode
from arbx.chain.accounts import balance_wei, code, gas_estimate, next_base_fee_wei
from arbx.chain.endpoint import Endpoint, RefusedError
from arbx.chain.multicall import Caller, Request
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
    Read one chain over HTTP.

    ::

        async with await Chain.connect("http://127.0.0.1:8545") as chain:
            print(chain.chain_id, await chain.block_number())
    """

    def __init__(self, endpoint: Endpoint, chain_id: int) -> None:
        self._endpoint, self._chain_id = endpoint, chain_id
        self._caller = Caller(endpoint)
        self._span = _BLOCKS_PER_REQUEST

    @classmethod
    async def connect(
        cls, url: str, *, timeout_s: float = 20, attempts: int = 4, first_wait_s: float = 0.2
    ) -> "Chain":
        """Ask the endpoint for its chain id, once; raise ChainError when it is no node."""
        endpoint = Endpoint(url, timeout_s=timeout_s, attempts=attempts, first_wait_s=first_wait_s)
        try:
            chain_id = _quantity(await endpoint.ask("eth_chainId"), endpoint, "eth_chainId")
        except BaseException:
            await endpoint.close()
            raise
        return cls(endpoint, chain_id)

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
        await self._endpoint.close()

    @property
    def chain_id(self) -> int:
        """Return the chain's id."""
        return self._chain_id

    @property
    def name(self) -> str:
        """Return the endpoint's scheme and host, for people."""
        return self._endpoint.name

    async def block_number(self) -> int:
        """Return the number of the newest block."""
        answer = await self._endpoint.ask("eth_blockNumber")
        return _quantity(answer, self._endpoint, "eth_blockNumber")

    async def block(self, number: int | None = None) -> BlockRef:
        """Return a block's header, by default the newest."""
        tag = "latest" if number is None else hex(number)
        answer = await self._endpoint.ask("eth_getBlockByNumber", (tag, False))
        if answer is None:
            raise ChainError(
                f"{self.name}: there is no block {number}; "
                f"the newest is {await self.block_number()}"
            )
        try:
            return BlockRef(
                int(answer["number"], 16),
                answer["hash"],
                answer["parentHash"],
                int(answer["timestamp"], 16),
            )
        except (KeyError, TypeError, ValueError):
            raise self._strange("eth_getBlockByNumber") from None

    async def receipts(self, hashes: Sequence[str]) -> list[Receipt | None]:
        """Return each transaction's receipt, None for one that is in no block."""
        return await read_receipts(self._endpoint, hashes)

    async def nonce(self, address: str, *, block: int | None = None) -> int:
        """Return how many nonces the account has used at *block*, by default the newest."""
        tag = "latest" if block is None else hex(block)
        method = "eth_getTransactionCount"
        answer = await self._endpoint.ask(method, (address, tag))
        return _quantity(answer, self._endpoint, method)

    async def balance_wei(self, address: str) -> int:
        """Return an account's ether."""
        return await balance_wei(self._endpoint, address)

    async def code(self, address: str) -> bytes:
        """Return the code at an address, empty where there is no contract."""
        return await code(self._endpoint, address)

    async def gas_estimate(self, row: dict[str, str]) -> int:
        """Return the gas that a transaction would need; raise ChainError when it would revert."""
        return await gas_estimate(self._endpoint, row)

    async def next_base_fee_wei(self) -> int:
        """Return the next block's base fee."""
        return await next_base_fee_wei(self._endpoint)

    async def simulate(self, sender: str, to: str, data: bytes, *, block: int) -> Simulated:
        """Return what a call does in the block after *block*; raise ChainError where nobody says so."""
        return await simulate(self._endpoint, sender, to, data, block=block)

    async def send(self, raw: bytes) -> str:
        """Send signed bytes to the mempool and return their hash; twice is no error."""
        return await send(self._endpoint, raw)

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
            except RefusedError:
                if first == last:
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
            answer = await self._endpoint.ask("eth_getLogs", (query,))
            try:
                found += [as_log(row) for row in answer]
            except (KeyError, TypeError, ValueError):
                raise self._strange("eth_getLogs") from None
        return found

    def _strange(self, method: str) -> ChainError:
        return ChainError(
            f"{self.name}: the answer to {method} is not what Ethereum nodes give; check the URL"
        )


def _quantity(answer: Any, endpoint: Endpoint, method: str) -> int:
    try:
        return int(answer, 16)
    except (TypeError, ValueError):
        raise ChainError(
            f"{endpoint.name}: {method} was answered with {str(answer)[:40]!r}; "
            "is this an Ethereum node?"
        ) from None
