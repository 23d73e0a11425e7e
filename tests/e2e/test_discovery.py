"""However pools are found, they are the same pools."""

import pytest

from arbx.chain import observe
from arbx.model import Call


def described(pools):
    return {pool.address: (pool.kind, pool.tokens, pool.dex, pool.chain_id) for pool in pools}


async def test_all_pools_of_the_market_are_found(market, seen):
    assert not seen.failures
    found = {pool.address: pool for pools in seen.pools.values() for pool in pools}

    assert found.keys() == {pool.address for pool in market.pools}
    for planned in market.pools:
        assert found[planned.address].kind == planned.kind
        assert found[planned.address].tokens == planned.tokens


async def test_only_pools_without_liquidity_take_nothing(market, host, seen):
    states = {state.pool.address: state for state in seen.states}

    for planned in market.pools:
        state = states.get(planned.address)
        takes = state is not None and host.price(state, 0, 1).max_in > 0
        assert takes == (planned.shape not in {"uninitialised", "empty", "bare"}), planned


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("first_v2", "all_pairs"),
        ("first_v2", "addresses"),
        ("second_v2", "all_pairs"),
        ("second_v2", "addresses"),
        ("only_v3", "addresses"),  # a V3 factory keeps no list
    ],
)
async def test_events_lists_and_addresses_give_the_same_pools(market, host, chain, name, way):
    provider, settings = market.sources()[name]
    newest = market.chain.block_number
    by_events = await host.build_source(provider, settings).discover(chain, block=newest)
    given = [pool.address for pool in by_events] if way == "addresses" else []

    other = host.build_source(provider, {**settings, "discovery": way, "pools": given})
    found = await other.discover(chain, block=newest)

    assert described(found) == described(by_events)
    assert len(by_events) >= 10


async def test_before_the_factories_there_is_nothing(sources, chain):
    seen = await observe(sources, chain, block=0)

    assert not any(seen.pools.values())
    assert seen.states == ()


async def test_without_multicall_the_same_is_seen(market, sources, chain, seen):
    market.chain.rpc.ask("anvil_setCode", "0xca11bde05977b3631167028862be2a173976ca11", "0x")

    again = await observe(sources, chain)

    assert again.pools == seen.pools
    assert again.states == seen.states


@pytest.mark.parametrize("name", ["first_v2", "only_v3"])
async def test_only_what_was_created_since_is_found_again(market, host, chain, name):
    provider, settings = market.sources()[name]
    source, few = (
        host.build_source(provider, {**settings, **more}) for more in ({}, {"max_pools": 3})
    )
    before = market.chain.block_number
    old = await source.discover(chain, block=before)
    tokens = sorted(market.token(symbol).address for symbol in ("SHIB", "TWELVE"))
    ways = {
        "first_v2": ("createPair(address,address)", (*tokens,)),
        "only_v3": ("createPool(address,address,uint24)", (*tokens, 500)),
    }
    signature, args = ways[name]
    market.chain.transact([Call(settings["factory"], signature, (), args)])
    block = market.chain.block_number
    fresh = await source.created(chain, since=before + 1, block=block)

    assert [{token.address for token in pool.tokens} for pool in fresh] == [set(tokens)]
    assert await source.created(chain, since=0, block=block) == [*old, *fresh]
    assert await source.created(chain, since=before + 1, block=before + 1) == fresh
    assert await few.created(chain, since=block, block=block) == old[:3]
