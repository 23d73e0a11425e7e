"""Build the deterministic market: real contracts, 14 tokens, 50 pools, uneven prices."""

import random
from collections.abc import Sequence
from math import isqrt

import attrs

from arbx.model import Call, Token
from arbx.testing.localchain.chain import LocalChain
from arbx.testing.localchain.market import MULTICALL3, SeededMarket, SeededPool
from arbx.testing.localchain.plan import TOKENS, V2_POOLS, V3_POOLS, PlannedToken
from arbx.testing.localchain.ranges import ranges
from arbx.testing.localchain.trader import Trader, v2_mint, v3_mint, v3_swap

__all__ = ["seed_market", "units"]

_TRADER_USD = 10**15
_TRADER_WETH = 900_000 * 10**18
_PLAN = {token.symbol: token for token in TOKENS}


def seed_market(chain: LocalChain, *, seed: int = 1) -> SeededMarket:
    """Deploy and fund the market; the same seed gives the same addresses, prices and positions."""
    rng = random.Random(seed)  # a market, not a secret
    market = _deploy(chain)
    market = attrs.evolve(market, pools=_create(market))
    amounts = [
        _amounts(pool, side, rng) for pool, side in zip(market.pools, _sides(), strict=True)
    ]
    market = attrs.evolve(market, pools=_initialised(market, amounts))
    _fund(market, amounts)
    _trade(market, rng)
    return market


def units(token: PlannedToken, usd: int) -> int:
    """Return how many of the smallest units are worth this many dollars."""
    return usd * 10**6 * int(10**token.decimals) // token.price_e6


def _deploy(chain: LocalChain) -> SeededMarket:
    erc20 = ("string", "string", "uint8")
    owner = (chain.accounts[0],)
    weth, v2_first, v2_second, v3, trader, *others = chain.deploy_many(
        [
            ("WETH9", (), ()),
            ("UniswapV2Factory", ("address",), owner),
            ("UniswapV2Factory", ("address",), owner),
            ("UniswapV3Factory", (), ()),
            ("Trader", (), ()),
            *(("Token", erc20, (t.name, t.symbol, t.decimals)) for t in TOKENS[1:]),
        ]
    )
    chain.place(MULTICALL3, "Multicall3")
    tokens = tuple(
        Token(address, plan.symbol, plan.decimals)
        for plan, address in zip(TOKENS, [weth, *others], strict=True)
    )
    return SeededMarket(chain, Trader(chain, trader), tokens, (), (v2_first, v2_second), v3)


def _create(market: SeededMarket) -> tuple[SeededPool, ...]:
    rows: list[SeededPool] = []
    for pair in V2_POOLS:
        shape = "pair" if pair.side_usd else "empty"
        factory = market.v2_factories[pair.factory]
        rows.append(
            SeededPool("uniswap_v2", "", factory, _sorted(market, pair.tokens), 3000, shape)
        )
    for pool in V3_POOLS:
        tokens = _sorted(market, pool.tokens)
        rows.append(
            SeededPool("uniswap_v3", "", market.v3_factory, tokens, pool.fee_pips, pool.shape)
        )
    # the factory's event ends with the new pool's address: PairCreated(…, pair, length),
    # PoolCreated(…, pool)
    receipts = market.chain.transact([_tier(market), *map(_creation, rows)])[1:]
    return tuple(
        attrs.evolve(row, address="0x" + _words(receipt.logs[0]["data"])[place][-40:])
        for row, receipt, place in zip(
            rows, receipts, [0] * len(V2_POOLS) + [1] * len(V3_POOLS), strict=True
        )
    )


def _tier(market: SeededMarket) -> Call:
    return Call(market.v3_factory, "enableFeeAmount(uint24,int24)", (), (100, 1))


def _creation(pool: SeededPool) -> Call:
    first, second = (token.address for token in pool.tokens)
    if pool.kind == "uniswap_v2":
        return Call(pool.factory, "createPair(address,address)", (), (first, second))
    return Call(
        pool.factory, "createPool(address,address,uint24)", (), (first, second, pool.fee_pips)
    )


def _sides() -> list[int]:
    return [plan.side_usd for plan in (*V2_POOLS, *V3_POOLS)]


def _amounts(pool: SeededPool, side_usd: int, rng: random.Random) -> tuple[int, int]:
    # Most pools are within 0.45 % of the common price, one in six is up to 1.5 % away.
    spread = 1500 if rng.randrange(6) == 0 else 450
    away_e5 = rng.randint(-spread, spread)
    first, second = (units(_PLAN[str(token.symbol)], side_usd or 10**6) for token in pool.tokens)
    return first, second * (10**5 + away_e5) // 10**5


def _initialised(
    market: SeededMarket, amounts: Sequence[tuple[int, int]]
) -> tuple[SeededPool, ...]:
    calls = [
        Call(pool.address, "initialize(uint160)", (), (isqrt((amount1 << 192) // amount0),))
        for pool, (amount0, amount1) in zip(market.pools, amounts, strict=True)
        if pool.kind == "uniswap_v3" and pool.shape != "uninitialised"
    ]
    receipts = market.chain.transact(calls)
    ticks = {
        call.target: _int24(_words(r.logs[0]["data"])[1])
        for call, r in zip(calls, receipts, strict=True)
    }
    return tuple(
        attrs.evolve(
            pool, ranges=ranges(pool.shape, ticks[pool.address], pool.fee_pips, isqrt(a * b))
        )
        if pool.address in ticks
        else pool
        for pool, (a, b) in zip(market.pools, amounts, strict=True)
    )


def _fund(market: SeededMarket, amounts: Sequence[tuple[int, int]]) -> None:
    chain, trader = market.chain, market.trader
    mint = "mint(address,uint256)"
    chain.transact(
        [
            trader.bundle([Call(market.weth.address, "deposit()", value_wei=_TRADER_WETH)]),
            *(
                Call(
                    token.address,
                    mint,
                    (),
                    (trader.address, units(_PLAN[str(token.symbol)], _TRADER_USD)),
                )
                for token in market.tokens[1:]
            ),
        ]
    )
    runs: list[Call] = []
    for pool, pair in zip(market.pools, amounts, strict=True):
        if pool.shape == "pair":
            payments = [
                (token.address, amount) for token, amount in zip(pool.tokens, pair, strict=True)
            ]
            runs.append(trader.bundle(v2_mint(pool.address, payments, trader.address)))
        elif pool.ranges:
            runs.append(
                trader.bundle([v3_mint(pool.address, trader.address, *row) for row in pool.ranges])
            )
    chain.transact(runs)


def _trade(market: SeededMarket, rng: random.Random) -> None:
    # A little history: fees have grown, ticks have been crossed, prices no longer sit where they
    # were set.
    calls: list[Call] = []
    for pool in market.pools:
        if pool.shape in {"layers", "gap"}:
            zero_for_one = rng.random() < 0.5
            plan = _PLAN[str(pool.tokens[0 if zero_for_one else 1].symbol)]
            amount_in = units(plan, rng.randint(500, 5_000))
            recipient = market.trader.address
            calls.append(
                v3_swap(pool.address, amount_in, zero_for_one=zero_for_one, recipient=recipient)
            )
    market.trader.run(calls)


def _sorted(market: SeededMarket, symbols: tuple[str, str]) -> tuple[Token, Token]:
    first, second = sorted(map(market.token, symbols), key=lambda token: token.address)
    return first, second


def _words(data: str) -> list[str]:
    return [data[start : start + 64] for start in range(2, len(data), 64)]


def _int24(word: str) -> int:
    value = int(word, 16)
    return value - 2**256 if value >> 255 else value
