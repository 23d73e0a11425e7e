"""Find pools: listed, recognised, and with their coins; what can't be priced is left out with the reason."""

from collections.abc import Sequence

import attrs

import arbx
from arbx_dex_curve.cryptomodel import CRYPTO
from arbx_dex_curve.generations import BASES, META, NG, PLAIN
from arbx_dex_curve.listing import listed
from arbx_dex_curve.metacalls import Base
from arbx_dex_curve.recognition import Candidate, recognise
from arbx_dex_curve.settings import CurveSettings

__all__ = ["Found", "discover"]

_ADDRESS = ("address",)
_MOST_COINS = 8
_ZERO = "0x" + "00" * 20


@attrs.frozen
class Found:
    """A pool, its generation, and what else must be asked for its state."""

    pool: arbx.Pool
    generation: str
    level: str = "meta"
    factory: str | None = None
    base: Base | None = None


@attrs.frozen
class _Coins:
    """What the coins of all pools are, the base pools' among them."""

    listed: dict[str, list[str]]
    bases: dict[str, str]
    tokens: dict[str, arbx.Token]
    generations: dict[str, str]


async def discover(
    chain: arbx.ChainReader, settings: CurveSettings, block: int
) -> tuple[list[Found], dict[str, str]]:
    """Return the supported pools, and why each other one is left out."""
    candidates, skipped = await recognise(
        chain, settings, await listed(chain, settings, block), block
    )
    coins = await _all_coins(chain, settings, candidates, block)
    found = []
    for entry in candidates:
        one = _found(chain, settings, entry, coins)
        if isinstance(one, str):
            skipped[entry.address] = one
        else:
            found.append(one)
    return found[: settings.max_pools], skipped


async def _all_coins(
    chain: arbx.ChainReader, settings: CurveSettings, candidates: Sequence[Candidate], block: int
) -> _Coins:
    bases = await _bases(chain, candidates, block)
    pools = {entry.address for entry in candidates} | set(bases.values())
    coins = await _coins(chain, sorted(pools), block)
    addresses = {coin for row in coins.values() for coin in row}
    tokens = await arbx.read_tokens(chain, addresses, block=block)
    known = {entry.address: entry.generation for entry in candidates}
    return _Coins(coins, bases, tokens, settings.generations_on(chain.chain_id) | known)


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
    coins: dict[str, list[str]] = {pool: [] for pool in pools}
    for start in range(0, len(calls), 2):
        answer = answers[start] or answers[start + 1]
        if answer is not None and answer[0].lower() != _ZERO:
            coins[calls[start].target].append(answer[0].lower())
    return coins


async def _bases(
    chain: arbx.ChainReader, candidates: Sequence[Candidate], block: int
) -> dict[str, str]:
    """Return the base pool of each metapool."""
    metas = [entry.address for entry in candidates if entry.generation in META]
    calls = [
        arbx.Call(meta, name, _ADDRESS)
        for meta in metas
        for name in ("base_pool()", "BASE_POOL()")
    ]
    answers = await chain.call_many(calls, block=block)
    return {
        meta: (new or old or (_ZERO,))[0].lower()
        for meta, new, old in zip(metas, answers[0::2], answers[1::2], strict=True)
        if new or old
    }


def _found(
    chain: arbx.ChainReader, settings: CurveSettings, entry: Candidate, coins: _Coins
) -> Found | str:
    """Return the pool, or why it can't be priced."""
    listed_coins = coins.listed[entry.address]
    base = _base(entry, coins) if entry.generation in META else None
    if isinstance(base, str):
        return base
    if base is not None and entry.level == "underlying":
        listed_coins = [*listed_coins[:1], *coins.listed[base.address]]
    if len(listed_coins) < 2:
        return "names fewer than two coins"
    if len(set(listed_coins)) < len(listed_coins):
        return "names a coin twice"
    unknown = [coin for coin in listed_coins if coins.tokens[coin].decimals is None]
    if unknown:
        return f"its coin {unknown[0]} has no decimals()"
    pool = arbx.Pool(
        chain.chain_id,
        _kind(entry.generation),
        entry.address,
        tuple(coins.tokens[coin] for coin in listed_coins),
        settings.dex,
    )
    return Found(pool, entry.generation, entry.level, entry.factory, base)


def _base(entry: Candidate, coins: _Coins) -> Base | str:
    """Return the pool below a metapool, or why the metapool can't be priced through it."""
    address, own = coins.bases.get(entry.address), coins.listed[entry.address]
    if address is None or len(own) != 2:
        return "a metapool without base_pool(), or without two coins"
    generation = coins.generations.get(address)
    if entry.level == "underlying" and generation not in BASES:
        said = f"is {generation}" if generation else "is of no known generation"
        cure = 'set level = "meta"' + ("" if generation else ", or name the base pool under pools")
        return f"its base pool {address} {said}: exchange_underlying has no formula here; {cure}"
    decimals = tuple(coins.tokens[coin].decimals or 0 for coin in coins.listed[address])
    return Base(address, own[1], generation if generation in BASES else None, decimals)


def _kind(generation: str) -> str:
    if generation in PLAIN:
        return "curve_stableswap"
    if generation in NG:
        return "curve_stableswap_ng"
    return "curve_cryptoswap" if generation in CRYPTO else "curve_metapool"
