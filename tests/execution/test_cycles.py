"""Planned cycles pay exactly what was proven, in real swaps, without a wei of the owner's."""

import attrs
import pytest
from executor_stage import of_kinds

import arbx
from arbx.execution.funding import Funding

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
