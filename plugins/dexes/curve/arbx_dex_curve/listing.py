"""Which pools there are: given ones, those of factories, those of the MetaRegistry."""

from collections.abc import Sequence

import attrs

import arbx
from arbx_dex_curve.settings import CurveSettings, address_provider

__all__ = ["Listed", "listed"]

_ADDRESS, _WORD = ("address",), ("uint256",)
_HANDLERS = ("address[10]",)
_METAREGISTRY_ID = 7  # of the address provider
_PAGE = 1_000
_ZERO = "0x" + "00" * 20


@attrs.frozen
class Listed:
    """A pool's address and the registries (factories among them) that list it."""

    address: str
    registries: tuple[str, ...] = ()


async def listed(chain: arbx.ChainReader, settings: CurveSettings, block: int) -> list[Listed]:
    """Return each pool once: the given ones first, then the factories', then the MetaRegistry's."""
    rows = [Listed(pool.address) for pool in settings.pools]
    for name in settings.factories:
        factory = settings.factory_on(name, chain.chain_id)
        rows += [Listed(pool, (factory,)) for pool in await _pools(chain, factory, block)]
    if settings.metaregistry:
        rows += await _of_metaregistry(chain, await _metaregistry(chain, settings, block), block)
    merged: dict[str, dict[str, None]] = {}
    for row in rows:
        merged.setdefault(row.address, {}).update(dict.fromkeys(row.registries))
    return [Listed(address, tuple(registries)) for address, registries in merged.items()]


async def _pools(chain: arbx.ChainReader, registry: str, block: int) -> list[str]:
    (answer,) = await chain.call_many([arbx.Call(registry, "pool_count()", _WORD)], block=block)
    if answer is None:
        raise arbx.ConfigError(
            f"{registry} has no pool_count() at block {block}: is it a Curve factory or registry?"
        )
    pools: list[str] = []
    for start in range(0, answer[0], _PAGE):
        page = [
            arbx.Call(registry, "pool_list(uint256)", _ADDRESS, (k,))
            for k in range(start, min(start + _PAGE, answer[0]))
        ]
        pools += [a[0].lower() for a in await chain.call_many(page, block=block) if a is not None]
    return pools


async def _metaregistry(chain: arbx.ChainReader, settings: CurveSettings, block: int) -> str:
    known = settings.metaregistry_on(chain.chain_id)
    if known is not None:
        return known
    asked = arbx.Call(address_provider(), "get_address(uint256)", _ADDRESS, (_METAREGISTRY_ID,))
    (answer,) = await chain.call_many([asked], block=block)
    if answer is None or answer[0] == _ZERO:
        raise arbx.ConfigError(
            f"Curve's address provider {address_provider()} names no MetaRegistry on chain {chain.chain_id}; "
            "set metaregistry to its address, or name factories or pools"
        )
    return str(answer[0]).lower()


async def _of_metaregistry(chain: arbx.ChainReader, registry: str, block: int) -> list[Listed]:
    """Return the MetaRegistry's pools, each with the registries behind the handlers that know it."""
    pools = await _pools(chain, registry, block)
    asked = "get_registry_handlers_from_pool(address)"
    calls = [arbx.Call(registry, asked, _HANDLERS, (pool,)) for pool in pools]
    answers = await chain.call_many(calls, block=block)
    handlers = [_real(answer[0]) if answer is not None else [] for answer in answers]
    behind = await _base_registries(chain, registry, handlers, block)
    return [
        Listed(pool, tuple(behind[handler] for handler in row))
        for pool, row in zip(pools, handlers, strict=True)
    ]


async def _base_registries(
    chain: arbx.ChainReader, registry: str, handlers: Sequence[Sequence[str]], block: int
) -> dict[str, str]:
    """Return what each handler stands for; some are the registry themselves."""
    distinct = sorted({handler for row in handlers for handler in row})
    calls = [
        arbx.Call(registry, "get_base_registry(address)", _ADDRESS, (handler,))
        for handler in distinct
    ]
    answers = await chain.call_many(calls, block=block)
    return {
        handler: handler if answer is None else answer[0].lower()
        for handler, answer in zip(distinct, answers, strict=True)
    }


def _real(addresses: Sequence[str]) -> list[str]:
    return [address.lower() for address in addresses if address.lower() != _ZERO]
