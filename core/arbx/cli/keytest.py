"""Try a key store: sign what is worth nothing, and read it as a stranger would."""

import time
from typing import Any

import attrs

from arbx.chain.signatures import HALF_ORDER, message_signer, read_transaction
from arbx.errors import SigningError
from arbx.protocols import KeyStore

__all__ = ["Trial", "try_out"]

_MESSAGE = b"arbx keys test"


@attrs.frozen
class Trial:
    """What a trial found: how long the first and the later signatures took, and what is wrong."""

    first_s: float
    again_s: float
    problems: tuple[str, ...]


async def try_out(store: KeyStore, chain_id: int) -> Trial:
    """Sign a message and a transaction, and check who signed, what, and for which chain."""
    start = time.perf_counter()
    signature = await store.sign_message(_MESSAGE)
    unlocked = time.perf_counter()
    raw = await store.sign(_transaction(store, chain_id))
    done = time.perf_counter()
    problems = [*_of_message(store, signature), *_of_transaction(store, raw, chain_id)]
    if await _signs_for(store, chain_id + 1):
        problems.append(f"signs for chain {chain_id + 1}, which is not configured")
    return Trial(unlocked - start, done - unlocked, tuple(problems))


def _transaction(store: KeyStore, chain_id: int) -> dict[str, Any]:
    # Worth nothing if it gets out: it moves nothing and pays no fee, so no block takes it.
    return {
        "type": 2, "chainId": chain_id, "nonce": 0, "gas": 21_000, "to": store.address, "value": 0,
        "maxFeePerGas": 0, "maxPriorityFeePerGas": 0,
    }  # fmt: skip


def _of_message(store: KeyStore, signature: bytes) -> list[str]:
    try:
        signer = message_signer(_MESSAGE, signature)
    except ValueError as error:
        return [f"the message's signature: {error}"]
    return _unlike(store, signer, "the message")


def _of_transaction(store: KeyStore, raw: bytes, chain_id: int) -> list[str]:
    try:
        signed = read_transaction(raw)
    except ValueError as error:
        return [f"the transaction: {error}"]
    problems = _unlike(store, signed.signer, "the transaction")
    if signed.chain_id != chain_id:
        problems.append(f"the transaction is for chain {signed.chain_id}, asked {chain_id}")
    if signed.s > HALF_ORDER:
        problems.append("the transaction's s is in the upper half; no node takes it (EIP-2)")
    return problems


def _unlike(store: KeyStore, signer: str, what: str) -> list[str]:
    ours = store.address.lower()
    return [] if signer == ours else [f"{what} recovers to {signer}, the address is {ours}"]


async def _signs_for(store: KeyStore, chain_id: int) -> bool:
    try:
        await store.sign(_transaction(store, chain_id))
    except SigningError:
        return False
    return True
