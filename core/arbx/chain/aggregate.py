"""Code Multicall3.aggregate3, by hand: a market is read in tens of thousands of calls."""

from collections.abc import Iterable

__all__ = ["decode_results", "encode_aggregate3"]

# keccak("aggregate3((address,bool,bytes)[])")[:4]
_SELECTOR = bytes.fromhex("82ad56cb")
_WORD = 32
# head of one call: target, allowFailure, where its bytes start
_CALL_HEAD = 3 * _WORD


def encode_aggregate3(calls: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the call data for (target, data) rows, each of which may fail."""
    bodies = [_body(target, data) for target, data in calls]
    offsets, position = [], _WORD * len(bodies)
    for body in bodies:
        offsets.append(_number(position))
        position += len(body)
    return b"".join([_SELECTOR, _number(_WORD), _number(len(bodies)), *offsets, *bodies])


def decode_results(data: bytes) -> list[tuple[bool, bytes]]:
    """Return (success, returned bytes) of each call; raise ValueError where *data* is no such list."""
    start = _read(data, 0)
    count, first = _read(data, start), start + _WORD
    return [_result(data, first + _read(data, first + _WORD * i)) for i in range(count)]


def _body(target: str, data: bytes) -> bytes:
    padding = bytes(-len(data) % _WORD)
    address = bytes.fromhex(target[2:]).rjust(_WORD, b"\0")
    return b"".join([address, _number(1), _number(_CALL_HEAD), _number(len(data)), data, padding])


def _result(data: bytes, start: int) -> tuple[bool, bytes]:
    at = start + _read(data, start + _WORD)
    length = _read(data, at)
    if at + _WORD + length > len(data):
        raise ValueError(
            f"a result of {length} bytes ends after the {len(data)} bytes of the answer"
        )
    return bool(_read(data, start)), data[at + _WORD : at + _WORD + length]


def _number(value: int) -> bytes:
    return value.to_bytes(_WORD, "big")


def _read(data: bytes, at: int) -> int:
    if at + _WORD > len(data):
        raise ValueError(f"there is no word at {at} of {len(data)} bytes")
    return int.from_bytes(data[at : at + _WORD], "big")
