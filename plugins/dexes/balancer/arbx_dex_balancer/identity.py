"""Tell which generation a V2 pool is of: by what it says of itself, else by its factory."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

import arbx
from arbx_dex_balancer.generations import GENERATIONS, Generation, named_by_version

__all__ = ["Identity", "identify"]

Answer = tuple[Any, ...] | None


@attrs.frozen
class Identity:
    """What never changes of a V2 pool."""

    address: str
    pool_id: str
    generation: Generation
    tokens: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Return the kind of curve that prices the pool."""
        return f"balancer_{self.generation.family}"

    @property
    def bpt_index(self) -> int | None:
        """Return where the pool's own token is among its tokens."""
        return self.tokens.index(self.address) if self.address in self.tokens else None


async def identify(
    chain: arbx.ChainReader,
    vault: str,
    factories: Mapping[str, str],
    addresses: Sequence[str],
    block: int,
) -> list[Identity | str]:
    """Return each pool's identity, or the reason why it is not supported."""
    asked = [
        call
        for address in addresses
        for call in (
            arbx.Call(address, "getPoolId()", ("bytes32",)),
            arbx.Call(address, "version()", ("string",)),
            *(
                arbx.Call(factory, "isPoolFromFactory(address)", ("bool",), (address,))
                for factory in factories
            ),
        )
    ]
    answers = await chain.call_many(asked, block=block)
    width = 2 + len(factories)
    rows = [answers[at : at + width] for at in range(0, len(answers), width)]
    ids = ["0x" + bytes(row[0][0]).hex() if row[0] is not None else None for row in rows]
    tokens = await _tokens(chain, vault, ids, block)
    return [
        _identity(address, pool_id, held, _named(row[1], row[2:], factories))
        for address, pool_id, held, row in zip(addresses, ids, tokens, rows, strict=True)
    ]


async def _tokens(
    chain: arbx.ChainReader, vault: str, ids: Sequence[str | None], block: int
) -> list[tuple[str, ...] | None]:
    known = [pool_id for pool_id in ids if pool_id is not None]
    calls = [
        arbx.Call(
            vault,
            "getPoolTokens(bytes32)",
            ("address[]", "uint256[]", "uint256"),
            (bytes.fromhex(pool_id[2:]),),
        )
        for pool_id in known
    ]
    answers = dict(zip(known, await chain.call_many(calls, block=block), strict=True))
    held = [answers.get(pool_id) if pool_id is not None else None for pool_id in ids]
    return [None if row is None else tuple(token.lower() for token in row[0]) for row in held]


def _named(version: Answer, made_by: Sequence[Answer], factories: Mapping[str, str]) -> str | None:
    """Return the generation's name as *version* or a factory tells it."""
    if version is not None:
        try:
            return named_by_version(str(version[0]), vault=2)
        except arbx.InvalidState:
            return None
    found = (
        name
        for name, answer in zip(factories.values(), made_by, strict=True)
        if answer is not None and answer[0]
    )
    return next(found, None)


def _identity(
    address: str, pool_id: str | None, tokens: tuple[str, ...] | None, name: str | None
) -> Identity | str:
    if pool_id is None:
        return "answers no getPoolId(): it is no Balancer V2 pool"
    if name is None:
        return "tells no version and comes from no known factory"
    generation = GENERATIONS.get(name)
    if generation is None:
        return f"is of the generation {name!r}, which is not supported"
    if tokens is None:
        return "is not registered with the Vault"
    if len(tokens) < 2:
        return f"has {len(tokens)} tokens registered"
    return Identity(address, pool_id, generation, tokens)
