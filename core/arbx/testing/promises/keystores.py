"""What a key store promises: to sign exactly what it is asked, for its chain, and to show no secret."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs

from arbx.chain.signatures import (
    HALF_ORDER,
    SignedTransaction,
    difference,
    message_signer,
    read_transaction,
)
from arbx.errors import ArbxError
from arbx.protocols import KeyStore
from arbx.testing.case import Broken

__all__ = [
    "KeyStoreCase",
    "KeyStorePromise",
    "address_never_changes",
    "binds_the_chain_id",
    "dynamic",
    "legacy",
    "messages_recover_to_its_address",
    "refuses_a_missing_chain",
    "refuses_another_chain",
    "refuses_what_is_incomplete",
    "signs_exactly_what_it_is_asked",
    "signs_low_s",
    "signs_many_at_once",
    "transactions_recover_to_its_address",
]

_TO = "0x" + "70" * 20
_MESSAGES = (b"", b"arbx", b"\x00" * 32, b"x" * 1_000)


@attrs.frozen
class KeyStoreCase:
    """
    One key store under test, bound to *chain_id*.

    *make* builds the same store anew; *secrets* are what nobody may see: the key as bytes, the password as a text.
    None where the author can't know them, as of a hardware key.
    """

    make: Callable[[], KeyStore]
    chain_id: int
    secrets: tuple[bytes | str, ...] | None = None


KeyStorePromise = Callable[[KeyStoreCase], Awaitable[None]]


def dynamic(chain_id: int, nonce: int = 7) -> dict[str, Any]:
    """Return an EIP-1559 transaction."""
    return {
        "type": 2, "chainId": chain_id, "nonce": nonce, "to": _TO, "value": 10**15, "gas": 21_000 + nonce,
        "maxFeePerGas": 30 * 10**9, "maxPriorityFeePerGas": 2 * 10**9, "data": b"\x12\x34",
    }  # fmt: skip


def legacy(chain_id: int, nonce: int = 7) -> dict[str, Any]:
    """Return a transaction from before EIP-1559, with EIP-155's chain id."""
    return {
        "chainId": chain_id, "nonce": nonce, "to": _TO, "value": 1, "gas": 50_000, "gasPrice": 20 * 10**9,
        "data": b"",
    }  # fmt: skip


async def address_never_changes(case: KeyStoreCase) -> None:
    """Promise one address, as 0x and 40 lower-case hex digits: asked again, after signing, built anew."""
    store = case.make()
    first = store.address
    if not _is_address(first):
        raise Broken(f"address is {first!r}, not 0x and 40 lower-case hex digits")
    await store.sign_message(b"arbx")
    for when, address in (("after signing", store.address), ("built anew", case.make().address)):
        if address != first:
            raise Broken(f"address is {first}, {when} {address}")


async def transactions_recover_to_its_address(case: KeyStoreCase) -> None:
    """Promise transactions, EIP-1559 and legacy, whose signature recovers to the address."""
    store = case.make()
    for transaction in (dynamic(case.chain_id), legacy(case.chain_id)):
        signed = await _signed(store, transaction)
        if signed.signer != store.address.lower():
            raise Broken(
                f"a transaction recovers to {signed.signer}, the address is {store.address}"
            )


async def messages_recover_to_its_address(case: KeyStoreCase) -> None:
    """Promise EIP-191 signatures of 65 bytes, v of 27 or 28, that recover to the address."""
    store = case.make()
    for message in _MESSAGES:
        signature = await store.sign_message(message)
        if len(signature) != 65 or signature[64] not in {27, 28}:
            raise Broken(f"a signature is not r, s, v with v of 27 or 28: {len(signature)} bytes")
        signer = _recovered(message, signature)
        if signer != store.address.lower():
            raise Broken(f"a message recovers to {signer}, the address is {store.address}")


async def signs_exactly_what_it_is_asked(case: KeyStoreCase) -> None:
    """Promise every field as it was asked, in what the signed bytes say; the request stays as it was."""
    store = case.make()
    for transaction in (dynamic(case.chain_id), legacy(case.chain_id)):
        asked = dict(transaction)
        signed = await _signed(store, transaction)
        if transaction != asked:
            raise Broken(f"the request was changed to {transaction}")
        wrong = difference(signed, asked)
        if wrong is not None:
            raise Broken(wrong)


async def signs_low_s(case: KeyStoreCase) -> None:
    """Promise s in the lower half (EIP-2), of many signatures: a node refuses the other half."""
    store = case.make()
    for nonce in range(12):
        signed = await _signed(store, dynamic(case.chain_id, nonce))
        signature = await store.sign_message(b"%d" % nonce)
        for s in (signed.s, int.from_bytes(signature[32:64], "big")):
            if not 0 < s <= HALF_ORDER:
                raise Broken(f"s is {s:#x}, above half of the curve's order")


async def binds_the_chain_id(case: KeyStoreCase) -> None:
    """Promise the chain id under the signature, in legacy transactions too (EIP-155)."""
    store = case.make()
    for transaction in (dynamic(case.chain_id), legacy(case.chain_id)):
        told = (await _signed(store, transaction)).chain_id
        if told != case.chain_id:
            raise Broken(f"the signed bytes are for chain {told}, asked {case.chain_id}")


async def refuses_another_chain(case: KeyStoreCase) -> None:
    """Promise an arbx error, and no signature, for another chain than the configured one."""
    store = case.make()
    for chain_id in (case.chain_id + 1, 0):
        for transaction in (dynamic(chain_id), legacy(chain_id)):
            what = f"a transaction for chain {chain_id}; the store's is {case.chain_id}"
            await _refused(store, transaction, what)


async def refuses_a_missing_chain(case: KeyStoreCase) -> None:
    """Promise an arbx error, and no signature, where the transaction names no chain."""
    store = case.make()
    for whole in (dynamic(case.chain_id), legacy(case.chain_id)):
        without = {name: value for name, value in whole.items() if name != "chainId"}
        for transaction in (without, {**without, "chainId": None}):
            await _refused(store, transaction, "a transaction without chainId")


async def refuses_what_is_incomplete(case: KeyStoreCase) -> None:
    """Promise an arbx error, and no signature, without nonce, gas or fee: nothing is guessed."""
    store = case.make()
    for whole, fee in (
        (dynamic(case.chain_id), "maxFeePerGas"),
        (legacy(case.chain_id), "gasPrice"),
    ):
        for missing in ("nonce", "gas", fee):
            transaction = {name: value for name, value in whole.items() if name != missing}
            await _refused(store, transaction, f"a transaction without {missing}")


async def signs_many_at_once(case: KeyStoreCase) -> None:
    """Promise each of many concurrent requests the signature of its own transaction, from cold."""
    store = case.make()
    asked = [dynamic(case.chain_id, nonce) for nonce in range(16)]
    answers = await asyncio.gather(*(store.sign(transaction) for transaction in asked))
    for transaction, raw in zip(asked, answers, strict=True):
        signed = _read(raw)
        if (signed.fields["nonce"], signed.signer) != (
            transaction["nonce"],
            store.address.lower(),
        ):
            raise Broken(f"asked for nonce {transaction['nonce']}, got {signed.fields['nonce']}")


async def _signed(store: KeyStore, transaction: Mapping[str, Any]) -> SignedTransaction:
    return _read(await store.sign(transaction))


def _read(raw: bytes) -> SignedTransaction:
    try:
        return read_transaction(bytes(raw))
    except ValueError as error:
        raise Broken(f"sign() gave {len(raw)} bytes that are no transaction: {error}") from error


def _recovered(message: bytes, signature: bytes) -> str:
    try:
        return message_signer(message, signature)
    except ValueError as error:
        raise Broken(f"sign_message() gave what is no signature: {error}") from error


async def _refused(store: KeyStore, transaction: Mapping[str, Any], what: str) -> None:
    try:
        await store.sign(transaction)
    except ArbxError:
        return
    except Exception as error:
        raise Broken(f"{what}: {type(error).__name__}, not an error of arbx") from error
    raise Broken(f"signs {what}")


def _is_address(text: object) -> bool:
    digits = text[2:] if isinstance(text, str) and text[:2] == "0x" else ""
    return len(digits) == 40 and not set(digits) - set("0123456789abcdef")
