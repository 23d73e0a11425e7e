"""Planned cycles pay exactly what was proven, in real swaps, without a wei of the owner's."""

import attrs
import pytest
from executor_stage import of_kinds

import arbx
from arbx.execution.funding import Funding
from arbx.testing.localchain.trader import v2_swap, v3_swap

PAIRS = [("v2", "v2"), ("v2", "v3"), ("v3", "v2"), ("v3", "v3")]


@pytest.mark.parametrize("kinds", [*PAIRS, ("v2", "v3", "v2"), ("v3", "v2", "v3")])
def test_a_flash_funded_cycle_pays_its_profit_to_the_wei(stage, found, planned, kinds):
    chosen = of_kinds(found, *kinds)[:4]

    assert chosen
    for opportunity in chosen:
        with stage.chain.undone():
            plan = planned(opportunity)
            stage.chain.transact([plan.call()], sender=stage.owner)
            assert plan.funding is Funding.FLASH
            assert stage.held(stage.weth) == opportunity.gross_profit > 0


@pytest.mark.parametrize("kinds", PAIRS)
def test_nothing_else_is_left_behind(stage, found, planned, kinds):
    opportunity = of_kinds(found, *kinds)[0]
    stage.chain.transact([planned(opportunity).call()], sender=stage.owner)

    tokens = {token.address for hop in opportunity.cycle.hops for token in hop.pool.tokens}
    assert {token: stage.held(token) for token in tokens - {stage.weth}} == dict.fromkeys(
        tokens - {stage.weth}, 0
    )
    assert stage.ether(stage.executor) == 0


@pytest.mark.parametrize("kinds", PAIRS)
def test_inventory_can_fund_it_as_well(stage, found, planned, kinds):
    opportunity = of_kinds(found, *kinds)[0]
    own = opportunity.optimum.amount_in
    stage.give(stage.weth, own)
    stage.chain.transact(
        [planned(opportunity, funding=Funding.INVENTORY).call()], sender=stage.owner
    )

    assert stage.held(stage.weth) == own + opportunity.gross_profit


def test_the_answer_is_the_profit(stage, found, planned):
    plan = planned(found[0])

    assert stage.chain.ask(plan.call(), sender=stage.owner) == (found[0].gross_profit,)


def test_one_wei_more_than_the_profit_reverts(stage, found, planned):
    plan = planned(found[0])
    greedy = attrs.evolve(plan, order=attrs.evolve(plan.order, min_profit=plan.gross_profit + 1))

    with pytest.raises(arbx.ChainError, match="profit"):
        stage.chain.transact([greedy.call()], sender=stage.owner)


def test_a_cycle_that_somebody_took_first_reverts(stage, found, planned):
    plan = planned(found[0])
    stage.chain.transact([plan.call()], sender=stage.owner)
    held = stage.held(stage.weth)

    with pytest.raises(arbx.ChainError):
        stage.chain.transact([plan.call()], sender=stage.owner)
    assert stage.held(stage.weth) == held


def move(stage, opportunity, by_pool, *, place):
    """Trade a hundredth of a hop's amount through its pool beforehand, in the same direction."""
    hop, amount, _ = list(opportunity.legs())[place]
    amount_in, zero_for_one = amount // 100, hop.token_in == 0
    trader = stage.market.trader
    how = {"zero_for_one": zero_for_one, "recipient": trader.address}
    if hop.pool.kind == "uniswap_v3":
        return trader.run([v3_swap(hop.pool.address, amount_in, **how)])
    held = by_pool[0][hop.pool.address].state
    here, there = held.reserve0, held.reserve1
    here, there = (here, there) if zero_for_one else (there, here)
    amount_out = 997 * amount_in * there // (1000 * here + 997 * amount_in)
    token = hop.pool.tokens[hop.token_in].address
    return trader.run(v2_swap(hop.pool.address, token, amount_in, amount_out=amount_out, **how))


def test_slippage_lets_a_v3_pool_in_the_last_place_pay_less(stage, found, planned, by_pool):
    opportunity = of_kinds(found, "v2", "v3")[0]
    move(stage, opportunity, by_pool, place=-1)
    loose = planned(opportunity, slippage_bps=5_000)
    (paid,) = stage.chain.ask(loose.call(), sender=stage.owner)

    assert loose.order.min_profit <= paid < opportunity.gross_profit
    with pytest.raises(arbx.ChainError, match="profit"):
        stage.chain.ask(planned(opportunity).call(), sender=stage.owner)


@pytest.mark.parametrize(
    ("kinds", "place", "reason"),
    [
        (("v3", "v2"), -1, "UniswapV2: K"),
        (("v3", "v3"), 0, "execution reverted"),
        (("v2", "v3"), 0, "UniswapV2: K"),
    ],
)
def test_slippage_helps_no_pair_and_no_hop_before_the_last(
    stage, found, planned, by_pool, kinds, place, reason
):
    opportunity = of_kinds(found, *kinds)[0]
    move(stage, opportunity, by_pool, place=place)

    with pytest.raises(arbx.ChainError, match=reason):
        stage.chain.ask(planned(opportunity, slippage_bps=10_000).call(), sender=stage.owner)
