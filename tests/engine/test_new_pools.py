"""Pools that are created while the engine runs take part in its cycles."""

import arbx
from arbx.testing.localchain.trader import v2_mint


def create_pair(floor, symbols, dollars):
    """Create and fund a pair on the second factory; return its address."""
    market = floor.market
    tokens = sorted(market.token(symbol).address for symbol in symbols)
    factory = market.v2_factories[1]
    create = arbx.Call(factory, "createPair(address,address)", (), tuple(tokens))
    (receipt,) = market.chain.transact([create])
    pair = "0x" + receipt.logs[0]["data"][2:66][-40:]
    payments = [(market.token(symbol).address, amount) for symbol, amount in dollars.items()]
    market.trader.run(v2_mint(pair, payments, market.trader.address))
    return pair


async def test_a_pair_that_is_created_after_the_start_takes_part_in_a_cycle(floor):
    async with floor.engine(rediscover_blocks=1) as (engine, _, _chain):
        await engine.on_block()
        floor.relay.build()
        # MKR at half its price of 1,500 dollars
        pair = create_pair(floor, ("WETH", "MKR"), {"WETH": 400 * 10**18, "MKR": 1_066 * 10**18})
        outcome = None
        for _ in range(6):
            floor.chain.mine()
            outcome = await engine.on_block()
            if outcome.draft and pair in _pools(outcome.draft.opportunity):
                break
        included = floor.relay.build().included

    assert pair in _pools(outcome.draft.opportunity)
    assert len(included) == 1
    assert floor.held() > outcome.draft.gross_profit > 10**18
    assert [fields["pools"] for fields in floor.told("pools_discovered")] == [1]


async def test_an_engine_that_must_not_look_finds_no_new_pair(floor):
    async with floor.engine(live=False, rediscover_blocks=0) as (engine, _, _chain):
        pair = create_pair(floor, ("WETH", "MKR"), {"WETH": 400 * 10**18, "MKR": 1_066 * 10**18})
        for _ in range(4):
            floor.chain.mine()
            outcome = await engine.on_block()

    assert pair not in _pools(outcome.draft.opportunity)
    assert floor.told("pools_discovered") == []


def _pools(opportunity):
    return [hop.pool.address for hop in opportunity.cycle.hops]
