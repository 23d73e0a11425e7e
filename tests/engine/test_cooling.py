"""Cycles that revert whenever they are simulated rest, and others have their turn."""

import arbx
from arbx.engine.cooling import Cooling


def cycle(number=1):
    tokens = tuple(arbx.Token("0x" + digit * 40, 18, digit) for digit in "ab")
    pools = [arbx.Pool(1, "uniswap_v2", f"0x{number:02x}{side:038x}", tokens) for side in range(2)]
    return arbx.Cycle((arbx.Hop(pools[0], 0, 1), arbx.Hop(pools[1], 1, 0)))


def test_a_cycle_rests_twice_as_long_after_each_revert_in_a_row():
    cooling, block, rests = Cooling(), 100, []
    for _ in range(11):
        cooling.reverted(cycle(), block)
        rests.append(cooling.until(cycle()) - block - 1)
        block = cooling.until(cycle())

    assert rests == [1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 256]


def test_only_the_cycle_that_reverted_rests():
    cooling = Cooling()
    cooling.reverted(cycle(1), 100)

    assert (cooling.until(cycle(1)), cooling.until(cycle(2))) == (102, 0)
    assert [cooling.resting(block) for block in (100, 101, 102)] == [1, 1, 0]


def test_a_success_ends_the_row():
    cooling = Cooling()
    cooling.reverted(cycle(), 100)
    cooling.reverted(cycle(), 102)
    cooling.held(cycle())
    cooling.reverted(cycle(), 110)

    assert cooling.until(cycle()) == 112


def test_what_does_not_come_back_for_long_is_forgotten():
    cooling = Cooling()
    cooling.reverted(cycle(), 100)
    cooling.resting(102 + 256 + 1)

    assert cooling.until(cycle()) == 0


async def test_a_pool_that_always_reverts_does_not_stop_the_others(floor):
    async with floor.engine(live=False) as (engine, _, _chain):
        best = (await engine.on_block()).draft.opportunity
    for hop in best.cycle.hops:
        if hop.pool.kind == "uniswap_v2":  # UniswapV2Pair's slot 12: it says that it is locked
            floor.chain.rpc.ask("anvil_setStorageAt", hop.pool.address, hex(12), "0x" + "00" * 32)
    outcomes = []
    async with floor.engine(live=False, candidates=1) as (engine, _, _chain):
        for _ in range(12):
            floor.chain.mine()
            outcomes.append(await engine.on_block())
    taken = [outcome for outcome in outcomes if outcome.draft is not None]

    assert [skip.reason for skip in outcomes[0].skipped] == ["would_revert"]
    assert "reverted_lately" in {skip.reason for skip in outcomes[1].skipped}
    assert taken
    assert taken[0].draft.opportunity.cycle != best.cycle
