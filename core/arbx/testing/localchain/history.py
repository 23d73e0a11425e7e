"""Let random things happen to a market: swaps, mints, burns, pokes, first prices."""

import random
from collections.abc import Iterable

from eth_utils.crypto import keccak

from arbx.model import Call
from arbx.testing.localchain.market import SeededMarket, SeededPool
from arbx.testing.localchain.ranges import SPACINGS
from arbx.testing.localchain.trader import (
    balance,
    v2_burn,
    v2_mint,
    v2_swap,
    v3_burn,
    v3_collect,
    v3_mint,
    v3_swap,
)

__all__ = ["random_action", "random_history"]

_RESERVES = ("uint112", "uint112", "uint32")
_SLOT0 = ("uint160", "int24", "uint16", "uint16", "uint16", "uint8", "bool")
_POSITION = ("uint128", "uint256", "uint256", "uint128", "uint128")


def random_history(
    market: SeededMarket,
    rng: random.Random,
    actions: int,
    *,
    pools: Iterable[SeededPool] | None = None,
) -> int:
    """Do random things to random pools, one a block; return how many of them the contracts accepted."""
    among = tuple(market.pools if pools is None else pools)
    return sum(
        market.trader.try_run(random_action(market, rng.choice(among), rng)).succeeded
        for _ in range(actions)
    )


def random_action(market: SeededMarket, pool: SeededPool, rng: random.Random) -> list[Call]:
    """Return one thing that may happen to a pool now; the contract may still refuse it."""
    return (_v2_action if pool.kind == "uniswap_v2" else _v3_action)(market, pool, rng)


def _v2_action(market: SeededMarket, pool: SeededPool, rng: random.Random) -> list[Call]:
    trader = market.trader.address
    reserves = market.chain.ask(Call(pool.address, "getReserves()", _RESERVES))[:2]
    what = rng.choice(["swap", "swap", "swap", "mint", "burn", "sync"]) if reserves[0] else "mint"
    if what == "swap":
        zero_for_one = rng.random() < 0.5
        reserve_in, reserve_out = reserves if zero_for_one else reserves[::-1]
        amount_in = _up_to(rng, reserve_in // 5)
        kept = amount_in * 997  # UniswapV2Library.getAmountOut
        amount_out = kept * reserve_out // (reserve_in * 1000 + kept)
        token_in = pool.tokens[0 if zero_for_one else 1].address
        return v2_swap(
            pool.address,
            token_in,
            amount_in,
            zero_for_one=zero_for_one,
            amount_out=amount_out,
            recipient=trader,
        )
    if what == "mint":
        payments = [
            (token.address, _up_to(rng, reserve // 4) if reserve else rng.randint(10**4, 10**9))
            for token, reserve in zip(pool.tokens, reserves, strict=True)
        ]
        return v2_mint(pool.address, payments, trader)
    if what == "burn":
        return v2_burn(
            pool.address, _up_to(rng, balance(market.chain, pool.address, trader) // 2), trader
        )
    return [Call(pool.address, "sync()")]


def _v3_action(market: SeededMarket, pool: SeededPool, rng: random.Random) -> list[Call]:
    trader = market.trader.address
    sqrt_price_x96, tick, *_ = market.chain.ask(Call(pool.address, "slot0()", _SLOT0))
    if sqrt_price_x96 == 0:
        return [Call(pool.address, "initialize(uint160)", (), (rng.randint(2**90, 2**102),))]
    if rng.random() < 0.4:
        zero_for_one = rng.random() < 0.5
        held = balance(market.chain, pool.tokens[0 if zero_for_one else 1].address, pool.address)
        amount_in = _up_to(rng, held // rng.choice([2, 10, 100]))
        return [v3_swap(pool.address, amount_in, zero_for_one=zero_for_one, recipient=trader)]
    fresh = _range(tick, SPACINGS[pool.fee_pips], rng)
    if rng.random() < 0.4 or not pool.ranges:
        liquidity = rng.randint(1, 10 ** rng.randint(3, 16))
        return [v3_mint(pool.address, trader, *fresh, liquidity)]
    return [_v3_change(market, pool, rng)]


def _v3_change(market: SeededMarket, pool: SeededPool, rng: random.Random) -> Call:
    lower, upper, _ = rng.choice(pool.ranges)
    what = rng.choice(["burn", "burn", "poke", "collect"])
    if what == "collect":
        return v3_collect(pool.address, market.trader.address, lower, upper)
    held = _liquidity(market, pool, lower, upper) if what == "burn" else 0
    part = held if rng.random() < 0.2 else _up_to(rng, held)
    return v3_burn(pool.address, lower, upper, min(part, held))


def _liquidity(market: SeededMarket, pool: SeededPool, lower: int, upper: int) -> int:
    # Position.get: keccak256(abi.encodePacked(owner, tickLower, tickUpper))
    ends = (end.to_bytes(3, "big", signed=True) for end in (lower, upper))
    key = keccak(b"".join([bytes.fromhex(market.trader.address[2:]), *ends]))
    return int(market.chain.ask(Call(pool.address, "positions(bytes32)", _POSITION, (key,)))[0])


def _range(tick: int, spacing: int, rng: random.Random) -> tuple[int, int]:
    # in spacings, inside the 887272 ticks that there are
    least, most = -(887_272 // spacing), 887_272 // spacing
    lower = min(max(tick // spacing + rng.randint(-60, 40), least), most - 1)
    return lower * spacing, min(lower + rng.randint(1, 80), most) * spacing


def _up_to(rng: random.Random, most: int) -> int:
    """Return an amount from 1 to *most*, small ones as often as large ones."""
    return min(max(most, 1), max(1, most >> rng.randint(0, max(0, most.bit_length() - 1))))
