"""What plugins bring, as protocols: nothing to inherit, only methods to have."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from arbx.execution.model import Bundle, Simulation, Submission
from arbx.kernel.types import Curve, Invertible, Line, Moebius, Piecewise, Provable, Toothed
from arbx.model import Call, Log, Pool, PoolState
from arbx.public import public

__all__ = [
    "AlertSink",
    "ChainReader",
    "Curve",
    "Growing",
    "Invertible",
    "KeyStore",
    "KeyWriter",
    "Line",
    "Moebius",
    "Piecewise",
    "PoolSource",
    "Probeable",
    "Provable",
    "Relay",
    "Selective",
    "Toothed",
]


@public
class ChainReader(Protocol):
    """What a pool source may ask of a chain; retries, batching and ABI coding are behind it."""

    @property
    def chain_id(self) -> int:
        """Return the chain's id."""

    async def block_number(self) -> int:
        """Return the number of the newest block."""

    async def call_many(
        self, calls: Sequence[Call], *, block: int | None = None
    ) -> list[tuple[Any, ...] | None]:
        """Make the calls at one block through Multicall3; None for each call that reverted."""

    async def logs(
        self,
        *,
        topics: Sequence[bytes],
        addresses: Sequence[str] = (),
        from_block: int,
        to_block: int,
    ) -> list[Log]:
        """Return the logs of any of the event topics, in chain order."""


@public
@runtime_checkable
class PoolSource(Protocol):
    """Find pools, read their states, and keep the states current from logs."""

    @property
    def topics(self) -> frozenset[bytes]:
        """Return topic0 of every event that changes a state."""

    async def discover(self, chain: ChainReader, *, block: int) -> Sequence[Pool]:
        """Return the pools that exist at *block*."""

    async def states(
        self, chain: ChainReader, pools: Sequence[Pool], *, block: int
    ) -> Sequence[PoolState]:
        """Return the full state at *block* of each pool that has one; the others are left out."""

    def apply(self, state: PoolState, log: Log) -> PoolState:
        """Return the state after *log*; pure."""

    def swap(
        self,
        state: PoolState,
        token_in: int,
        token_out: int,
        amount_in: int,
        amount_out: int,
        recipient: str,
    ) -> Sequence[Call]:
        """Encode the calls that take *amount_in* and pay *amount_out* to *recipient*."""


@public
@runtime_checkable
class Growing(Protocol):
    """Find the new pools without going through the old ones again; optional for a pool source."""

    async def created(self, chain: ChainReader, *, since: int, block: int) -> Sequence[Pool]:
        """Return at least the pools that were created from block *since* to *block*, both included."""


@public
@runtime_checkable
class Selective(Protocol):
    """Tell what a pool source has left out, so that people see it; optional for a source."""

    @property
    def skipped(self) -> Mapping[str, str]:
        """Return why each pool that was found has no state here, by its address."""


@public
@runtime_checkable
class KeyStore(Protocol):
    """Sign with a key that never leaves."""

    @property
    def address(self) -> str:
        """Return the signer's address."""

    async def sign(self, transaction: Mapping[str, Any]) -> bytes:
        """Return the signed raw transaction."""

    async def sign_message(self, message: bytes) -> bytes:
        """Return the EIP-191 signature of *message*."""


@public
@runtime_checkable
class KeyWriter(Protocol):
    """Keep a new key; optional for a key store, and what ``arbx keys new`` and ``import`` ask for."""

    def create(self) -> str:
        """Make a key, keep it, and return its address; overwrite nothing."""

    def adopt(self, private_key: bytes) -> str:
        """Keep this key, and return its address; overwrite nothing."""


@public
@runtime_checkable
class Relay(Protocol):
    """
    Take bundles to a builder.

    What the relay answers is a value; only what can't be asked, or can't be trusted, is raised (RelayError). The
    same bundle is always sent as the same bytes, so that it may be sent again. An optional ``async close()`` is
    called at the end; with `Probeable` it says beforehand whether it answers.
    """

    async def simulate(self, bundle: Bundle) -> Simulation:
        """Return what the bundle would do; raise RelayError where the answer is not plainly that."""

    async def submit(self, bundle: Bundle) -> Submission:
        """Submit the bundle: accepted, rejected with the reason, or unknown where no clear answer came."""

    async def cancel(self, submission: Submission) -> Submission:
        """
        Withdraw a submission: cancelled where the relay confirms it.

        Else the submission is returned with the reason: as it was where the relay refuses, unknown where no clear
        answer came. It takes a *replacement_uuid*.
        """

    async def status(self, submission: Submission) -> Submission:
        """Return what the relay knows of a submission by now; the same one where it tells nothing."""


@public
@runtime_checkable
class Probeable(Protocol):
    """Say whether one answers; optional for a relay, and what ``arbx doctor`` asks for."""

    async def probe(self) -> str:
        """
        Return in a few words who answers to whom; raise RelayError with the cure where nobody does.

        It is a request like any other, signed where they are, and it carries no transaction.
        """


@public
@runtime_checkable
class AlertSink(Protocol):
    """Tell a human."""

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send one event with its fields."""
