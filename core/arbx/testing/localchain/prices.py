"""Let prices move: without it a market soon has no cycle left that pays."""

import random

from arbx.model import Call
from arbx.testing.localchain.market import SeededMarket
from arbx.testing.localchain.trader import v2_swap

__all__ = ["move_a_price"]

_PAIRS = 15  # those of the first factory that hold something; their prices are the second's too


def move_a_price(market: SeededMarket, prices: random.Random) -> None:
    """Trade a hundredth to a thirtieth of a random pair against it, in a block of its own."""
    pool, zero_for_one = prices.choice(market.of("uniswap_v2")[:_PAIRS]), prices.random() < 0.5
    asked = Call(pool.address, "getReserves()", ("uint112", "uint112", "uint32"))
    reserves = market.chain.ask(asked)[:2]
    reserve_in, reserve_out = reserves if zero_for_one else reserves[::-1]
    amount_in = reserve_in // prices.randint(30, 100)
    kept = amount_in * 997  # UniswapV2Library.getAmountOut
    amount_out = kept * reserve_out // (reserve_in * 1000 + kept)
    trader, token_in = market.trader, pool.tokens[0 if zero_for_one else 1].address
    trader.run(
        v2_swap(
            pool.address,
            token_in,
            amount_in,
            zero_for_one=zero_for_one,
            amount_out=amount_out,
            recipient=trader.address,
        )
    )
