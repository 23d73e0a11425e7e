"""Say in words why a call reverted."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from arbx.chain.abi import argument_types, decode, selector
from arbx.execution.executor import artefact
from arbx.execution.submission import unsigned_words

__all__ = ["errors_of", "reason_said", "revert_reason"]

_ERROR, _PANIC = selector("Error(string)"), selector("Panic(uint256)")
# docs.soliditylang.org, "Panic via assert and Error via require"
_PANICS = MappingProxyType(
    {
        0x01: "assertion failed",
        0x11: "arithmetic overflow or underflow",
        0x12: "division by zero",
        0x21: "no such enum value",
        0x22: "wrongly encoded storage",
        0x31: "pop of an empty array",
        0x32: "index out of bounds",
        0x41: "out of memory",
        0x51: "call of an uninitialised function",
    }
)
# EIP-6093 and OpenZeppelin's SafeERC20: what any token of a cycle may revert with
_TOKEN_ERRORS = (
    "ERC20InsufficientBalance(address,uint256,uint256)",
    "ERC20InvalidSender(address)",
    "ERC20InvalidReceiver(address)",
    "ERC20InsufficientAllowance(address,uint256,uint256)",
    "ERC20InvalidApprover(address)",
    "ERC20InvalidSpender(address)",
    "SafeERC20FailedOperation(address)",
)
# A selector and up to two words: signed bytes are longer, as their signature alone has 65.
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{64}){0,2}[0-9a-fA-F]{8}")


def errors_of(abi: Iterable[Mapping[str, Any]]) -> Mapping[bytes, str]:
    """
    Return the signatures of an ABI's custom errors by their selectors.

    >>> abi = [{"type": "error", "name": "TooLate", "inputs": [{"type": "uint256"}]}]
    >>> list(errors_of(abi).values())
    ['TooLate(uint256)']
    """
    signatures = (
        f"{row['name']}({','.join(each['type'] for each in row.get('inputs', ()))})"
        for row in abi
        if row["type"] == "error"
    )
    return MappingProxyType({selector(signature): signature for signature in signatures})


def revert_reason(data: bytes, errors: Mapping[bytes, str] | None = None) -> str:
    """
    Decode what a reverted call returned: Error, Panic, a custom error, or the bytes as they are.

    >>> revert_reason(selector("Panic(uint256)") + (0x12).to_bytes(32, "big"))
    'Panic(0x12): division by zero'
    >>> revert_reason(b"")
    'no reason given'
    """
    if not data:
        return "no reason given"
    name, rest = data[:4], data[4:]
    if name == _ERROR and (said := decode(("string",), rest)):
        return str(said[0]) or "no reason given"
    if name == _PANIC and (code := decode(("uint256",), rest)):
        return f"Panic(0x{code[0]:02x}): {_PANICS.get(code[0], 'unknown panic')}"
    signature = (_known_errors() if errors is None else errors).get(name)
    values = decode(argument_types(signature), rest) if signature else None
    if signature and values is not None:
        return f"{signature.partition('(')[0]}({', '.join(map(str, values))})"
    return f"unknown error 0x{data[:36].hex()}"


def reason_said(text: str) -> str:
    """
    Return what a relay says of a revert, decoded where that is the contract's data.

    >>> reason_said("0x4e487b71" + f"{0x11:064x}"), reason_said("UniswapV2: K")
    ('Panic(0x11): arithmetic overflow or underflow', 'UniswapV2: K')
    """
    if _DATA.fullmatch(text):
        return revert_reason(bytes.fromhex(text[2:]))
    return unsigned_words(text)


@lru_cache(maxsize=1)
def _known_errors() -> Mapping[bytes, str]:
    tokens = {selector(signature): signature for signature in _TOKEN_ERRORS}
    return MappingProxyType({**tokens, **errors_of(artefact().abi)})
