"""Profits in other tokens than wrapped ether: valued by the pools, compared with gas, explained to the unit."""

import pytest
import sqlalchemy as sa

from arbx.kernel.walk import least_in
from arbx.ledger import reconcile
from arbx.ledger.audit import audit
from arbx.ledger.explain import in_token
from arbx.ledger.tables import inclusions, plans


@pytest.fixture
def usdc(market):
    return market.token("USDC").address


def rows(ledger, table):
    with ledger.database.reading() as connection:
        return connection.execute(sa.select(table)).all()


def asked_by_pools(floor, usdc, states, wei):
    """Return what each pool of dollars and ether asks for so much ether."""
    asked = []
    for state in states.values():
        tokens = [token.address for token in state.pool.tokens]
        if set(tokens) == {usdc, floor.weth}:
            sell = floor.host.price(state, tokens.index(usdc), tokens.index(floor.weth))
            asked.append(least_in(sell, wei))
    return asked


async def test_a_profit_in_dollars_lands_and_is_explained_to_the_unit(floor, usdc):
    async with floor.engine(bases=[usdc]) as (engine, ledger, chain):
        outcome = await engine.on_block()
        draft = outcome.draft
        states = engine._following.states
        included = floor.relay.build().included
        await reconcile(ledger, chain)
        complaints = await audit(ledger, chain, floor.store.address)
        (plan,), (landed,) = rows(ledger, plans), rows(ledger, inclusions)

    spent_wei = draft.simulation.gas_used * draft.fees.max_fee_per_gas_wei
    asked = asked_by_pools(floor, usdc, states, spent_wei)
    assert (len(included), complaints) == (1, ())
    assert draft.opportunity.cycle.token.address == plan.token == usdc
    assert floor.held(usdc) == draft.gross_profit == plan.gross_profit > 10**6
    assert floor.held() == 0
    assert floor.told("plan_made")[0]["profit_token"] == usdc
    # gas costs what the dearest of five pools asks for it, and neither nothing nor a wei a unit
    assert len(asked) == 5
    assert plan.gas_cost == draft.costs.gas_cost == max(asked)
    assert draft.plan.order.min_profit == plan.min_profit == draft.gross_profit
    assert draft.net_profit == draft.gross_profit - max(asked) > 0
    paid_wei = landed.gas_used * landed.effective_gas_price_wei
    gas = in_token(paid_wei, plan.token_per_wei_x96)
    assert landed.realised_profit == floor.held(usdc) - gas
    assert (landed.moved_state, landed.builder_payment, landed.failed) == (0, 0, 0)
    assert landed.gas == plan.gas_cost - gas >= 0


async def test_the_builder_of_a_profit_in_dollars_is_paid_by_the_priority_fee(floor, usdc):
    async with floor.engine(bases=[usdc], builder_share_bps=9_000) as (engine, ledger, chain):
        outcome = await engine.on_block()
        draft = outcome.draft
        floor.relay.build()
        await reconcile(ledger, chain)
        (plan,), (landed,) = rows(ledger, plans), rows(ledger, inclusions)

    raised = draft.fees.priority_fee_per_gas_wei - 10**9
    assert raised > 10**9
    assert draft.plan.order.max_payment_wei == 0
    assert draft.net_profit * 9 < draft.costs.gas_cost
    assert draft.net_profit > draft.gross_profit // 20
    assert landed.effective_gas_price_wei > raised
    gas = in_token(landed.gas_used * landed.effective_gas_price_wei, plan.token_per_wei_x96)
    assert landed.realised_profit == floor.held(usdc) - gas >= draft.net_profit


async def test_gas_that_costs_more_than_the_dollars_is_not_spent(floor, usdc):
    async with floor.engine(bases=[usdc]) as (engine, _, _chain):
        least = (await engine.on_block()).draft
    wei = 10**18 * least.gross_profit // (1_900 * 10**6)  # an ether is some 2,000 dollars
    async with floor.engine(
        bases=[usdc], live=False, priority_fee_wei=wei // least.simulation.gas_used
    ) as (engine, _, _chain):
        outcome = await engine.on_block()

    # a dollar has 10**6 units, so that gas in wei would never be less than this profit
    assert least.gross_profit < 10**12
    assert outcome.draft is None
    assert {skip.reason for skip in outcome.skipped} == {"profit_below_gas"}


async def test_what_is_below_the_least_profit_in_wei_is_skipped(floor, usdc):
    async with floor.engine(bases=[usdc], live=False, candidates=1) as (engine, _, _chain):
        draft = (await engine.on_block()).draft
        worth = engine._market.valuation(floor.weth).of(usdc).wei_for(draft.net_profit)
    reasons = []
    for least in (worth, worth + 10**15):
        async with floor.engine(
            bases=[usdc], live=False, candidates=1, min_net_profit_wei=least
        ) as (engine, _, _chain):
            outcome = await engine.on_block()
        reasons.append([skip.reason for skip in outcome.skipped])

    assert reasons == [[], ["profit_below_minimum"]]


async def test_a_token_that_no_deep_pool_knows_is_skipped_with_the_cure(floor, usdc):
    async with floor.engine(bases=[usdc], live=False, valuation_depth_wei=10**24) as (
        engine,
        _,
        _chain,
    ):
        outcome = await engine.on_block()

    assert outcome.draft is None
    assert {skip.reason for skip in outcome.skipped} == {"token_not_valued"}
    assert "add a source that has one, lower valuation_depth_wei" in outcome.skipped[0].detail


async def test_profits_in_several_tokens_are_ranked_by_what_they_bring_in_wei(floor, usdc):
    tokens = [floor.market.token(name).address for name in ("SHIB", "WBTC", "USDC", "WETH")]
    async with floor.engine(bases=tokens, live=False, max_length=3) as (engine, _, _chain):
        outcome = await engine.on_block()
        found = engine._market.opportunities(1)
        valuation = engine._market.valuation(floor.weth)
        worths = {
            one.cycle.token.address: valuation.of(one.cycle.token.address).wei_for(
                one.gross_profit
            )
            for one in found
        }

    assert len(worths) >= 3
    best = max(worths, key=worths.get)
    assert outcome.draft.opportunity.cycle.token.address == best
    # by the numbers alone, another token's would be first
    most = max(found, key=lambda one: one.gross_profit)
    assert most.cycle.token.address != best
