"""Which pools there are: of the factories that can be asked for versions, and given ones."""

from collections.abc import Sequence

import attrs

import arbx
from arbx_dex_curve.cryptomodel import CRYPTO
from arbx_dex_curve.generations import META, NG, PLAIN
from arbx_dex_curve.settings import CurveSettings

__all__ = ["Found", "discover"]

_ADDRESS, _TEXT, _WORD = ("address",), ("string",), ("uint256",)
_PAGE = 1_000
_MOST_COINS = 8
_ZERO = "0x" + "00" * 20
_VERSIONS = {
    ("stableswap-ng", "v7.0.0"): "CurveStableSwapNG",
    ("twocrypto-ng", "v2.0.0"): "CurveTwocryptoOptimized v2.0.0",
    ("twocrypto-ng", "v2.1.0"): "CurveTwocryptoOptimized v2.1.0",
    ("tricrypto-ng", "v2.0.0"): "CurveTricryptoOptimized v2.0.0",
}


@attrs.frozen
class Found:
    """A pool, its generation, and what else must be asked for its state."""

    pool: arbx.Pool
    generation: str
    level: str = "meta"
    factory: str | None = None
    base: str | None = None
    lp_token: str = _ZERO
    base_decimals: tuple[int, ...] = ()


@attrs.frozen
class _Candidate:
    address: str
    generation: str
    level: str
    factory: str | None = None


async def discover(
    chain: arbx.ChainReader, settings: CurveSettings, block: int
) -> tuple[list[Found], dict[str, str]]:
    """Return the supported pools, and why each other one is left out."""
    skipped: dict[str, str] = {}
    candidates = [_Candidate(p.address, p.generation, p.level) for p in settings.pools]
    for name in settings.factories:
        candidates += await _listed(chain, settings, name, block, skipped)
    unique = list({entry.address: entry for entry in candidates}.values())
    coins = await _coins(chain, [entry.address for entry in unique], block)
    bases = await _bases(chain, unique, block)
    tokens = await arbx.read_tokens(
        chain,
        {coin for listed in coins.values() for coin in listed}
        | {coin for _, listed in bases.values() for coin in listed},
        block=block,
    )
    found = []
    for entry in unique:
        one = _found(chain, settings, entry, coins[entry.address], bases, tokens)
        if isinstance(one, str):
            skipped[entry.address] = one
        else:
            found.append(one)
    return found[: settings.max_pools], skipped


async def _listed(
    chain: arbx.ChainReader,
    settings: CurveSettings,
    name: str,
    block: int,
    skipped: dict[str, str],
) -> list[_Candidate]:
    factory = settings.factory_on(name, chain.chain_id)
    (answer,) = await chain.call_many([arbx.Call(factory, "pool_count()", _WORD)], block=block)
    if answer is None:
        raise arbx.ConfigError(f"factory {factory} has no pool_count(): is it a Curve factory?")
    pools: list[str] = []
    for start in range(0, answer[0], _PAGE):
        page = [
            arbx.Call(factory, "pool_list(uint256)", _ADDRESS, (k,))
            for k in range(start, min(start + _PAGE, answer[0]))
        ]
        pools += [a[0].lower() for a in await chain.call_many(page, block=block) if a is not None]
    versions = await chain.call_many(
        [arbx.Call(pool, "version()", _TEXT) for pool in pools], block=block
    )
    metas = await chain.call_many(
        [arbx.Call(factory, "is_meta(address)", ("bool",), (pool,)) for pool in pools], block=block
    )
    candidates = []
    for pool, version, meta in zip(pools, versions, metas, strict=True):
        generation = _VERSIONS.get((name, version[0] if version else ""))
        if generation is None:
            said = version[0] if version else "without version()"
            skipped[pool] = f"{name} pool {said}: no supported contract generation"
            continue
        if meta is not None and meta[0]:
            generation = "CurveStableSwapMetaNG"
        candidates.append(_Candidate(pool, generation, settings.level, factory))
    return candidates


async def _coins(
    chain: arbx.ChainReader, pools: Sequence[str], block: int
) -> dict[str, list[str]]:
    calls = [
        arbx.Call(pool, f"coins({word})", _ADDRESS, (k,))
        for pool in pools
        for k in range(_MOST_COINS)
        for word in ("uint256", "int128")
    ]
    answers = await chain.call_many(calls, block=block)
    listed: dict[str, list[str]] = {pool: [] for pool in pools}
    for start in range(0, len(calls), 2):
        answer = answers[start] or answers[start + 1]
        if answer is not None and answer[0].lower() != _ZERO:
            listed[calls[start].target].append(answer[0].lower())
    return listed


async def _bases(
    chain: arbx.ChainReader, candidates: Sequence[_Candidate], block: int
) -> dict[str, tuple[str, list[str]]]:
    """Return the base pool of each metapool, with the base pool's coins."""
    metas = [entry.address for entry in candidates if entry.generation in META]
    calls = [
        arbx.Call(meta, name, _ADDRESS)
        for meta in metas
        for name in ("base_pool()", "BASE_POOL()")
    ]
    answers = await chain.call_many(calls, block=block)
    bases: dict[str, str] = {}
    for meta, new, old in zip(metas, answers[0::2], answers[1::2], strict=True):
        answer = new or old
        if answer is not None:
            bases[meta] = answer[0].lower()
    coins = await _coins(chain, sorted(set(bases.values())), block)
    return {meta: (base, coins[base]) for meta, base in bases.items()}


def _found(
    chain: arbx.ChainReader,
    settings: CurveSettings,
    entry: _Candidate,
    coins: Sequence[str],
    bases: dict[str, tuple[str, list[str]]],
    tokens: dict[str, arbx.Token],
) -> Found | str:
    """Return the pool, or why it can't be priced."""
    base, below = bases.get(entry.address, (None, []))
    if entry.generation in META and base is None:
        return "a metapool without base_pool()"
    underlying = base is not None and entry.level == "underlying"
    listed = [*coins[:1], *below] if underlying else list(coins)
    if len(listed) < 2:
        return "names fewer than two coins"
    unknown = [coin for coin in listed if tokens[coin].decimals is None]
    if unknown:
        return f"its coin {unknown[0]} has no decimals()"
    pool = arbx.Pool(
        chain.chain_id,
        _kind(entry.generation),
        entry.address,
        tuple(tokens[coin] for coin in listed),
        settings.dex,
    )
    if base is None:
        return Found(pool, entry.generation, factory=entry.factory)
    digits = tuple(tokens[coin].decimals or 0 for coin in below)
    return Found(pool, entry.generation, entry.level, entry.factory, base, coins[1], digits)


def _kind(generation: str) -> str:
    if generation in PLAIN:
        return "curve_stableswap"
    if generation in NG:
        return "curve_stableswap_ng"
    return "curve_cryptoswap" if generation in CRYPTO else "curve_metapool"
