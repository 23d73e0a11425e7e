"""Which pools of a Vault there are, for both of its versions."""

from collections.abc import Iterable, Sequence

import arbx
from arbx_dex_balancer.settings import VaultSettings

__all__ = ["listed", "pools_of"]


async def listed(
    chain: arbx.ChainReader,
    settings: VaultSettings,
    topic: bytes,
    indexed: int,
    block: int,
    *,
    since: int = 0,
) -> tuple[str, ...]:
    """
    Return the given pools, or those that the Vault has registered, each once, at most *max_pools*.

    *topic* is the Vault's PoolRegistered, whose indexed argument number *indexed* is the pool. Pools older than
    *since* may be left out, unless *max_pools* counts them.
    """
    addresses: Sequence[str] = settings.pools
    if not addresses:
        late = settings.max_pools is None
        logs = await chain.logs(
            topics=[topic],
            addresses=[settings.vault_address],
            from_block=max(since, settings.from_block) if late else settings.from_block,
            to_block=block,
        )
        named = [log.topics[indexed] for log in logs if len(log.topics) > indexed]
        addresses = [f"0x{word[12:].hex()}" for word in named]
    return tuple(dict.fromkeys(addresses))[: settings.max_pools]


async def pools_of(
    chain: arbx.ChainReader,
    settings: VaultSettings,
    found: Iterable[tuple[str, str, Sequence[str]]],
    block: int,
) -> list[arbx.Pool]:
    """Return the pools of (address, kind, token addresses), with what their tokens say of themselves."""
    rows = list(found)
    wanted = {token for _, _, tokens in rows for token in tokens}
    known = await arbx.read_tokens(chain, wanted, block=block)
    return [
        arbx.Pool(
            chain.chain_id, kind, address, tuple(known[token] for token in tokens), settings.dex
        )
        for address, kind, tokens in rows
    ]
