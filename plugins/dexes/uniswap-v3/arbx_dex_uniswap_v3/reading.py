"""Read the full state of pools at one block: price and liquidity, the tick bitmap, then the ticks."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import arbx
from arbx_dex_uniswap_v3.state import PoolPrice, Tick
from arbx_dex_uniswap_v3.tickmath import MAX_TICK, MIN_TICK

__all__ = ["read_states"]

_BATCH = 2_000  # calls in one call_many: a pool of spacing 1 has 6,932 bitmap words

# Pancake's feeProtocol is a uint32, Uniswap's a uint8; the wider type reads both.
_SLOT0 = ("uint160", "int24", "uint16", "uint16", "uint16", "uint32", "bool")
_TICK = ("uint128", "int128", "uint256", "uint256", "int56", "uint160", "uint32", "bool")

_Head = tuple[int, int, int, int, int, int]  # price, tick, fee_protocol, liquidity, fee, spacing


async def read_states(
    chain: arbx.ChainReader, pools: Sequence[arbx.Pool], *, block: int
) -> list[arbx.PoolState]:
    """Return the state of each pool that answers as a pool does, in order."""
    heads = await _heads(chain, pools, block)
    words = await _bitmap_words(chain, heads, block)
    ticks = await _ticks(chain, heads, words, block)
    return [
        arbx.PoolState(pool, block, _state(pool, heads[pool.address], ticks[pool.address]))
        for pool in pools
        if pool.address in heads
    ]


def _state(pool: arbx.Pool, head: _Head, ticks: Sequence[Tick]) -> PoolPrice:
    price, tick, fee_protocol, liquidity, fee_pips, spacing = head
    try:
        return PoolPrice(fee_pips, spacing, price, tick, liquidity, tuple(ticks), fee_protocol)
    except arbx.InvalidState as error:
        raise arbx.InvalidState(f"pool {pool.address}, {error.field}", error.why) from None


async def _heads(
    chain: arbx.ChainReader, pools: Sequence[arbx.Pool], block: int
) -> dict[str, _Head]:
    calls = [
        call
        for pool in pools
        for call in (
            arbx.Call(pool.address, "slot0()", _SLOT0),
            arbx.Call(pool.address, "liquidity()", ("uint128",)),
            arbx.Call(pool.address, "fee()", ("uint24",)),
            arbx.Call(pool.address, "tickSpacing()", ("int24",)),
        )
    ]
    answers = await _call_in_batches(chain, calls, block)
    heads = {}
    for number, pool in enumerate(pools):
        slot0, liquidity, fee, spacing = answers[4 * number : 4 * number + 4]
        if slot0 and liquidity and fee and spacing:
            heads[pool.address] = (slot0[0], slot0[1], slot0[5], liquidity[0], fee[0], spacing[0])
    return heads


async def _bitmap_words(
    chain: arbx.ChainReader, heads: dict[str, _Head], block: int
) -> dict[tuple[str, int], int]:
    """Return the words that are not 0, by pool and position."""
    asked = [
        (address, position)
        for address, head in heads.items()
        if head[0]  # before initialize no tick can be
        for position in _positions(head[5])
    ]
    calls = [
        arbx.Call(address, "tickBitmap(int16)", ("uint256",), (position,))
        for address, position in asked
    ]
    answers = await _call_in_batches(chain, calls, block)
    return {
        place: _answered(answer, "tickBitmap(int16)", place[0])[0]
        for place, answer in zip(asked, answers, strict=True)
        if answer is None or answer[0]
    }


async def _ticks(
    chain: arbx.ChainReader,
    heads: dict[str, _Head],
    words: dict[tuple[str, int], int],
    block: int,
) -> dict[str, list[Tick]]:
    asked = [
        (address, at)
        for (address, position), word in words.items()
        for at in _ticks_in(word, position, heads[address][5])
    ]
    calls = [arbx.Call(address, "ticks(int24)", _TICK, (at,)) for address, at in asked]
    answers = await _call_in_batches(chain, calls, block)
    ticks: dict[str, list[Tick]] = {address: [] for address in heads}
    for (address, at), answer in zip(asked, answers, strict=True):
        gross, net = _answered(answer, "ticks(int24)", address)[:2]
        ticks[address].append(Tick(at, net, gross))
    return ticks


def _positions(spacing: int) -> range:
    """
    Return the positions of the words that can hold a tick.

    >>> _positions(1), _positions(200)
    (range(-3466, 3466), range(-18, 18))
    """
    return range(MIN_TICK // spacing >> 8, (MAX_TICK // spacing >> 8) + 1)


def _ticks_in(word: int, position: int, spacing: int) -> Iterator[int]:
    """
    Yield the ticks of one bitmap word, rising.

    >>> list(_ticks_in(0b101, -1, 10))
    [-2560, -2540]
    """
    while word:
        lowest = word & -word
        yield ((position << 8) + lowest.bit_length() - 1) * spacing
        word ^= lowest


def _answered(answer: tuple[Any, ...] | None, what: str, address: str) -> tuple[Any, ...]:
    if answer is None:
        raise arbx.ChainError(
            f"pool {address} answers slot0() but not {what}; leave it out of this source's pools"
        )
    return answer


async def _call_in_batches(
    chain: arbx.ChainReader, calls: Iterable[arbx.Call], block: int
) -> list[tuple[Any, ...] | None]:
    answers: list[tuple[Any, ...] | None] = []
    remaining = iter(calls)
    while batch := list(islice(remaining, _BATCH)):
        answers += await chain.call_many(batch, block=block)
    return answers
