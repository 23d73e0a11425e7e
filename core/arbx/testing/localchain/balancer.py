"""Put Balancer's V2 Vault, with weighted and composable stable pools, beside a seeded market."""

import json
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import attrs

from arbx.model import Call, Token
from arbx.testing.localchain.chain import LocalChain, Receipt
from arbx.testing.localchain.market import SeededMarket
from arbx.testing.localchain.plan import TOKENS
from arbx.testing.localchain.seed import units
from arbx.testing.localchain.vault import BalancerPool, approve, first_join

__all__ = ["BalancerMarket", "seed_balancer"]

_NOBODY = "0x" + "00" * 20
_PLAN = {token.symbol: token for token in TOKENS}
_WSTETH_RATE = 1_150_000_000_000_000_000  # what the plan's prices say: 2,300 to 2,000 dollars
_RATE_CACHE_S = 3_600
_PAUSE_S = 7_776_000  # 90 days, and a buffer of 30: the longest that the Vault allows
_BUFFER_S = 2_592_000
_MOST_E18 = 5 * 10**17


class PlannedWeighted(NamedTuple):
    """A weighted pool: each token's weight in hundredths, the fee, and what it holds in dollars."""

    shares: dict[str, int]
    fee_bps: int
    usd: int


class PlannedStable(NamedTuple):
    """A composable stable pool: its tokens, of which those in *rated* have a rate provider."""

    symbols: tuple[str, ...]
    amplification: int
    fee_bps: int
    usd: int
    rated: tuple[str, ...] = ()


WEIGHTED = (
    PlannedWeighted({"WETH": 50, "USDC": 50}, 30, 6_000_000),
    PlannedWeighted({"WETH": 80, "USDC": 20}, 10, 4_000_000),
    PlannedWeighted({"WETH": 20, "AAVE": 80}, 30, 3_000_000),
    PlannedWeighted({"WETH": 40, "MKR": 60}, 20, 2_000_000),
    PlannedWeighted({"WETH": 50, "WBTC": 50}, 25, 5_000_000),
    PlannedWeighted({"WETH": 33, "USDC": 33, "WBTC": 34}, 25, 6_000_000),
    PlannedWeighted({"WETH": 25, "DAI": 25, "LINK": 25, "UNI": 25}, 100, 3_000_000),
    PlannedWeighted({"WETH": 50, "GUSD": 50}, 30, 400_000),
    PlannedWeighted({"WETH": 67, "GEM": 33}, 50, 500_000),
    PlannedWeighted({"USDC": 2, "TWELVE": 98}, 10, 1_000_000),
)
STABLE = (
    PlannedStable(("USDC", "USDT", "DAI"), 500, 1, 9_000_000),
    PlannedStable(("WETH", "WSTETH"), 50, 4, 5_000_000, ("WSTETH",)),
)


@attrs.frozen
class BalancerMarket:
    """A market and the Vault beside it; *rate_provider* says what a WSTETH is worth."""

    market: SeededMarket
    vault: str
    authorizer: str
    weighted_factory: str
    stable_factory: str
    rate_provider: str
    pools: tuple[BalancerPool, ...]

    def sources(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return the source of the Vault's pools: the provider that reads them, and its settings."""
        return {"balancer": ("balancer-v2", {"vault": self.vault, "dex": "balancer"})}

    def of(self, kind: str) -> tuple[BalancerPool, ...]:
        """Return the pools of one kind."""
        return tuple(pool for pool in self.pools if pool.kind == kind)


def seed_balancer(market: SeededMarket, *, seed: int = 1) -> BalancerMarket:
    """Deploy the Vault, create its pools at uneven prices, and let the market's trader fund them."""
    rng = random.Random(seed)  # a market, not a secret
    stood = _deploy(market)
    stood = attrs.evolve(stood, pools=(*_weighted(stood), *_stable(stood)))
    _fund(stood, rng)
    return stood


def _deploy(market: SeededMarket) -> BalancerMarket:
    chain, text = market.chain, ("address", "address", "string", "string")
    authorizer, rates = chain.deploy_many(
        [
            ("Authorizer", ("address",), (chain.accounts[0],)),
            ("RateProvider", ("uint256",), (_WSTETH_RATE,)),
        ]
    )
    vault = chain.deploy(
        "Vault",
        ("address", "address", "uint256", "uint256"),
        (authorizer, market.weth.address, _PAUSE_S, _BUFFER_S),
    )
    limits = (vault, _MOST_E18, _MOST_E18)
    fees = chain.deploy(
        "ProtocolFeePercentagesProvider", ("address", "uint256", "uint256"), limits
    )
    weighted, stable = chain.deploy_many(
        [
            ("WeightedPoolFactory", text, (vault, fees, *_versions("WeightedPool"))),
            (
                "ComposableStablePoolFactory",
                text,
                (vault, fees, *_versions("ComposableStablePool")),
            ),
        ]
    )
    return BalancerMarket(market, vault, authorizer, weighted, stable, rates, ())


def _versions(pool: str) -> tuple[str, str]:
    """Return what factory and pools say of themselves, as the deployer of the third version has it."""
    day = {"WeightedPool": "20230206-weighted-pool-v3"}.get(
        pool, "20230206-composable-stable-pool-v3"
    )
    factory, own = (
        json.dumps({"name": name, "version": 3, "deployment": day}, separators=(",", ":"))
        for name in (f"{pool}Factory", pool)
    )
    return factory, own


def _weighted(stood: BalancerMarket) -> list[BalancerPool]:
    calls, shares = [], []
    for plan in WEIGHTED:
        tokens = _sorted(stood.market, plan.shares)
        weights = [plan.shares[str(token.symbol)] * 10**16 for token in tokens]
        shares.append(tuple(weights))
        calls.append(
            Call(
                stood.weighted_factory,
                "create(string,string,address[],uint256[],address[],uint256,address)",
                (),
                (
                    *_names(plan.shares),
                    [token.address for token in tokens],
                    weights,
                    [_NOBODY] * len(tokens),
                    plan.fee_bps * 10**14,
                    stood.market.chain.accounts[0],
                ),
            )
        )
    created = _created(stood, "balancer_weighted", calls)
    return [
        attrs.evolve(pool, weights_e18=weights)
        for pool, weights in zip(created, shares, strict=True)
    ]


def _stable(stood: BalancerMarket) -> list[BalancerPool]:
    calls = []
    for plan in STABLE:
        tokens = _sorted(stood.market, plan.symbols)
        rated = [token.symbol in plan.rated for token in tokens]
        calls.append(
            Call(
                stood.stable_factory,
                "create(string,string,address[],uint256,address[],uint256[],bool[],uint256,address)",
                (),
                (
                    *_names(plan.symbols),
                    [token.address for token in tokens],
                    plan.amplification,
                    [stood.rate_provider if has else _NOBODY for has in rated],
                    [_RATE_CACHE_S if has else 0 for has in rated],
                    [False] * len(tokens),
                    plan.fee_bps * 10**14,
                    stood.market.chain.accounts[0],
                ),
            )
        )
    created = _created(stood, "balancer_stable", calls)
    return [
        attrs.evolve(pool, amplification=plan.amplification)
        for pool, plan in zip(created, STABLE, strict=True)
    ]


def _created(stood: BalancerMarket, kind: str, calls: Sequence[Call]) -> list[BalancerPool]:
    chain, known = stood.market.chain, {token.address: token for token in stood.market.tokens}
    pools = []
    for receipt in chain.transact(calls):
        address = _pool_created(receipt)
        (pool_id,) = chain.ask(Call(address, "getPoolId()", ("bytes32",)))
        question = Call(
            stood.vault,
            "getPoolTokens(bytes32)",
            ("address[]", "uint256[]", "uint256"),
            (pool_id,),
        )
        tokens = tuple(
            known.get(token, Token(token, _symbol(chain, token), 18))
            for token in map(str.lower, chain.ask(question)[0])
        )
        pools.append(BalancerPool(kind, address, "0x" + bytes(pool_id).hex(), tokens))
    return pools


def _pool_created(receipt: Receipt) -> str:
    # the factory's PoolCreated(address indexed pool) comes last, after all that the pool itself says
    return "0x" + str(receipt.logs[-1]["topics"][1])[-40:]


def _symbol(chain: LocalChain, token: str) -> str:
    return str(chain.ask(Call(token, "symbol()", ("string",)))[0])


def _fund(stood: BalancerMarket, rng: random.Random) -> None:
    market, trader = stood.market, stood.market.trader
    trader.run([approve(token.address, stood.vault) for token in market.tokens])
    dollars = [plan.usd for plan in (*WEIGHTED, *STABLE)]
    calls = []
    for pool, usd in zip(stood.pools, dollars, strict=True):
        even = 10**18 // len(pool.traded)
        weights = pool.weights_e18 or [even] * len(pool.traded)
        amounts = [
            units(_PLAN[str(token.symbol)], usd * weight // 10**18)
            * (10**5 + rng.randint(-700, 700))
            // 10**5
            for token, weight in zip(pool.traded, weights, strict=True)
        ]
        calls.append(trader.bundle([first_join(stood.vault, pool, trader.address, amounts)]))
    market.chain.transact(calls)


def _names(symbols: Sequence[str] | dict[str, int]) -> tuple[str, str]:
    joined = "-".join(symbols)
    return f"Pool of {joined}", f"B-{joined}"


def _sorted(market: SeededMarket, symbols: Sequence[str] | dict[str, int]) -> list[Token]:
    return sorted((market.token(symbol) for symbol in symbols), key=lambda token: token.address)
