"""States from logs equal states from a full read, after whatever may happen to pools."""

import random

import pytest

from arbx.chain import Follower, observe
from arbx.testing.localchain.history import random_action, random_history


def values(states):
    return {state.pool.address: state.state for state in states}


async def read_again(sources, chain):
    return values((await observe(sources, chain)).states)


@pytest.mark.parametrize("kind", ["uniswap_v2", "uniswap_v3"])
@pytest.mark.parametrize("seed", range(3))
async def test_states_from_logs_are_the_states_read(market, sources, chain, seen, kind, seed):
    follower, rng = Follower(sources, chain, seen), random.Random(seed)

    for _ in range(3):
        done = random_history(market, rng, 15, pools=market.of(kind))
        update = await follower.advance()
        assert done >= 8
        assert not update.failures
        assert not update.reread
        assert values(follower.states.values()) == await read_again(sources, chain)


async def test_many_actions_in_one_block_are_applied_in_order(market, sources, chain, seen):
    follower, rng, trader = Follower(sources, chain, seen), random.Random(7), market.trader
    busy = [pool for pool in market.pools if pool.shape in {"layers", "pair"}][:4]
    calls = [trader.bundle(random_action(market, pool, rng)) for pool in busy * 6]
    accepted = sum(receipt.succeeded for receipt in market.chain.transact_any(calls))

    await follower.advance()

    assert accepted >= 10
    assert values(follower.states.values()) == await read_again(sources, chain)


async def test_one_pool_survives_a_long_history(market, sources, chain, seen):
    follower = Follower(sources, chain, seen)
    pool = next(pool for pool in market.pools if pool.shape == "gap")

    assert random_history(market, random.Random(3), 60, pools=[pool]) >= 30
    update = await follower.advance()

    assert [state.pool.address for state in update.changed] == [pool.address]
    assert values(follower.states.values()) == await read_again(sources, chain)


async def test_a_first_price_and_first_liquidity_are_seen(market, sources, chain, seen):
    follower, rng = Follower(sources, chain, seen), random.Random(5)
    fresh = [pool for pool in market.pools if pool.shape in {"uninitialised", "empty"}]
    for pool in fresh:
        assert market.trader.try_run(random_action(market, pool, rng)).succeeded

    update = await follower.advance()

    assert {state.pool.address for state in update.changed} == {pool.address for pool in fresh}
    assert values(follower.states.values()) == await read_again(sources, chain)


async def test_a_replaced_history_is_read_anew(market, sources, chain, seen):
    follower, rng = Follower(sources, chain, seen), random.Random(11)
    before = market.chain.rpc.ask("evm_snapshot")
    random_history(market, rng, 10)
    await follower.advance()
    market.chain.rpc.ask("evm_revert", before)
    random_history(market, rng, 12)

    update = await follower.advance()

    assert update.reread
    assert values(follower.states.values()) == await read_again(sources, chain)
