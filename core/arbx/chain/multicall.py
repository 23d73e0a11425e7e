"""Make many eth_calls at one block: through Multicall3, in batches, or one by one."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from arbx.chain.aggregate import decode_results, encode_aggregate3
from arbx.chain.answers import as_bytes
from arbx.chain.endpoints import Endpoints
from arbx.chain.refusal import RefusedError

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

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

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
            outcomes = await self._outcomes(chunk, tag)
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
        if outcomes is None:
            return await self._batch(chunk, tag)
        answers: list[bytes | None] = [data if success else None for success, data in outcomes]
        # A call that fails without a reason may only have run out of the gas that the others left:
        # ask again alone.
        unsure = [i for i, (success, data) in enumerate(outcomes) if not success and not data]
        for i, answer in zip(
            unsure, await self._batch([chunk[i] for i in unsure], tag), strict=True
        ):
            answers[i] = answer
        return answers

    async def _outcomes(
        self, chunk: Sequence[Request], tag: str
    ) -> list[tuple[bool, bytes]] | None:
        """Return success and answer of each call, None where Multicall3 isn't deployed at this block."""

        def read(answer: Any) -> list[tuple[bool, bytes]] | None:
            raw = as_bytes(answer)
            outcomes = decode_results(raw) if raw else None
            if outcomes is not None and len(outcomes) != len(chunk):
                raise ValueError("that is not Multicall3")
            return outcomes

        request = Request(MULTICALL3, _aggregate3(chunk))
        return await self._endpoints.ask("eth_call", (_as_json(request), tag), read)

    async def _batch(self, chunk: Sequence[Request], tag: str) -> list[bytes | None]:
        answers: list[bytes | None] = []
        for start in range(0, len(chunk), _CALLS_PER_BATCH):
            part = chunk[start : start + _CALLS_PER_BATCH]
            rows = [(_as_json(request), tag) for request in part]
            try:
                results = await self._endpoints.batch("eth_call", rows, as_bytes)
            except RefusedError:  # a node without batches
                answers += [await self._alone(request, tag) for request in part]
            else:
                answers += [_bytes_or_none(result) for result in results]
        return answers

    async def _alone(self, request: Request, tag: str) -> bytes | None:
        try:
            return await self._endpoints.ask("eth_call", (_as_json(request), tag), as_bytes)
        except RefusedError as refusal:
            return _bytes_or_none(refusal)


def _aggregate3(chunk: Sequence[Request]) -> bytes:
    return encode_aggregate3((request.target, request.data) for request in chunk)


def _as_json(request: Request) -> dict[str, str]:
    fields = {"to": request.target, "data": "0x" + request.data.hex()}
    return {**fields, "value": hex(request.value_wei)} if request.value_wei else fields


def _bytes_or_none(result: bytes | RefusedError) -> bytes | None:
    if not isinstance(result, RefusedError):
        return result
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
