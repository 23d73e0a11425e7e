"""What a node says of accounts, and what gas will cost."""

from typing import Any

from arbx.chain.answers import as_bytes, as_quantity
from arbx.chain.endpoints import Endpoints

__all__ = ["balance_wei", "code", "gas_estimate", "next_base_fee_wei"]


async def balance_wei(endpoints: Endpoints, address: str) -> int:
    """Return an account's ether."""
    return await endpoints.ask("eth_getBalance", (address, "latest"), as_quantity)


async def code(endpoints: Endpoints, address: str) -> bytes:
    """Return the code at an address, empty where there is no contract."""
    return await endpoints.ask("eth_getCode", (address, "latest"), as_bytes)


async def gas_estimate(endpoints: Endpoints, row: dict[str, str]) -> int:
    """Return the gas that a transaction would need; raise RefusedError when it would revert."""
    return await endpoints.ask("eth_estimateGas", (row,), as_quantity)


async def next_base_fee_wei(endpoints: Endpoints) -> int:
    """Return the next block's base fee, which the newest block fixes (EIP-1559)."""
    return await endpoints.ask("eth_feeHistory", ("0x1", "latest", []), _last_fee)


def _last_fee(answer: Any) -> int:
    return as_quantity(answer["baseFeePerGas"][-1])
