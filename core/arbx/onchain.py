"""What every pool source reads the same way: names of tokens, words of events."""

from collections.abc import Iterable
from typing import Any

from arbx.errors import InvalidState
from arbx.model import Call, Log, Token
from arbx.protocols import ChainReader

__all__ = ["event_words", "read_tokens"]


async def read_tokens(
    chain: ChainReader, addresses: Iterable[str], *, block: int
) -> dict[str, Token]:
    """
    Return the tokens at *addresses* with symbol and decimals where their contracts answer.

    Old tokens (MKR, SAI) answer bytes32 where ERC-20 says string; some answer nothing at all.
    """
    wanted = sorted(set(addresses))
    asked = [
        call
        for address in wanted
        for call in (
            Call(address, "symbol()", ("string",)),
            Call(address, "symbol()", ("bytes32",)),
            Call(address, "decimals()", ("uint8",)),
        )
    ]
    answers = await chain.call_many(asked, block=block)
    symbols = zip(answers[0::3], answers[1::3], strict=True)
    return {
        address: Token(address, _symbol(*symbol), decimals[0] if decimals else None)
        for address, symbol, decimals in zip(wanted, symbols, answers[2::3], strict=True)
    }


def _symbol(text: tuple[Any, ...] | None, raw: tuple[Any, ...] | None) -> str | None:
    if text is not None:
        return str(text[0]).replace("\x00", "").strip() or None
    if raw is None:
        return None
    return bytes(raw[0]).rstrip(b"\x00").decode("utf-8", "replace").strip() or None


def event_words(log: Log, name: str, topics: int, words: int) -> tuple[int, ...]:
    """
    Return the indexed arguments and then the data of an event, as unsigned words of 32 bytes.

    *topics* counts the indexed arguments. Raise InvalidState when the log is not such an event.

    >>> event_words(Log("0x" + "00" * 20, (b"",), bytes(31) + bytes([5]), 1, 0), "Sync", 0, 1)
    (5,)
    """
    where = f"{name} of {log.address} in block {log.block}, log {log.index}"
    if len(log.topics) != topics + 1:
        raise InvalidState("log.topics", f"are {len(log.topics)}, not {topics + 1} ({where})")
    if len(log.data) != 32 * words:
        raise InvalidState("log.data", f"has {len(log.data)} bytes, not {32 * words} ({where})")
    indexed = tuple(int.from_bytes(topic, "big") for topic in log.topics[1:])
    data = log.data
    return indexed + tuple(
        int.from_bytes(data[start : start + 32], "big") for start in range(0, len(data), 32)
    )
