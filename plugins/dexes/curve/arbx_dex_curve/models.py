"""The curve models: records to states, states to curves and back."""

from typing import Any

import attrs

import arbx
from arbx_dex_curve.basepool import BaseState
from arbx_dex_curve.curve import ProvenCurve
from arbx_dex_curve.generations import BASES, META, NG, PLAIN
from arbx_dex_curve.metapool import MetaState, PriceCache, UnderlyingSwap, meta_swap
from arbx_dex_curve.ng import NgState, NgSwap
from arbx_dex_curve.reading import (
    check_count,
    read_generation,
    read_pool,
    tokens_of,
    write_pool,
)
from arbx_dex_curve.solver import PRECISION
from arbx_dex_curve.stableswap import PlainSwap, StableState

__all__ = [
    "directed",
    "dump_meta",
    "dump_ng",
    "dump_plain",
    "meta_curve",
    "ng_curve",
    "parse_meta",
    "parse_ng",
    "parse_plain",
    "plain_curve",
]

_MAX_OFFPEG_FEE = 10**20  # multiplier times fee: a fee of 100 %
_LEVELS = ("meta", "underlying")


def directed(coins: int, token_in: int, token_out: int) -> tuple[int, int]:
    """Return the direction, or refuse tokens that the pool does not have."""
    if token_in == token_out or not (0 <= token_in < coins and 0 <= token_out < coins):
        raise arbx.InvalidState(
            "token_in", f"{token_in} to token_out {token_out} is no direction of {coins} tokens"
        )
    return token_in, token_out


def parse_plain(record: arbx.Fields) -> StableState:
    """Read a classic pool; without ``pool`` its precision of A says 3pool's rules (1) or the template's (100)."""
    fields = record.fields("state")
    plain_a = fields.has("a_precision") and fields.uint("a_precision", bits=32) == 1
    default = "StableSwap3Pool" if plain_a else "SwapTemplateBase"
    generation = read_generation(fields, PLAIN, default)
    state = read_pool(fields, generation, fields.uints("rates", lo=1))
    check_count(fields, "balances", len(state.balances), tokens_of(record))
    return state


def plain_curve(state: StableState, token_in: int, token_out: int) -> arbx.Curve:
    """Price one direction of a classic pool."""
    return ProvenCurve(PlainSwap, state, *directed(len(state.balances), token_in, token_out))


def dump_plain(state: StableState) -> dict[str, Any]:
    """Write what parse_plain reads."""
    return {**write_pool(state), "rates": [str(rate) for rate in state.rates]}


def parse_ng(record: arbx.Fields) -> NgState:
    """Read a StableSwap-NG pool."""
    fields = record.fields("state")
    generation = read_generation(fields, NG, "CurveStableSwapNG")
    state = _ng(fields, read_pool(fields, generation, fields.uints("rates", lo=1)))
    check_count(fields, "balances", len(state.balances), tokens_of(record))
    return state


def _ng(fields: arbx.Fields, pool: StableState) -> NgState:
    coins = len(pool.balances)
    types = fields.uints("asset_types", coins, bits=8) if fields.has("asset_types") else ()
    multiplier = fields.uint("offpeg_fee_multiplier", bits=128)
    if multiplier * pool.fee_e10 > _MAX_OFFPEG_FEE:
        raise arbx.InvalidState(
            fields.at("offpeg_fee_multiplier"), f"is {multiplier}: the fee would exceed 100 %"
        )
    common = attrs.asdict(pool, recurse=False)
    return NgState(**common, offpeg_fee_multiplier=multiplier, asset_types=types or (0,) * coins)


def ng_curve(state: NgState, token_in: int, token_out: int) -> arbx.Curve:
    """Price one direction of a StableSwap-NG pool."""
    return ProvenCurve(NgSwap, state, *directed(len(state.balances), token_in, token_out))


def dump_ng(state: NgState) -> dict[str, Any]:
    """Write what parse_ng reads."""
    return {
        **dump_plain(state),
        "offpeg_fee_multiplier": str(state.offpeg_fee_multiplier),
        "asset_types": list(state.asset_types),
    }


def parse_meta(record: arbx.Fields) -> MetaState:
    """Read a metapool; ``level`` may stand in the state or beside it and is "meta" by default."""
    fields = record.fields("state")
    holder = fields if fields.has("level") else record
    level = holder.text("level") if holder.has("level") else "meta"
    if level not in _LEVELS:
        raise arbx.InvalidState(
            holder.at("level"), f"is {level!r}, not one of {', '.join(_LEVELS)}"
        )
    default = "CurveStableSwapMetaNG" if fields.has("rates") else "StableSwapUSDK"
    generation = read_generation(fields, META, default)
    base = _base(fields.fields("base")) if level == "underlying" else None
    if generation.name == "CurveStableSwapMetaNG":
        pool = _ng(fields, read_pool(fields, generation, fields.uints("rates", lo=1)))
        state = MetaState(level, pool, base)
    else:
        cache = _cache(fields)
        rates = (fields.uint("rate0", lo=1), cache.rate())
        state = MetaState(level, read_pool(fields, generation, rates), base, cache)
    check_count(fields, "balances", _coins(state), tokens_of(record))
    return state


def _cache(fields: arbx.Fields) -> PriceCache:
    return PriceCache(
        cached_e18=fields.uint("base_virtual_price_cached", lo=1),
        updated_s=fields.uint("base_cache_updated", bits=64),
        block_timestamp=fields.uint("block_timestamp", bits=64),
        live_e18=fields.fields("base").uint("virtual_price", lo=1),
    )


def _base(fields: arbx.Fields) -> BaseState:
    generation = read_generation(fields, BASES, "StableSwap3Pool")
    pool = read_pool(fields, generation, fields.uints("rates", lo=PRECISION))
    return BaseState(
        **attrs.asdict(pool, recurse=False),
        lp_total_supply=fields.uint("lp_total_supply", lo=1),
        virtual_price_e18=fields.uint("virtual_price", lo=1),
    )


def _coins(state: MetaState) -> int:
    return 2 if state.base is None else 1 + len(state.base.balances)


def meta_curve(state: MetaState, token_in: int, token_out: int) -> arbx.Curve:
    """Price one direction of a metapool, alone or through its base pool."""
    directed(_coins(state), token_in, token_out)
    if state.base is None:
        return ProvenCurve(meta_swap, state, token_in, token_out)
    if token_in and token_out:
        return ProvenCurve(PlainSwap, state.base, token_in - 1, token_out - 1)
    return ProvenCurve(UnderlyingSwap, state, state.base, token_in, token_out)


def dump_meta(state: MetaState) -> dict[str, Any]:
    """Write what parse_meta reads."""
    written = {**write_pool(state.pool), "level": state.level}
    if isinstance(state.pool, NgState):
        written |= dump_ng(state.pool)
    base: dict[str, Any] = {}
    if state.base is not None:
        base = {
            **dump_plain(state.base),
            "lp_total_supply": str(state.base.lp_total_supply),
            "virtual_price": str(state.base.virtual_price_e18),
        }
    if state.cache is not None:
        cache = state.cache
        base["virtual_price"] = str(cache.live_e18)
        written |= {
            "rate0": str(state.pool.rates[0]),
            "base_virtual_price_cached": str(cache.cached_e18),
            "base_cache_updated": cache.updated_s,
            "block_timestamp": cache.block_timestamp,
        }
    return {**written, "base": base} if base else written
