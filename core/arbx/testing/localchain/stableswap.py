"""Put StableSwap pools of our own beside a seeded market: Curve's contracts come in no package."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from arbx.model import Call, Token
from arbx.testing.localchain.chain import LocalChain
from arbx.testing.localchain.market import SeededMarket
from arbx.testing.localchain.plan import TOKENS
from arbx.testing.localchain.seed import units
from arbx.testing.localchain.vault import approve

__all__ = [
    "GENERATION",
    "StableSwapPool",
    "deploy_registry",
    "deploy_stableswap",
    "exchange",
    "fund",
    "new_fee",
    "ramp",
    "stableswap_sources",
    "stop_ramp",
]

GENERATION = "SwapTemplateBase"  # whose order of operations and roundings StableSwap.vy follows
_PLAN = {token.symbol: token for token in TOKENS}
_FEE_E10, _ADMIN_FEE_E10 = 4_000_000, 5_000_000_000


@attrs.frozen
class StableSwapPool:
    """One pool of StableSwap.vy; anyone may fund it."""

    address: str
    tokens: tuple[Token, Token]
    amplification: int


def deploy_stableswap(
    market: SeededMarket, symbols: tuple[str, str], dollars: tuple[int, int], amplification: int
) -> StableSwapPool:
    """Deploy a pool with 0.04 % fee, half of it the administrator's, and fund it from the trader."""
    first, second = (market.token(symbol) for symbol in symbols)
    address = market.chain.deploy(
        "StableSwap",
        ("address[2]", "uint256", "uint256", "uint256"),
        ((first.address, second.address), amplification, _FEE_E10, _ADMIN_FEE_E10),
    )
    pool = StableSwapPool(address, (first, second), amplification)
    amounts = [units(_PLAN[s], usd) for s, usd in zip(symbols, dollars, strict=True)]
    market.trader.run([*(approve(t.address, address) for t in pool.tokens), fund(pool, amounts)])
    return pool


def fund(pool: StableSwapPool, amounts: Sequence[int]) -> Call:
    """Add coins; the pool takes them from who calls."""
    return Call(pool.address, "add_liquidity(uint256[2])", (), (tuple(amounts),))


def exchange(pool: StableSwapPool, token_in: int, amount_in: int) -> Call:
    """Swap an exact input; the pool answers what it pays."""
    arguments = (token_in, 1 - token_in, amount_in, 0)
    return Call(pool.address, "exchange(int128,int128,uint256,uint256)", ("uint256",), arguments)


def new_fee(pool: StableSwapPool, fee_e10: int, admin_fee_e10: int) -> Call:
    """Change the fee and the administrator's part of it."""
    return Call(pool.address, "apply_new_fee(uint256,uint256)", (), (fee_e10, admin_fee_e10))


def ramp(pool: StableSwapPool, amplification: int, ends_s: int) -> Call:
    """Move the amplification evenly until a time."""
    return Call(pool.address, "ramp_A(uint256,uint256)", (), (amplification, ends_s))


def stop_ramp(pool: StableSwapPool) -> Call:
    """Leave the amplification where it is."""
    return Call(pool.address, "stop_ramp_A()")


def deploy_registry(chain: LocalChain, pools: Mapping[str, str]) -> str:
    """Deploy a registry that answers as Curve's MetaRegistry and list *pools*, each with its implementation."""
    registry = chain.deploy("CurveRegistry")
    signature = "add_pool(address,address,bool)"
    chain.transact(
        [Call(registry, signature, (), (pool, code, False)) for pool, code in pools.items()]
    )
    return registry


def stableswap_sources(pools: Sequence[StableSwapPool]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the source of these pools: the provider that reads them, and its settings."""
    given = [{"address": pool.address, "generation": GENERATION} for pool in pools]
    return {"stableswap": ("curve", {"pools": given, "dex": "stableswap"})}
