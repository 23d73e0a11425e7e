"""Cycles over a mix of V2, V3, Balancer and StableSwap pools pay what was proven, in real swaps."""

import pytest

import arbx
from arbx.chain import Chain, observe
from arbx.testing.localchain import fixtures
from arbx.testing.localchain.execution import execute

local_mixed = fixtures.local_mixed
mixed = fixtures.mixed
FAMILIES = {"uniswap_v2", "uniswap_v3", "balancer_weighted", "balancer_stable", "curve_stableswap"}


@pytest.fixture(scope="module")
def host():
    return arbx.Host.load(["uniswap-v2", "uniswap-v3", "balancer", "curve"], strict=True)


@pytest.fixture
async def chain(mixed):
    async with await Chain.connect(mixed.chain.url) as connected:
        yield connected


@pytest.fixture
def sources(mixed, host):
    return {
        name: host.build_source(provider, settings)
        for name, (provider, settings) in mixed.sources().items()
    }


@pytest.fixture
async def seen(chain, sources):
    return await observe(sources, chain)


@pytest.fixture
def found(mixed, host, seen):
    return arbx.Market(host, [mixed.market.weth.address], 3).update(seen.states)


@pytest.fixture
def by_pool(sources, seen):
    states = {state.pool.address: state for state in seen.states}
    return states, {address: sources[name] for address, name in seen.owners.items()}


def kinds(opportunity):
    return {hop.pool.kind for hop in opportunity.cycle.hops}


def chosen(found, per_mix=3):
    """Return the best cycles of each mix of kinds; those of Uniswap only are tested elsewhere."""
    counts = {}
    for opportunity in found:
        mix = tuple(hop.pool.kind for hop in opportunity.cycle.hops)
        if not all(kind.startswith("uniswap") for kind in mix):
            counts.setdefault(mix, []).append(opportunity)
    return [opportunity for same in counts.values() for opportunity in same[:per_mix]]


async def test_every_family_is_seen_and_takes_part_in_a_cycle_that_pays(seen, found):
    assert not seen.failures
    assert {state.pool.kind for state in seen.states} == FAMILIES
    assert set().union(*map(kinds, found)) == FAMILIES


async def test_mixed_cycles_pay_exactly_the_proven_profit(mixed, found, by_pool):
    opportunities = chosen(found)

    assert len(opportunities) >= 40
    for opportunity in opportunities:
        with mixed.chain.undone():
            assert execute(mixed.market, opportunity, *by_pool) == opportunity.gross_profit > 0


async def test_mixed_profits_are_proven(found):
    gaps = {opportunity.optimum.gap for opportunity in chosen(found)}

    assert None not in gaps
    assert min(gaps) >= 0


async def test_no_input_nearby_pays_more_than_the_bound(found, host, by_pool):
    states, _ = by_pool
    for opportunity in chosen(found, per_mix=1):
        curves = [
            host.price(states[hop.pool.address], hop.token_in, hop.token_out)
            for hop in opportunity.cycle.hops
        ]
        best = opportunity.optimum
        for percent in (50, 90, 99, 101, 110, 150):
            amount = best.amount_in * percent // 100
            if any(amount > curve.max_in for curve in curves[:1]):
                continue
            try:
                paid = arbx.amounts_along(curves, amount)[-1]
            except arbx.InsufficientLiquidity:
                continue
            assert paid - amount <= best.upper_bound


async def test_a_taken_mixed_cycle_is_gone(mixed, host, chain, sources, found, by_pool):
    best = chosen(found)[0]
    execute(mixed.market, best, *by_pool)

    after = arbx.Market(host, [mixed.market.weth.address], 3)
    again = after.update((await observe(sources, chain)).states)

    same = [opportunity for opportunity in again if opportunity.cycle == best.cycle]
    assert sum(opportunity.gross_profit for opportunity in same) < best.gross_profit // 1000
