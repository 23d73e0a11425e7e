"""Let a node run a call in the block after another one: ``eth_simulateV1``."""

from typing import Any

import attrs

from arbx.chain.answers import as_bytes, as_quantity
from arbx.chain.endpoints import Endpoints
from arbx.chain.refusal import RefusedError
from arbx.errors import ChainError

__all__ = ["Simulated", "simulate"]

_METHOD = "eth_simulateV1"
_NO_SUCH_METHOD = -32601


@attrs.frozen
class Simulated:
    """What a call would do; *output* is its answer, or what it reverted with."""

    succeeded: bool
    gas_used: int
    output: bytes


async def simulate(
    endpoints: Endpoints, sender: str, to: str, data: bytes, *, block: int
) -> Simulated:
    """Return what *sender*'s call does in the block after *block*; the sender needs no ether for it."""
    call = {"from": sender, "to": to, "input": "0x" + data.hex()}
    # geth would take the next number by itself, anvil takes the present one
    overrides = {"number": hex(block + 1)}
    asked = {
        "blockStateCalls": [{"blockOverrides": overrides, "calls": [call]}],
        "validation": False,
    }
    try:
        return await endpoints.ask(_METHOD, (asked, hex(block)), _simulated)
    except RefusedError as error:
        if error.code != _NO_SUCH_METHOD:
            raise
        raise ChainError(
            f"{endpoints.name} has no {_METHOD}, and nothing is sent unsimulated; use a node that has it"
        ) from None


def _simulated(answer: Any) -> Simulated:
    row = answer[0]["calls"][0]
    succeeded = as_quantity(row["status"]) == 1
    # geth puts a revert's data beside its error, others only into returnData
    error = row.get("error") or {}
    data = row["returnData"] if succeeded else error.get("data") or row["returnData"]
    return Simulated(succeeded, as_quantity(row["gasUsed"]), as_bytes(data))
