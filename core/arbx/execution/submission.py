"""Take bundles to all relays at once, and keep what each of them answered; nothing here signs."""

import asyncio
import hashlib
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar, runtime_checkable

import attrs

from arbx.errors import ArbxError, ConfigError, PluginError
from arbx.execution.model import Bundle, Simulation, Submission, SubmissionStatus
from arbx.plugins.boundary import FailureCounter, answer_of
from arbx.protocols import Relay
from arbx.public import public

__all__ = ["Submitter", "bundles_for", "unsigned_words", "uuid_for"]

T = TypeVar("T")

# What a plugin raises may repeat what it sent; a signed transaction is longer than any hash.
_SIGNED = re.compile(r"(?:0x)?[0-9a-fA-F]{72,}")
_OPEN = frozenset({SubmissionStatus.ACCEPTED, SubmissionStatus.UNKNOWN})


@runtime_checkable
class _Closing(Protocol):
    """What a relay may bring besides."""

    async def close(self) -> None:
        """Close the connections."""


def uuid_for(replacement_uuid: str, target_block: int) -> str:
    """
    Return the UUID of one plan's bundle for one block.

    Bundles for different blocks stand beside each other, so that each needs a name of its own; a later plan with
    the same *replacement_uuid* takes the place of the earlier one in each block.

    >>> uuid_for("5f2c7f7e-8f0e-4a65-9a0b-6b5a3a1d2c10", 19_000_001)
    '80e71648-a212-41b1-888f-c2f1ce6d27c2'
    """
    digest = hashlib.sha256(f"{replacement_uuid} {target_block}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def bundles_for(
    transactions: Sequence[bytes],
    *,
    block: int,
    count: int = 1,
    replacement_uuid: str | None = None,
    reverting_hashes: Sequence[str] = (),
) -> tuple[Bundle, ...]:
    """Return the same signed bytes aimed at each of the *count* blocks after *block*."""
    if count < 1:
        raise ValueError(f"count is {count}, below 1: there is no block to aim at")
    return tuple(
        Bundle(
            tuple(transactions),
            target,
            None if replacement_uuid is None else uuid_for(replacement_uuid, target),
            tuple(reverting_hashes),
        )
        for target in range(block + 1, block + count + 1)
    )


@public
class Submitter:
    """
    Submit, re-send and cancel at the configured relays, by the names of their sections.

    Each request to a relay has *timeout_s*, and each relay fails alone: what it raises, or answers too late, is an
    unknown submission with the reason. Where *attempts* allow it the same bytes are then sent again at once. A relay
    that *failures* has in quarantine is not asked.
    """

    def __init__(
        self,
        relays: Mapping[str, Relay],
        *,
        timeout_s: float = 2.0,
        attempts: int = 2,
        failures: FailureCounter | None = None,
    ) -> None:
        if not relays:
            raise ConfigError("no relay is configured; add a section [relays.NAME] to arbx.toml")
        if attempts < 1:
            raise ValueError(f"attempts is {attempts}, below 1")
        self._relays = dict(relays)
        self._timeout_s, self._attempts = timeout_s, attempts
        self.failures = FailureCounter() if failures is None else failures

    async def simulate(self, relay: str, bundle: Bundle) -> Simulation:
        """Return what one relay says the bundle would do; raise what keeps it from saying so."""
        asked = self._named(relay)
        return await self._answer(relay, "simulate", lambda: asked.simulate(bundle), Simulation)

    async def submit(self, bundles: Iterable[Bundle]) -> tuple[Submission, ...]:
        """Submit every bundle to every relay, all at once; return each one's result, bundle by bundle."""
        asked = [(name, bundle) for bundle in bundles for name in self._relays]
        return tuple(await asyncio.gather(*(self._submitted(*pair) for pair in asked)))

    async def resend(self, submissions: Iterable[Submission]) -> tuple[Submission, ...]:
        """Send the same bytes again where nobody knows whether they arrived; the others stay as they are."""
        return tuple(await asyncio.gather(*map(self._resent, submissions)))

    async def cancel(self, submissions: Iterable[Submission]) -> tuple[Submission, ...]:
        """Withdraw what may still land; each relay says whether it did, and one that doesn't may include it."""
        return tuple(await asyncio.gather(*map(self._cancelled, submissions)))

    async def close(self) -> None:
        """Close the relays that can be closed."""
        closing = [(name, r) for name, r in self._relays.items() if isinstance(r, _Closing)]
        waits = (answer_of(n, "close", r.close(), timeout_s=self._timeout_s) for n, r in closing)
        # One that can't be closed keeps no other from it; the process ends anyhow.
        await asyncio.gather(*waits, return_exceptions=True)

    async def _submitted(self, name: str, bundle: Bundle) -> Submission:
        started = time.perf_counter()
        if name in self.failures.quarantined:
            reason = "not asked: in quarantine after repeated failures"
            return Submission(name, bundle, SubmissionStatus.REJECTED, reason=reason)
        answer = await self._once(name, bundle)
        for _ in range(self._attempts - 1):
            if answer.status is not SubmissionStatus.UNKNOWN:
                break
            answer = _after(answer, await self._once(name, bundle))
        return attrs.evolve(answer, relay=name, latency_s=time.perf_counter() - started)

    async def _once(self, name: str, bundle: Bundle) -> Submission:
        relay = self._relays[name]
        try:
            answer = await self._answer(name, "submit", lambda: relay.submit(bundle), Submission)
            _about(name, "submit", bundle, answer)
        except ArbxError as error:
            # It may have been raised after the bytes had left.
            return Submission(name, bundle, SubmissionStatus.UNKNOWN, reason=unsigned_words(error))
        return answer

    async def _resent(self, submission: Submission) -> Submission:
        if submission.status is not SubmissionStatus.UNKNOWN:
            return submission
        if submission.relay not in self._relays:
            return attrs.evolve(submission, reason="not sent again: the relay is not configured")
        if submission.relay in self.failures.quarantined:
            return attrs.evolve(submission, reason="not sent again: the relay is in quarantine")
        answer = await self._submitted(submission.relay, submission.bundle)
        return attrs.evolve(_after(submission, answer), latency_s=answer.latency_s)

    async def _cancelled(self, submission: Submission) -> Submission:
        name = submission.relay
        if submission.status not in _OPEN:
            return submission
        if name not in self._relays:
            return attrs.evolve(submission, reason="not cancelled: the relay is not configured")
        if submission.bundle.replacement_uuid is None:
            return attrs.evolve(submission, reason="not cancelled: it has no replacement_uuid")
        relay = self._relays[name]
        started = time.perf_counter()
        try:
            answer = await self._answer(
                name, "cancel", lambda: relay.cancel(submission), Submission
            )
            _about(name, "cancel", submission.bundle, answer)
        except ArbxError as error:
            reason = f"not cancelled: {unsigned_words(error)}"
            answer = attrs.evolve(submission, status=SubmissionStatus.UNKNOWN, reason=reason)
        return attrs.evolve(answer, relay=name, latency_s=time.perf_counter() - started)

    async def _answer(
        self, name: str, where: str, call: Callable[[], Awaitable[T]], kind: type[T]
    ) -> T:
        async def asked() -> T:
            return await call()

        try:
            answer = await answer_of(name, where, asked(), timeout_s=self._timeout_s)
            _check_kind(name, where, answer, kind)
        except PluginError:
            self.failures.failed(name)
            raise
        self.failures.succeeded(name)
        return answer

    def _named(self, name: str) -> Relay:
        if name not in self._relays:
            known = ", ".join(sorted(self._relays))
            raise ConfigError(f"no relay is called {name!r}; configured are {known}")
        return self._relays[name]


def _after(lost: Submission, again: Submission) -> Submission:
    """Return what is known after a lost answer and another one: only acceptance settles it."""
    if again.status is SubmissionStatus.REJECTED:
        reason = (
            f"sent again and rejected: {again.reason}; the first may have arrived: {lost.reason}"
        )
        return attrs.evolve(again, status=SubmissionStatus.UNKNOWN, reason=reason)
    return again


def _check_kind(name: str, where: str, answer: object, kind: type[object]) -> None:
    if not isinstance(answer, kind):
        why = f"answered a {type(answer).__name__}, not a {kind.__name__}"
        raise PluginError(name, where, why)


def _about(name: str, where: str, bundle: Bundle, answer: Submission) -> None:
    if answer.bundle != bundle:
        raise PluginError(name, where, "answered about another bundle")


def unsigned_words(said: object) -> str:
    """
    Return what was said without what could be a signed transaction.

    >>> unsigned_words(ValueError("can't decode 0x" + "02f8" * 30))
    "can't decode …"
    """
    return _SIGNED.sub("…", str(said))
