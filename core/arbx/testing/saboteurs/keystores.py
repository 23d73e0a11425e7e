"""Key stores that break one promise each."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from arbx.errors import SigningError
from arbx.testing.reference_keystore import REFERENCE_KEY, ReferenceKeyStore

__all__ = ["KEYSTORE_SABOTEURS"]

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class WritesItsAddressWithAChecksum(ReferenceKeyStore):
    """Give the address as eth-account does, which no other address of arbx equals."""

    @property
    def address(self) -> str:
        """Return the address in mixed case."""
        return str(self._account.address)


class ChangesItsAddress(ReferenceKeyStore):
    """Prefer upper case after the first signature."""

    signed = False

    @property
    def address(self) -> str:
        """Return another spelling than before."""
        address = super().address
        return f"0x{address[2:].upper()}" if self.signed else address

    async def sign_message(self, message: bytes) -> bytes:
        """Sign, and change."""
        self.signed = True
        return await super().sign_message(message)


class SignsLegacyWithAnotherKey(ReferenceKeyStore):
    """Take a default key where the transaction is of the old kind."""

    def _raw(self, transaction: Mapping[str, Any]) -> bytes:
        if "gasPrice" in transaction:
            return ReferenceKeyStore(b"\x01" * 32, self._chain_id)._raw(transaction)
        return super()._raw(transaction)


class SignsTheBareHash(ReferenceKeyStore):
    """Leave the prefix of EIP-191 away: a message could then be a transaction."""

    async def sign_message(self, message: bytes) -> bytes:
        """Return a signature of the bare hash."""
        from eth_utils.crypto import keccak

        return bytes(self._account.unsafe_sign_hash(keccak(message)).signature)


class AddsSomeGas(ReferenceKeyStore):
    """Know better than the planner."""

    def _raw(self, transaction: Mapping[str, Any]) -> bytes:
        return super()._raw({**transaction, "gas": transaction["gas"] + 1})


class PaysWithHighS(ReferenceKeyStore):
    """Pass on what an HSM answers half of the time."""

    async def sign_message(self, message: bytes) -> bytes:
        """Return the twin of the signature, with s in the upper half."""
        signature = await super().sign_message(message)
        twin = _ORDER - int.from_bytes(signature[32:64], "big")
        return signature[:32] + twin.to_bytes(32, "big") + bytes([55 - signature[64]])


class ForgetsReplayProtection(ReferenceKeyStore):
    """Sign legacy transactions as before EIP-155."""

    def _raw(self, transaction: Mapping[str, Any]) -> bytes:
        if "gasPrice" in transaction:
            transaction = {n: v for n, v in transaction.items() if n != "chainId"}
        return super()._raw(transaction)


class SignsForAnyChain(ReferenceKeyStore):
    """Believe whatever chain id it is told."""

    def _check(self, transaction: Mapping[str, Any]) -> None:
        told = transaction.get("chainId")
        super()._check({**transaction, "chainId": self._chain_id if told is not None else None})


class FillsInTheChain(ReferenceKeyStore):
    """Be helpful where the chain id is missing."""

    async def sign(self, transaction: Mapping[str, Any]) -> bytes:
        """Sign for the configured chain."""
        if transaction.get("chainId") is None:
            transaction = {**transaction, "chainId": self._chain_id}
        return await super().sign(transaction)


class FillsInANonce(ReferenceKeyStore):
    """Be helpful where the nonce is missing."""

    async def sign(self, transaction: Mapping[str, Any]) -> bytes:
        """Sign with a nonce of 0."""
        return await super().sign({"nonce": 0, **transaction})


class SharesItsDesk(ReferenceKeyStore):
    """Leave the transaction in an attribute while another request comes."""

    desk: Mapping[str, Any] = {}

    async def sign(self, transaction: Mapping[str, Any]) -> bytes:
        """Sign whatever lies there by then."""
        self.desk = transaction
        await asyncio.sleep(0)
        return await super().sign(self.desk)


class PrintsItsKey(ReferenceKeyStore):
    """Show all attributes, as a dataclass does."""

    def __repr__(self) -> str:
        return f"PrintsItsKey({REFERENCE_KEY!r})"


class LogsItsKey(ReferenceKeyStore):
    """Leave a line for debugging in."""

    async def sign(self, transaction: Mapping[str, Any]) -> bytes:
        """Sign, and say with what."""
        logging.getLogger("signer").debug("signing with %s", REFERENCE_KEY.hex())
        return await super().sign(transaction)


class ChainsTheLibrarysError(ReferenceKeyStore):
    """Raise from the library's own error, whose frames hold the key."""

    def _signed(self, transaction: Mapping[str, Any]) -> bytes:
        try:
            return self._raw(transaction)
        except Exception as error:
            raise SigningError("can't be signed") from error


class HoldsItsKeyInAVariable(ReferenceKeyStore):
    """Have the key in a local variable when it refuses."""

    def _check(self, transaction: Mapping[str, Any]) -> None:
        key = int.from_bytes(REFERENCE_KEY, "big")
        super()._check(transaction)
        del key


class PicklesItsKey(ReferenceKeyStore):
    """Travel to other processes with all that it has."""

    def __reduce__(self) -> Any:
        return type(self), (REFERENCE_KEY, self._chain_id)


class AsksACommand(ReferenceKeyStore):
    """Call a command line tool with the key among its arguments."""

    async def sign_message(self, message: bytes) -> bytes:
        """Sign, and tell everybody who can list processes."""
        subprocess.run([sys.executable, "-S", "-c", "", REFERENCE_KEY.hex()], check=True)
        return await super().sign_message(message)


KEYSTORE_SABOTEURS: dict[str, tuple[type[ReferenceKeyStore], ...]] = {
    "address_never_changes": (WritesItsAddressWithAChecksum, ChangesItsAddress),
    "transactions_recover_to_its_address": (SignsLegacyWithAnotherKey,),
    "messages_recover_to_its_address": (SignsTheBareHash,),
    "signs_exactly_what_it_is_asked": (AddsSomeGas,),
    "signs_low_s": (PaysWithHighS,),
    "binds_the_chain_id": (ForgetsReplayProtection,),
    "refuses_another_chain": (SignsForAnyChain,),
    "refuses_a_missing_chain": (FillsInTheChain,),
    "refuses_what_is_incomplete": (FillsInANonce,),
    "signs_many_at_once": (SharesItsDesk,),
    "shows_no_secret_in_repr": (PrintsItsKey,),
    "shows_no_secret_in_logs": (LogsItsKey,),
    "shows_no_secret_in_errors": (ChainsTheLibrarysError, HoldsItsKeyInAVariable),
    "shows_no_secret_in_pickles": (PicklesItsKey,),
    "shows_no_secret_to_child_processes": (AsksACommand,),
}
