"""
Several endpoints of one chain, in the order of preference: the first that is well answers.

What arbx trades on must not depend on which one that is. So each must serve the same chain, and none is asked that
lacks the newest block that any of them has shown: some nodes answer for blocks that they have not yet, with empty
logs or empty bytes, instead of refusing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import stamina

from arbx.chain.endpoint import Endpoint
from arbx.chain.member import Head, Member, members_of, one_chain
from arbx.chain.refusal import RefusedError, UnansweredError, none_answered
from arbx.errors import ChainError, ConfigError

__all__ = ["Endpoints", "Tell"]

T = TypeVar("T")
Tell = Callable[..., None]

# How often all of them are asked before a request fails: with the waits between, some seconds.
_ROUNDS = 6


class Endpoints:
    """
    Ask the first endpoint that is well, then the next.

    An endpoint that keeps failing is left out, and tried again in the background after *cool_down_s*; it gets its
    place back when it serves the same chain and has the newest block. While none is well, all are asked. *tell* hears
    ``rpc_endpoint_failed`` and ``rpc_endpoint_recovered``.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        timeout_s: float = 20,
        attempts: int | None = None,
        first_wait_s: float = 0.2,
        cool_down_s: float = 30,
        tell: Tell = lambda *_, **__: None,
    ) -> None:
        if not urls:
            raise ConfigError("no RPC URL is given; give one like http://127.0.0.1:8545")
        self._alone = len(urls) == 1
        self._members = members_of(urls, timeout_s, attempts, first_wait_s, cool_down_s)
        self._timeout_s, self._first_wait_s, self._tell = timeout_s, first_wait_s, tell
        self._chain_id: int | None = None
        self._head: Head | None = None
        self._trials: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"Endpoints({', '.join(member.name for member in self._members)})"

    @property
    def name(self) -> str:
        """Return the public name of the endpoint that would be asked first."""
        return self.first.name

    @property
    def first(self) -> Endpoint:
        """Return the endpoint that would be asked first."""
        return self._in_order()[0].endpoint

    @property
    def all(self) -> tuple[Endpoint, ...]:
        """Return every endpoint in the order of preference."""
        return tuple(member.endpoint for member in self._members)

    async def close(self) -> None:
        """End the trials and close the connections."""
        for task in self._trials:
            task.cancel()
        await asyncio.gather(*self._trials, return_exceptions=True)
        for member in self._members:
            await member.endpoint.close()

    async def connect(self) -> int:
        """
        Return the chain's id, which every endpoint that answers must serve; raise ConfigError where one doesn't.

        One that doesn't answer now is asked for its chain's id before it is ever asked for anything else.
        """
        return await self._in_rounds(self._met)

    async def ask(self, method: str, params: Sequence[Any], read: Callable[[Any], T]) -> T:
        """Return what *read* makes of one request's result; raise RefusedError for a node's error."""

        async def once(member: Member) -> T:
            return await member.endpoint.ask(method, params, read)

        return await self._in_rounds(lambda: self._round(once))

    async def batch(
        self, method: str, rows: Sequence[Sequence[Any]], read: Callable[[Any], T]
    ) -> list[T | RefusedError]:
        """Return what *read* makes of each request's result, or its RefusedError, from one HTTP request."""

        async def once(member: Member) -> list[T | RefusedError]:
            answers = await member.endpoint.batch(method, rows, read)
            for answer in answers:
                if isinstance(answer, RefusedError) and answer.elsewhere:
                    raise answer
            return answers

        return await self._in_rounds(lambda: self._round(once))

    async def show(
        self,
        method: str,
        params: Sequence[Any],
        read: Callable[[Any], T],
        head: Callable[[T], Head],
    ) -> T:
        """Do as *ask*, for a block that then counts as shown: who lacks it is asked for nothing else."""

        async def once(member: Member) -> T:
            answer = await member.endpoint.ask(method, params, read)
            at = head(answer)
            if self._head is None or at.number > self._head.number:
                self._saw(member, at)
            return answer

        return await self._in_rounds(lambda: self._round(once))

    async def newest(
        self,
        method: str,
        params: Sequence[Any],
        read: Callable[[Any], T],
        head: Callable[[T], Head],
    ) -> T:
        """
        Do as *ask*, for the newest block.

        An answer that is older than what was shown is taken only when nobody has the newer block any more, and one
        of those that had it says so: then the chain has become shorter.
        """

        async def once() -> T:
            late: list[tuple[Member, T]] = []

            async def current(member: Member) -> T:
                answer = await member.endpoint.ask(method, params, read)
                if self._head is not None and head(answer).number < self._head.number:
                    late.append((member, answer))
                    raise member.behind(self._head)
                self._saw(member, head(answer))
                return answer

            try:
                return await self._round(current, newest=True)
            except UnansweredError:
                if not any(self._alone or member.holds == self._head for member, _ in late):
                    raise
            for member, _ in late:
                self._succeeded(member)
            member, answer = max(late, key=lambda pair: head(pair[1]).number)
            self._saw(member, head(answer))
            return answer

        return await self._in_rounds(once)

    async def _in_rounds(self, once: Callable[[], Awaitable[T]]) -> T:
        async for attempt in stamina.retry_context(
            on=UnansweredError,
            attempts=1 if self._alone else _ROUNDS,
            timeout=2 * self._timeout_s,
            wait_initial=self._first_wait_s,
            wait_max=2,
            wait_jitter=self._first_wait_s,
        ):
            with attempt:
                return await once()
        raise AssertionError("stamina ends by returning or raising")

    async def _round(self, once: Callable[[Member], Awaitable[T]], *, newest: bool = False) -> T:
        self._begin_trials()
        failures: list[ChainError] = []
        for member in self._in_order():
            try:
                await self._check(member, None if newest else self._head)
                answer = await once(member)
            except RefusedError as refusal:
                self._succeeded(member)
                if not refusal.elsewhere:  # that is the answer: a revert, too large a range, …
                    raise
                failures.append(refusal)
            except ChainError as error:
                self._failed(member, error)
                failures.append(error)
            else:
                self._succeeded(member)
                return answer
        raise none_answered(failures)

    async def _met(self) -> int:
        checks = (member.check_chain(None) for member in self._members)
        outcomes = await asyncio.gather(*checks, return_exceptions=True)
        failures = []
        for member, outcome in zip(self._members, outcomes, strict=True):
            if isinstance(outcome, ChainError):
                self._failed(member, outcome, at_once=True)
                failures.append(outcome)
            elif outcome is not None:
                raise outcome
        served = {one.name: one.chain_id for one in self._members if one.chain_id is not None}
        if not served:
            raise none_answered(failures)
        self._chain_id = one_chain(served)
        return self._chain_id

    def _in_order(self) -> list[Member]:
        # stable: those that are well in the order of preference, then the others in the same order
        return sorted(self._members, key=lambda member: not member.breaker.closed)

    def _begin_trials(self) -> None:
        if not any(member.breaker.closed for member in self._members):
            return  # then they are asked anyway
        for member in self._members:
            if member.breaker.begin_trial():
                task = asyncio.create_task(self._try(member))
                self._trials.add(task)
                task.add_done_callback(self._trials.discard)

    async def _try(self, member: Member) -> None:
        """Find out, beside the requests that others answer, whether an endpoint is well again."""
        try:
            await self._check(member, self._head)
        except ChainError as error:
            self._failed(member, error)
        else:
            self._succeeded(member)

    async def _check(self, member: Member, head: Head | None) -> None:
        if not self._alone:  # otherwise nobody else could have shown anything
            await member.check_chain(self._chain_id)
            await member.check_head(head)

    def _saw(self, member: Member, head: Head) -> None:
        if self._head is not None and self._head.number == head.number and head.hash is None:
            return  # that says less than is known
        self._head = member.holds = head

    def _failed(self, member: Member, error: ChainError, *, at_once: bool = False) -> None:
        hung = isinstance(error, UnansweredError) and error.hung
        if member.breaker.failed(at_once=at_once or hung):
            member.forget()
            self._tell("rpc_endpoint_failed", endpoint=member.name, reason=str(error))

    def _succeeded(self, member: Member) -> None:
        down_s = member.breaker.succeeded()
        if down_s is not None:
            self._tell("rpc_endpoint_recovered", endpoint=member.name, down_s=round(down_s, 1))
