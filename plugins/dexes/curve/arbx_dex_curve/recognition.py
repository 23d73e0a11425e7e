"""Which contract generation a pool is of: what is given or well known, what it and its registries answer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

import arbx
from arbx_dex_curve.listing import Listed
from arbx_dex_curve.settings import CurveSettings, factories

__all__ = ["Candidate", "recognise"]

_VERSIONS = {
    ("stableswap-ng", "v7.0.0"): "CurveStableSwapNG",
    ("twocrypto-ng", "v2.0.0"): "CurveTwocryptoOptimized v2.0.0",
    ("twocrypto-ng", "v2.1.0"): "CurveTwocryptoOptimized v2.1.0",
    ("tricrypto-ng", "v2.0.0"): "CurveTricryptoOptimized v2.0.0",
}
_CURE = (
    "if you know its generation, name it under pools, or its implementation under implementations"
)


@attrs.frozen
class Candidate:
    """A pool whose generation is known, and the factory that knows more of it."""

    address: str
    generation: str
    level: str
    factory: str | None = None


@attrs.frozen
class _Row:
    """What a pool's registry says of it."""

    registry: str
    family: str | None
    is_meta: bool
    implementation: str | None


async def recognise(
    chain: arbx.ChainReader, settings: CurveSettings, found: Sequence[Listed], block: int
) -> tuple[list[Candidate], dict[str, str]]:
    """Return the pools of a supported generation, and why each other one is left out."""
    given = settings.generations_on(chain.chain_id)
    levels = {pool.address: pool.level for pool in settings.pools}
    versions = await _versions(chain, [entry for entry in found if entry.registries], block)
    rows = await _rows(chain, found, block)
    candidates, skipped = [], {}
    for entry in found:
        told, version = rows[entry.address], versions.get(entry.address)
        generation = given.get(entry.address) or _generation(told, version, settings)
        if generation is None:
            skipped[entry.address] = _reason(told, version)
            continue
        level = levels.get(entry.address, settings.level)
        factory = next((row.registry for row in told if row.family), None)
        candidates.append(Candidate(entry.address, generation, level, factory))
    return candidates, skipped


def _generation(rows: Sequence[_Row], version: str | None, settings: CurveSettings) -> str | None:
    for row in rows:
        generation = _VERSIONS.get((row.family or "", version or ""))
        if generation is not None:
            return "CurveStableSwapMetaNG" if row.is_meta else generation
        if row.implementation in settings.implementations:
            return settings.implementations[row.implementation]
    return None


def _reason(rows: Sequence[_Row], version: str | None) -> str:
    said = "without version()" if version is None else repr(version[:40]).strip("'")
    family = next((row.family for row in rows if row.family), None)
    if family is not None:
        return f"{family} pool {said}: no supported contract generation"
    places = ", ".join(
        row.registry + (f" (implementation {row.implementation})" if row.implementation else "")
        for row in rows
    )
    return f"pool {said} of registry {places or 'unknown'}: not a known generation; {_CURE}"


async def _versions(
    chain: arbx.ChainReader, found: Sequence[Listed], block: int
) -> dict[str, str | None]:
    calls = [arbx.Call(entry.address, "version()", ("string",)) for entry in found]
    answers = await chain.call_many(calls, block=block)
    return {
        entry.address: None if answer is None else str(answer[0])
        for entry, answer in zip(found, answers, strict=True)
    }


async def _rows(
    chain: arbx.ChainReader, found: Sequence[Listed], block: int
) -> dict[str, list[_Row]]:
    """Ask each pool's registries whether it is a metapool, and which code it runs."""
    families = _families(chain.chain_id)
    pairs = [(entry.address, registry) for entry in found for registry in entry.registries]
    answers = await chain.call_many([c for pair in pairs for c in _questions(*pair)], block=block)
    rows: dict[str, list[_Row]] = {entry.address: [] for entry in found}
    for (pool, registry), meta, code in zip(pairs, answers[::2], answers[1::2], strict=True):
        is_meta = meta is not None and meta[0]
        row = _Row(registry, families.get(registry), is_meta, _implementation(code))
        rows[pool].append(row)
    return rows


def _questions(pool: str, registry: str) -> Iterator[arbx.Call]:
    yield arbx.Call(registry, "is_meta(address)", ("bool",), (pool,))
    yield arbx.Call(registry, "get_implementation_address(address)", ("address",), (pool,))


def _implementation(answer: tuple[Any, ...] | None) -> str | None:
    address = None if answer is None else str(answer[0]).lower()
    return address if address and int(address, 16) else None


def _families(chain_id: int) -> Mapping[str, str]:
    return {
        addresses[str(chain_id)]: name
        for name, addresses in factories().items()
        if str(chain_id) in addresses
    }
