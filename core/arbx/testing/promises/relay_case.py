"""What a relay promise is told: how to build the relay, and the server that hears what it sends."""

import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Protocol

import attrs

from arbx.execution.model import Bundle
from arbx.protocols import Relay
from arbx.testing.relay import Fault, Heard, sign_transfer

__all__ = [
    "ANSWERED_WRONGLY",
    "LOST",
    "UNWELL",
    "RelayCase",
    "RelayPromise",
    "RelayServer",
    "bundle_of",
    "new_uuid",
]

_TARGET = 19_000_001
_TRADER = b"\x22" * 32  # signs the kit's transactions; worth nothing

# Answers that came, and say no, or nothing that can be understood.
ANSWERED_WRONGLY = (
    Fault.TOO_MANY_REQUESTS,
    Fault.FORBIDDEN,
    Fault.BAD_GATEWAY,
    Fault.SERVER_ERROR,
    Fault.STRING_ERROR,
    Fault.OBJECT_ERROR,
    Fault.NOT_JSON,
    Fault.WRONG_JSON,
)
# Answers that never came, though the relay has what was sent.
LOST = (Fault.DROPS, Fault.SLOW)


# Answers that no relay in good health gives, whatever it is asked.
UNWELL = (
    Fault.TOO_MANY_REQUESTS,
    Fault.FORBIDDEN,
    Fault.BAD_GATEWAY,
    Fault.SERVER_ERROR,
    Fault.NOT_JSON,
    Fault.WRONG_JSON,
    *LOST,
)


class RelayServer(Protocol):
    """What the kit asks of the server; `arbx.testing.relay.LocalRelay` is one that speaks Flashbots' protocol."""

    url: str
    heard: list[Heard]

    def misbehave(self, fault: Fault, *, delay_s: float = 0.0) -> None:
        """Misbehave from now on."""

    def behave(self) -> None:
        """Behave again."""

    def let_revert(self, tx_hash: str, reason: str) -> None:
        """Let a transaction revert in simulations."""


@attrs.frozen
class RelayCase:
    """
    One relay under test, in front of *server*.

    *make* builds it anew; *auth_key* is what nobody may see; *signs* and *replaces* say what the protocol has.
    """

    make: Callable[[], Relay]
    server: RelayServer
    auth_key: bytes
    timeout_s: float
    signs: bool = True
    replaces: bool = True

    @contextlib.asynccontextmanager
    async def relay(self) -> AsyncIterator[Relay]:
        """Give a new relay, and close it at the end where it can be closed."""
        relay = self.make()
        try:
            yield relay
        finally:
            close = getattr(relay, "close", None)
            if close is not None:
                await close()

    @contextlib.contextmanager
    def misbehaving(self, fault: Fault) -> Iterator[None]:
        """Let the server misbehave inside the block; SLOW is slower than the relay waits."""
        self.server.misbehave(fault, delay_s=self.timeout_s * 4)
        try:
            yield
        finally:
            self.server.behave()

    def heard(self, kind: str) -> Sequence[Heard]:
        """Return the requests of one kind, in order."""
        return [request for request in self.server.heard if request.kind == kind]


RelayPromise = Callable[[RelayCase], Awaitable[None]]


def bundle_of(*nonces: int, replacement_uuid: str | None = None) -> Bundle:
    """Return a bundle with one signed transaction for each nonce."""
    to = "0x" + "70" * 20
    signed = tuple(
        sign_transfer(_TRADER, chain_id=1, nonce=nonce, to=to, value_wei=nonce) for nonce in nonces
    )
    return Bundle(signed, _TARGET, replacement_uuid)


def new_uuid(number: int) -> str:
    """Return one of the kit's UUIDs, of version 4."""
    return str(uuid.UUID(int=number << 64 | 1 << 63, version=4))
