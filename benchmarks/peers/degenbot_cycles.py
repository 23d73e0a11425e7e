"""
Time arbx beside degenbot 0.5 on the same cycles of the same pools, in one process.

It needs Python 3.12, as degenbot does, and the local chain of this project::

    python3.12 -m venv peers
    peers/bin/pip install degenbot==0.5.0 -e . -e plugins/dexes/uniswap-v2 -e plugins/dexes/uniswap-v3
    peers/bin/degenbot database reset
    make node && peers/bin/python benchmarks/peers/degenbot_cycles.py

Both read the seeded market over RPC. *sized* is `optimise` with its certificate, *priced* the same with the curves
made anew, as after a block that changed every pool. degenbot's cycle is calculated once before the clock starts, so
that it has its ticks, and is given ten times the optimal input as its bound, which it doesn't find by itself.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import Any

import web3
from degenbot import set_web3
from degenbot.arbitrage import UniswapLpCycle
from degenbot.uniswap.v2_liquidity_pool import UniswapV2Pool
from degenbot.uniswap.v3_liquidity_pool import UniswapV3Pool

import arbx
from arbx.chain import Chain, observe
from arbx.testing.localchain import LocalChain, SeededMarket, seed_market

MOST_OF_A_SHAPE = 12
Measured = tuple[str, float, float, float, int]


def seconds_of(work: Callable[[], object]) -> float:
    """Return the median time of seven runs."""
    spans = []
    for _ in range(7):
        started = perf_counter()
        work()
        spans.append(perf_counter() - started)
    return median(spans)


def their_pool(pool: arbx.Pool) -> Any:
    """Let degenbot read the pool."""
    kind = UniswapV2Pool if pool.kind == "uniswap_v2" else UniswapV3Pool
    return kind(pool.address, verify_address=False, silent=True)


def measured(host: arbx.Host, states: Any, found: arbx.Opportunity, known: Any) -> Measured:
    """Return the cycle's shape, the times, and what degenbot's answer falls short by, in wei."""
    hops = found.cycle.hops

    def curves() -> list[arbx.Curve]:
        return [host.price(states[hop.pool.address], hop.token_in, hop.token_out) for hop in hops]

    made = curves()
    for hop in hops:
        if hop.pool.address not in known:
            known[hop.pool.address] = their_pool(hop.pool)
    theirs = [known[hop.pool.address] for hop in hops]
    start = next(t for t in (theirs[0].token0, theirs[0].token1) if _same(t, found.cycle.token))
    cycle = UniswapLpCycle(start, theirs, id="cycle", max_input=10 * found.optimum.amount_in)
    answer = cycle.calculate()
    shape = "-".join(hop.pool.kind.removeprefix("uniswap_").upper() for hop in hops)
    return (
        shape,
        seconds_of(lambda: arbx.optimise(made)),
        seconds_of(lambda: arbx.optimise(curves())),
        seconds_of(cycle.calculate),
        found.gross_profit - answer.profit_amount,
    )


def _same(token: Any, other: arbx.Token) -> bool:
    return str(token.address).lower() == other.address


async def market_of(market: SeededMarket, host: arbx.Host) -> tuple[Any, list[arbx.Opportunity]]:
    """Return the states by address, and what pays."""
    sources = {n: host.build_source(use, wish) for n, (use, wish) in market.sources().items()}
    async with await Chain.connect(market.chain.url) as chain:
        seen = await observe(sources, chain)
    found = arbx.Market(host, [market.weth.address], 3).update(seen.states)
    return {state.pool.address: state for state in seen.states}, found


def rows(market: SeededMarket) -> Iterator[Measured]:
    """Measure some cycles of each shape."""
    host = arbx.Host.load(["uniswap-v2", "uniswap-v3"], strict=True)
    states, found = asyncio.run(market_of(market, host))
    set_web3(web3.Web3(web3.HTTPProvider(market.chain.url)))
    taken: dict[str, int] = {}
    known: dict[str, Any] = {}
    for one in found:
        shape = "-".join(hop.pool.kind for hop in one.cycle.hops)
        taken[shape] = taken.get(shape, 0) + 1
        if taken[shape] <= MOST_OF_A_SHAPE:
            yield measured(host, states, one, known)


def main() -> None:
    """Print for each shape how many, the medians, and what degenbot's answers fall short by."""
    logging.disable(logging.CRITICAL)
    with LocalChain() as chain:
        done = list(rows(seed_market(chain, seed=1)))
    print("cycle          n      sized     priced   degenbot   × sized   it misses, wei")
    for shape in sorted({row[0] for row in done}):
        times = [row[1:] for row in done if row[0] == shape]
        sized, priced, theirs, short = (median(column) for column in zip(*times, strict=True))
        spans = "".join(f"{span_s * 1e6:>8.1f} µs" for span_s in (sized, priced, theirs))
        print(f"{shape:<12} {len(times):>3} {spans} {theirs / sized:>7.0f} × {short:>14.3g}")


if __name__ == "__main__":
    main()
