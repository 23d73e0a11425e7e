"""Cycles that were found pay what was proven, in real swaps."""

import pytest

import arbx
from arbx.chain import observe
from arbx.testing.localchain.execution import cycle_calls, execute


@pytest.fixture
def found(market, host, seen):
    return arbx.Market(host, [market.weth.address], 3).update(seen.states)


@pytest.fixture
def by_pool(sources, seen):
    states = {state.pool.address: state for state in seen.states}
    return states, {address: sources[name] for address, name in seen.owners.items()}


async def test_the_market_has_a_good_number_of_cycles_that_pay(found):
    lengths = [len(opportunity.cycle.hops) for opportunity in found]

    assert lengths.count(2) >= 5
    assert lengths.count(3) >= 20


async def test_every_found_cycle_pays_exactly_its_profit(market, found, by_pool):
    # the twenty best, and of the others every fourth: all kinds and lengths are among them
    chosen = [*found[:20], *found[20:140:4]]
    kinds = {tuple(hop.pool.kind for hop in opportunity.cycle.hops) for opportunity in chosen}

    assert len(kinds) >= 6
    for opportunity in chosen:
        with market.chain.undone():
            assert execute(market, opportunity, *by_pool) == opportunity.gross_profit > 0


async def test_one_wei_more_is_not_to_be_had_from_a_pair(market, found, by_pool):
    opportunity = next(o for o in found if o.cycle.hops[-1].pool.kind == "uniswap_v2")
    calls = cycle_calls(opportunity, *by_pool, market.trader.address)
    *before, last = calls
    greedy = tuple(amount + 1 if amount else 0 for amount in last.args[:2])

    with pytest.raises(arbx.ChainError, match=r"UniswapV2: K"):
        market.trader.run(
            [*before, arbx.Call(last.target, last.signature, (), (*greedy, *last.args[2:]))]
        )


async def test_a_taken_cycle_is_gone(market, host, chain, sources, found, by_pool):
    best = found[0]
    execute(market, best, *by_pool)

    after = arbx.Market(host, [market.weth.address], 3)
    again = after.update((await observe(sources, chain)).states)

    same = [o for o in again if o.cycle == best.cycle]
    assert sum(o.gross_profit for o in same) < best.gross_profit // 1000


async def test_profits_are_proven(found):
    assert all(o.optimum.gap is not None and o.optimum.gap >= 0 for o in found)
