"""
Make pools that look like WETH, USDC and WBTC pools of a main network, from a seed.

Prices differ by a per cent or two from pool to pool, so that cycles through two of them pay.
"""

import random
from typing import Any

import gmpy2

DECIMALS = {"WETH": 18, "USDC": 6, "WBTC": 8}
DOLLARS = {"WETH": 2_000.0, "USDC": 1.0, "WBTC": 30_000.0}

Record = dict[str, Any]


def price(token0: str, token1: str) -> float:
    """Return how many units of *token1* one unit of *token0* is worth."""
    return DOLLARS[token0] / DOLLARS[token1] * 10.0 ** (DECIMALS[token1] - DECIMALS[token0])


def v2(rng: random.Random, token0: str, token1: str, skew: float) -> Record:
    """Make a constant-product pool of some million dollars, *skew* above the market's price."""
    dollars = rng.uniform(1e6, 2e7)
    reserve0 = dollars / DOLLARS[token0] * 10.0 ** DECIMALS[token0]
    reserve1 = reserve0 * price(token0, token1) * (1 + skew)
    return {
        "kind": "uniswap_v2",
        "state": {
            "reserve0": str(int(reserve0) + rng.randrange(1000)),
            "reserve1": str(int(reserve1) + rng.randrange(1000)),
            "fee_num": 997,
            "fee_den": 1000,
        },
    }


def _sqrt_price_x96(tick: int) -> int:
    """Return a price half-way to the next tick, so that no rounding can change the tick."""
    with gmpy2.context(gmpy2.get_context(), precision=256):
        return int(gmpy2.mpfr("1.0001") ** (gmpy2.mpfr(2 * tick + 1) / 4) * gmpy2.mpfr(2) ** 96)


def _net(positions: list[tuple[int, int, int]]) -> list[list[Any]]:
    net: dict[int, int] = {}
    for lower, upper, liquidity in positions:
        net[lower] = net.get(lower, 0) + liquidity
        net[upper] = net.get(upper, 0) - liquidity
    return [[tick, str(change)] for tick, change in sorted(net.items()) if change]


def v3(
    rng: random.Random,
    token0: str,
    token1: str,
    skew: float,
    *,
    fee: int = 500,
    spacing: int = 10,
    depth: float = 1e6,
    ranges: int = 60,
) -> Record:
    """Make a pool whose liquidity changes at *ranges* ticks on either side of the price."""
    tick = int(gmpy2.log(price(token0, token1) * (1 + skew)) / gmpy2.log(1.0001)) - 1
    middle = tick // spacing * spacing
    # Depth is stated as in a constant-product pool that holds *depth* dollars on each side.
    unit0 = depth / DOLLARS[token0] * 10.0 ** DECIMALS[token0]
    liquidity = int(unit0 * price(token0, token1) ** 0.5)
    positions = [(middle - 4_000 * spacing, middle + 4_000 * spacing, liquidity)]
    for step in range(ranges):
        low, high = step + 1, rng.randrange(1, ranges + 1)
        extra = int(liquidity * rng.uniform(0.2, 2.0))
        positions.append((middle - low * spacing, middle + high * spacing, extra))
        positions.append((middle - high * spacing, middle + low * spacing, extra // 2))
    positions = [p for p in positions if p[2]]
    active = sum(entry[2] for entry in positions if entry[0] <= tick < entry[1])
    return {
        "kind": "uniswap_v3",
        "state": {
            "fee": fee,
            "tick_spacing": spacing,
            "sqrt_price_x96": str(_sqrt_price_x96(tick)),
            "tick": tick,
            "liquidity": str(active),
            "ticks": _net(positions),
        },
    }
