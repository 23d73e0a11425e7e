"""One of several endpoints, and what is known of it."""

from collections.abc import Mapping, Sequence

import attrs

from arbx.chain.answers import as_quantity
from arbx.chain.breaker import Breaker
from arbx.chain.endpoint import Endpoint, public_name
from arbx.chain.refusal import RefusedError, UnansweredError
from arbx.errors import ChainError, ConfigError

__all__ = ["Head", "Member", "members_of", "one_chain"]

# Failures in a row; each is one that its own retries did not mend.
_FAILURES = 3


@attrs.frozen
class Head:
    """The newest block that an endpoint has shown; *hash* is None where only the number was asked."""

    number: int
    hash: str | None = None


@attrs.define(eq=False)
class Member:
    """An endpoint with its breaker, the chain that it serves, and the last shown block that it has."""

    endpoint: Endpoint
    breaker: Breaker
    chain_id: int | None = None
    holds: Head | None = None

    @property
    def name(self) -> str:
        """Return the endpoint's public name."""
        return self.endpoint.name

    def forget(self) -> None:
        """Know nothing: it may come back as another node."""
        self.chain_id = self.holds = None

    async def check_chain(self, chain_id: int | None) -> None:
        """Raise ChainError unless it serves that chain."""
        if self.chain_id is None:
            try:
                served = await self.endpoint.ask("eth_chainId", (), as_quantity)
            except RefusedError as refusal:
                raise ChainError(str(refusal)) from None
            if chain_id not in {None, served}:
                raise ChainError(
                    f"{self.name} serves chain {served}, the others chain {chain_id}; correct its URL"
                )
            self.chain_id = served

    async def check_head(self, head: Head | None) -> None:
        """Raise ChainError unless it has that block, on the same branch."""
        if head is None or self.holds == head:
            return
        found = await self._hash_of(head)
        if found is None:
            raise self.behind(head)
        if head.hash not in {None, found}:
            raise UnansweredError(
                f"{self.name} has another block {head.number} than the one that was shown before: "
                "it follows another branch"
            )
        self.holds = head

    def behind(self, head: Head | None) -> UnansweredError:
        """Return the error that says that it lacks that block."""
        number = "" if head is None else f" {head.number}"
        return UnansweredError(
            f"{self.name} lags: it has no block{number}, which was shown before; is it synchronised?"
        )

    async def _hash_of(self, head: Head) -> str | None:
        def read(row: dict[str, str] | None) -> str | None:
            return None if row is None else str(row["hash"])

        try:
            return await self.endpoint.ask("eth_getBlockByNumber", (hex(head.number), False), read)
        except RefusedError as refusal:
            if refusal.elsewhere:  # some nodes refuse what they have not yet
                return None
            raise ChainError(str(refusal)) from None


def members_of(
    urls: Sequence[str],
    timeout_s: float,
    attempts: int | None,
    first_wait_s: float,
    cool_down_s: float,
) -> tuple[Member, ...]:
    """Return an endpoint with a breaker for each URL; waiting is worth more where there is only one."""
    alone = len(urls) == 1

    def one(url: str, name: str) -> Member:
        endpoint = Endpoint(
            url,
            timeout_s=timeout_s,
            attempts=attempts or (4 if alone else 2),
            first_wait_s=first_wait_s,
            patient=alone,
            name=name,
        )
        return Member(endpoint, Breaker(limit=_FAILURES, cool_down_s=cool_down_s))

    return tuple(one(url, name) for url, name in zip(urls, _names(urls), strict=True))


def one_chain(served: Mapping[str, int]) -> int:
    """Return the id of the chain that all serve; raise ConfigError that names one that doesn't."""
    (first, chain_id), *others = served.items()
    for name, other in others:
        if other != chain_id:
            raise ConfigError(
                f"{name} serves chain {other}, {first} chain {chain_id}: all URLs of rpc must serve "
                "one chain; correct or remove one of them"
            )
    return chain_id


def _names(urls: Sequence[str]) -> list[str]:
    """Return public names; the place in the list tells two URLs of one provider apart."""
    names = [public_name(url) for url in urls]
    return [
        f"{name} (rpc[{i}])" if names.count(name) > 1 else name for i, name in enumerate(names)
    ]
