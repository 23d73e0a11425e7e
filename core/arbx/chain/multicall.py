"""Make many eth_calls at one block: through Multicall3, in batches, or one by one."""

import asyncio
import re
from collections.abc import Iterator, Sequence

import attrs

from arbx.chain.aggregate import decode_results, encode_aggregate3
from arbx.chain.endpoint import Endpoint, RefusedError
from arbx.errors import ChainError

__all__ = ["MULTICALL3", "Caller", "Request"]

MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"

_CALLS_PER_CHUNK = 400
_BYTES_PER_CHUNK = 100_000
_CALLS_PER_BATCH = 100
_CONCURRENT_REQUESTS = 4
# What nodes say when the contract, not the node, is at fault; code 3 is geth's "execution
# reverted".
_EXECUTION_FAILED = re.compile(
    r"revert|opcode|out of gas|invalid jump|stack (under|over)flow|vm execution", re.I
)


@attrs.frozen
class Request:
    """One encoded call."""

    target: str
    data: bytes
    value_wei: int = 0


class Caller:
    """Answer encoded calls at a block: bytes, or None where the contract reverted."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def answers(self, requests: Sequence[Request], tag: str) -> list[bytes | None]:
        """Return the answers in the order of the requests."""
        lane = asyncio.Semaphore(_CONCURRENT_REQUESTS)

        async def one(chunk: Sequence[Request]) -> list[bytes | None]:
            async with lane:
                # aggregate3 sends no ether along
                plain = not any(request.value_wei for request in chunk)
                return await (self._aggregate if plain else self._batch)(chunk, tag)

        parts = await asyncio.gather(*(one(chunk) for chunk in _chunks(requests)))
        return [answer for part in parts for answer in part]

    async def _aggregate(self, chunk: Sequence[Request], tag: str) -> list[bytes | None]:
        try:
            raw = await self._eth_call(Request(MULTICALL3, _aggregate3(chunk)), tag)
        except RefusedError:
            # too much gas, calldata or answer for this node (or a node without this block: then
            # one call says so)
            if len(chunk) == 1:
                return await self._batch(chunk, tag)
            middle = len(chunk) // 2
            return [
                *await self._aggregate(chunk[:middle], tag),
                *await self._aggregate(chunk[middle:], tag),
            ]
        if not raw:  # Multicall3 isn't deployed at this block
            return await self._batch(chunk, tag)
        outcomes = self._outcomes(raw, len(chunk))
        answers: list[bytes | None] = [data if success else None for success, data in outcomes]
        # A call that fails without a reason may only have run out of the gas that the others left:
        # ask again alone.
        unsure = [i for i, (success, data) in enumerate(outcomes) if not success and not data]
        for i, answer in zip(
            unsure, await self._batch([chunk[i] for i in unsure], tag), strict=True
        ):
            answers[i] = answer
        return answers

    def _outcomes(self, raw: bytes, count: int) -> list[tuple[bool, bytes]]:
        try:
            outcomes = decode_results(raw)
        except ValueError:
            outcomes = []
        if len(outcomes) != count:
            raise ChainError(
                f"{self._endpoint.name}: what answers at {MULTICALL3} is not Multicall3; "
                "is this an Ethereum node?"
            )
        return outcomes

    async def _batch(self, chunk: Sequence[Request], tag: str) -> list[bytes | None]:
        answers: list[bytes | None] = []
        for start in range(0, len(chunk), _CALLS_PER_BATCH):
            part = chunk[start : start + _CALLS_PER_BATCH]
            rows = [(_as_json(request), tag) for request in part]
            try:
                results = await self._endpoint.batch("eth_call", rows)
            except RefusedError:  # a node without batches
                answers += [await self._alone(request, tag) for request in part]
            else:
                answers += [_bytes_or_revert(result) for result in results]
        return answers

    async def _alone(self, request: Request, tag: str) -> bytes | None:
        try:
            return await self._eth_call(request, tag)
        except RefusedError as refusal:
            return _bytes_or_revert(refusal)

    async def _eth_call(self, request: Request, tag: str) -> bytes:
        return bytes.fromhex(
            str(await self._endpoint.ask("eth_call", (_as_json(request), tag)))[2:]
        )


def _aggregate3(chunk: Sequence[Request]) -> bytes:
    return encode_aggregate3((request.target, request.data) for request in chunk)


def _as_json(request: Request) -> dict[str, str]:
    fields = {"to": request.target, "data": "0x" + request.data.hex()}
    return {**fields, "value": hex(request.value_wei)} if request.value_wei else fields


def _bytes_or_revert(result: object) -> bytes | None:
    if not isinstance(result, RefusedError):
        return bytes.fromhex(str(result)[2:])
    if result.code == 3 or _EXECUTION_FAILED.search(str(result)):
        return None
    raise result


def _chunks(requests: Sequence[Request]) -> Iterator[Sequence[Request]]:
    start = size = 0
    for i, request in enumerate(requests):
        if i > start and (
            i - start >= _CALLS_PER_CHUNK or size + len(request.data) > _BYTES_PER_CHUNK
        ):
            yield requests[start:i]
            start, size = i, 0
        size += len(request.data)
    if requests:
        yield requests[start:]
