"""Code contract calls: selectors, arguments, answers."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import eth_abi.abi
from eth_abi.exceptions import DecodingError, EncodingError, ParseError
from eth_abi.grammar import TupleType, parse
from eth_utils.crypto import keccak

from arbx.chain.words import decode_words, encode_words, word_types
from arbx.model import Call

__all__ = ["argument_types", "calldata", "decode", "selector", "topic"]


def topic(signature: str) -> bytes:
    """
    Return topic0 of an event.

    >>> topic("Sync(uint112,uint112)").hex()[:8]
    '1c411e9a'
    """
    return keccak(text=signature)


@lru_cache(maxsize=1024)
def selector(signature: str) -> bytes:
    """
    Return the four bytes that name a function.

    >>> selector("getReserves()").hex()
    '0902f1ac'
    """
    return keccak(text=signature)[:4]


@lru_cache(maxsize=1024)
def argument_types(signature: str) -> tuple[str, ...]:
    """
    Return the types between the outermost parentheses.

    >>> argument_types("aggregate3((address,bool,bytes)[])")
    ('(address,bool,bytes)[]',)
    """
    opening = signature.find("(")
    if opening > 0 and signature[opening:] == "()":
        return ()
    try:
        parsed = parse(signature[opening:]) if opening > 0 else None
    except ParseError:
        parsed = None
    if isinstance(parsed, TupleType):
        return tuple(component.to_type_str() for component in parsed.components)
    raise ValueError(f"{signature!r} is not a function signature such as 'balanceOf(address)'")


def calldata(call: Call) -> bytes:
    """
    Return what is sent to the contract.

    >>> calldata(Call("0x" + "00" * 20, "balanceOf(address)", args=("0x" + "11" * 20,))).hex()[:8]
    '70a08231'
    """
    types = argument_types(call.signature)
    words = word_types(types)
    plain = None if words is None else encode_words(words, call.args)
    if plain is not None:
        return selector(call.signature) + plain
    try:
        arguments = eth_abi.abi.encode(types, call.args)
    except (EncodingError, TypeError, ValueError) as error:
        raise ValueError(f"{call.signature} on {call.target}: {error}") from None
    return selector(call.signature) + arguments


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...] | None:
    r"""
    Return the answer's values, or None where *data* is not such an answer.

    An address without code answers nothing at all, and an old token answers bytes32 where a string
    is expected: for the caller both are "this contract has no such function".

    >>> decode(("uint256", "bool"), bytes(31) + b"\x07" + bytes(31) + b"\x01")
    (7, True)
    >>> decode(("uint256",), b"") is None
    True
    """
    words = word_types(tuple(types))
    if words is not None:
        return decode_words(words, data)
    try:
        values: tuple[Any, ...] = eth_abi.abi.decode(types, data)
    except (DecodingError, OverflowError, UnicodeDecodeError):
        return None
    return values
