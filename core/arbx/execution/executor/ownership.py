"""Deploy an Executor, look at it, and send what only its owner may."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
from eth_utils.crypto import keccak

from arbx.errors import ChainError
from arbx.execution.executor.artefact import artefact
from arbx.execution.executor.contract import owner_call, weth_call
from arbx.execution.plan import Fees, gas_limit, unsigned
from arbx.model import Call
from arbx.protocols import KeyStore

if TYPE_CHECKING:
    from arbx.chain import Chain, Receipt

__all__ = ["Holdings", "created_address", "holdings", "prepared", "send_and_wait"]

# Vyper appends the immutables, owner and weth, to the runtime code
_IMMUTABLE_BYTES = 2 * 32


@attrs.frozen
class Holdings:
    """An Executor, whose it is, and what it has; *genuine* when its code is this arbx's own."""

    address: str
    owner: str
    weth: str
    genuine: bool
    ether_wei: int
    tokens: Mapping[str, int]


def created_address(sender: str, nonce: int) -> str:
    """
    Return where a contract will be: the last 20 bytes of ``keccak(rlp([sender, nonce]))``.

    >>> created_address("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0", 1)
    '0x343c43a37d37dff08ae8c4a11544c718abb4fcf8'
    """
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8)
    item = number if 0 < nonce < 0x80 else bytes([0x80 + len(number)]) + number
    row = b"\x94" + bytes.fromhex(sender[2:]) + item
    return "0x" + keccak(bytes([0xC0 + len(row)]) + row)[12:].hex()


async def holdings(chain: "Chain", address: str, tokens: Sequence[str] = ()) -> Holdings:
    """Return what an Executor has of ether, wrapped ether and *tokens*; raise ChainError for another contract."""
    first, second = await chain.call_many([owner_call(address), weth_call(address)])
    if first is None or second is None:
        raise ChainError(
            f"there is no Executor at {address} on chain {chain.chain_id}; "
            "check the address, or deploy one with `arbx executor deploy`"
        )
    (owner,), (weth,) = first, second
    wanted = tuple(dict.fromkeys((weth, *tokens)))
    calls = [Call(token, "balanceOf(address)", ("uint256",), (address,)) for token in wanted]
    answers = await chain.call_many(calls)
    for token, answer in zip(wanted, answers, strict=True):
        if answer is None:
            raise ChainError(f"{token} on chain {chain.chain_id} is no token; check the address")
    balances = {token: answer[0] for token, answer in zip(wanted, answers, strict=True) if answer}
    code = await chain.code(address)
    genuine = len(code) > _IMMUTABLE_BYTES and code[:-_IMMUTABLE_BYTES] in artefact().bytecode
    return Holdings(address, owner, weth, genuine, await chain.balance_wei(address), balances)


async def prepared(
    chain: "Chain", sender: str, to: str | None, data: bytes, *, priority_fee_wei: int
) -> dict[str, Any]:
    """
    Return the owner's next transaction, unsigned, with fees that are enough for some ten blocks.

    The node estimates the gas, so that one that would revert is refused here, with the reason.
    """
    row = {"from": sender, "data": "0x" + data.hex(), **({} if to is None else {"to": to})}
    gas = gas_limit(await chain.gas_estimate(row))
    fees = Fees.within(await chain.next_base_fee_wei(), priority_fee_wei, blocks=10)
    nonce = await chain.nonce(sender)
    return unsigned(chain.chain_id, to, data, nonce=nonce, fees=fees, gas=gas)


async def send_and_wait(
    chain: "Chain", store: KeyStore, transaction: Mapping[str, Any], *, timeout_s: float
) -> "Receipt":
    """Sign, send, and wait for the receipt; raise ChainError for a revert, or when no block takes it in time."""
    tx_hash = await chain.send(await store.sign(transaction))
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        (receipt,) = await chain.receipts([tx_hash])
        if receipt is None:
            await asyncio.sleep(0.25)
        elif receipt.succeeded:
            return receipt
        else:
            raise ChainError(f"transaction {tx_hash} reverted in block {receipt.block}")
    raise ChainError(
        f"transaction {tx_hash} is in no block after {timeout_s:g} s; it may still come: look for "
        "its hash before you send another"
    )
