"""Code plain 32-byte words by hand: eth_abi takes 50 µs for what is one int.from_bytes."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

__all__ = ["decode_words", "encode_words", "word_types"]

_HEX = frozenset("0123456789abcdefABCDEF")


class Word(NamedTuple):
    """A static ABI type of one word: uint, int, address or bool, with its bits."""

    kind: str
    bits: int


@lru_cache(maxsize=1024)
def word_types(types: tuple[str, ...]) -> tuple[Word, ...] | None:
    """
    Return the words that values of these types are, or None where one is no plain word.

    >>> word_types(("uint112", "bool"))
    (Word(kind='uint', bits=112), Word(kind='bool', bits=1))
    >>> word_types(("uint256", "string")) is None
    True
    """
    words = [_word(name) for name in types]
    return None if None in words else tuple(word for word in words if word is not None)


def encode_words(words: Sequence[Word], values: Sequence[Any]) -> bytes | None:
    r"""
    Return the encoded values, or None where one doesn't fit: eth_abi says why best.

    >>> encode_words([Word("int", 24)], [-1]) == b"\xff" * 32
    True
    """
    if len(words) != len(values):
        return None
    encoded = [_number(word, value) for word, value in zip(words, values, strict=True)]
    if None in encoded:
        return None
    return b"".join(number.to_bytes(32, "big") for number in encoded if number is not None)


def decode_words(words: Sequence[Word], data: bytes) -> tuple[Any, ...] | None:
    r"""
    Return the values, or None where *data* is too short or a word is out of its type's range.

    >>> decode_words([Word("uint", 8), Word("int", 16)], bytes(31) + b"\x07" + b"\xff" * 32)
    (7, -1)
    """
    if len(data) < 32 * len(words):
        return None
    values = []
    for place, (kind, bits) in enumerate(words):
        number = int.from_bytes(data[32 * place : 32 * place + 32], "big")
        if kind == "int":
            number -= (number >> 255) << 256
            if not -(1 << bits - 1) <= number < 1 << bits - 1:
                return None
        elif number >> bits:
            return None
        values.append(_value(kind, number))
    return tuple(values)


def _word(name: str) -> Word | None:
    if name in {"address", "bool"}:
        return Word(name, 160 if name == "address" else 1)
    for kind in ("uint", "int"):
        digits = name.removeprefix(kind)
        if name.startswith(kind) and digits.isdigit() and 8 <= int(digits) <= 256:
            return Word(kind, int(digits))
    return None


def _number(word: Word, value: Any) -> int | None:
    if word.kind == "address":
        plain = isinstance(value, str) and len(value) == 42 and value[:2] == "0x"
        return int(value, 16) if plain and _HEX.issuperset(value[2:]) else None
    if word.kind == "bool":
        return int(value) if isinstance(value, bool) else None
    if type(value) is not int:
        return None
    if word.kind == "uint":
        return value if 0 <= value < 1 << word.bits else None
    return value % 2**256 if -(1 << word.bits - 1) <= value < 1 << word.bits - 1 else None


def _value(kind: str, number: int) -> Any:
    if kind == "address":
        return f"0x{number:040x}"
    return bool(number) if kind == "bool" else number
