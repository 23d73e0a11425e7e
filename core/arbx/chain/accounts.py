"""What a node says of accounts, and what gas will cost."""

from typing import Any

from arbx.chain.endpoint import Endpoint
from arbx.errors import ChainError

__all__ = ["balance_wei", "code", "gas_estimate", "next_base_fee_wei"]


async def balance_wei(endpoint: Endpoint, address: str) -> int:
    """Return an account's ether."""
    method = "eth_getBalance"
    return _quantity(await endpoint.ask(method, (address, "latest")), endpoint, method)


async def code(endpoint: Endpoint, address: str) -> bytes:
    """Return the code at an address, empty where there is no contract."""
    answer = await endpoint.ask("eth_getCode", (address, "latest"))
    try:
        return bytes.fromhex(answer[2:])
    except (TypeError, ValueError):
        raise _strange(endpoint, "eth_getCode") from None


async def gas_estimate(endpoint: Endpoint, row: dict[str, str]) -> int:
    """Return the gas that a transaction would need; raise RefusedError when it would revert."""
    method = "eth_estimateGas"
    return _quantity(await endpoint.ask(method, (row,)), endpoint, method)


async def next_base_fee_wei(endpoint: Endpoint) -> int:
    """Return the next block's base fee, which the newest block fixes (EIP-1559)."""
    method = "eth_feeHistory"
    answer = await endpoint.ask(method, ("0x1", "latest", []))
    fees = answer.get("baseFeePerGas") if isinstance(answer, dict) else None
    if not isinstance(fees, list) or not fees:
        raise _strange(endpoint, method)
    return _quantity(fees[-1], endpoint, method)


def _quantity(answer: Any, endpoint: Endpoint, method: str) -> int:
    try:
        return int(answer, 16)
    except (TypeError, ValueError):
        raise _strange(endpoint, method) from None


def _strange(endpoint: Endpoint, method: str) -> ChainError:
    return ChainError(
        f"{endpoint.name}: the answer to {method} is not what Ethereum nodes give; check the URL"
    )
