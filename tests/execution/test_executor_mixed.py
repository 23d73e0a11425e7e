"""Cycles through Balancer's vault and StableSwap pools pay the same through the Executor, and leave no approval."""

import asyncio

import attrs
import pytest
from executor_stage import FOREVER, Prepaid, Stage

import arbx
from arbx.chain import Chain, observe
from arbx.chain.abi import selector
from arbx.execution.executor import Order, execute_call
from arbx.execution.frames import steps
from arbx.execution.funding import Funding, Lender, borrowed
from arbx.execution.plan import PlanError
from arbx.execution.planner import Terms, plan
from arbx.execution.settlement import Leg
from arbx.testing.localchain import fixtures
from arbx.testing.localchain.executor import deploy_executor

local_mixed = fixtures.local_mixed
APPROVE = selector("approve(address,uint256)")


@pytest.fixture(scope="module")
def stage(local_mixed):
    chain, weth = local_mixed.chain, local_mixed.market.weth.address
    executor = deploy_executor(chain, chain.accounts[1], weth)
    return Stage(local_mixed.market, executor, chain.accounts[1], chain.accounts[2])


@pytest.fixture(scope="module")
def host():
    return arbx.Host.load(["uniswap-v2", "uniswap-v3", "balancer", "curve"], strict=True)


@pytest.fixture(scope="module")
def by_pool(local_mixed, host, stage):
    sources = {
        name: host.build_source(provider, settings)
        for name, (provider, settings) in local_mixed.sources().items()
    }

    async def read():
        async with await Chain.connect(stage.chain.url) as chain:
            return await observe(sources, chain)

    seen = asyncio.run(read())
    states = {state.pool.address: state for state in seen.states}
    return states, {address: sources[name] for address, name in seen.owners.items()}


@pytest.fixture(scope="module")
def found(host, by_pool, stage):
    return arbx.Market(host, [stage.weth], 3).update(by_pool[0].values())


@pytest.fixture
def planned(by_pool, stage):
    def make(opportunity, sources=None, **changes):
        terms = Terms(stage.chain.chain_id, stage.executor, stage.weth, 0, 0)
        limits = {"target_block": 0, "last_block": FOREVER, "deadline_s": FOREVER}
        terms = attrs.evolve(terms, **changes)
        return plan(opportunity, by_pool[0], sources or by_pool[1], terms, **limits)

    return make


def mixes(found):
    """Return the best cycle of each mix of kinds that isn't of Uniswap only."""
    best = {}
    for opportunity in found:
        mix = tuple(hop.pool.kind for hop in opportunity.cycle.hops)
        if not all(kind.startswith("uniswap") for kind in mix):
            best.setdefault(mix, opportunity)
    return best


def test_each_mix_pays_its_profit_and_leaves_no_approval(stage, found, planned):
    funded = 0
    for mix, opportunity in mixes(found).items():
        lends = any(kind.startswith("uniswap") for kind in mix)
        funding = Funding.FLASH if lends else Funding.INVENTORY
        made = planned(opportunity, funding=funding)
        own = 0 if lends else opportunity.optimum.amount_in
        with stage.chain.undone():
            stage.give(stage.weth, own)
            stage.chain.transact([made.call()], sender=stage.owner)
            assert stage.held(stage.weth) == own + opportunity.gross_profit, mix
            approvals = [step for step in made.steps if step.data[:4] == APPROVE]
            left = [stage.allowance(s.target, "0x" + s.data[16:36].hex()) for s in approvals]
            assert left == [0] * len(approvals)
            assert approvals
        funded += lends

    assert funded >= 10


def test_the_real_vault_lends(stage, local_mixed, found, by_pool, planned):
    opportunity = next(
        o for o in found if {hop.pool.kind for hop in o.cycle.hops} == {"uniswap_v2"}
    )
    vault = Lender("balancer_v2", local_mixed.balancer.vault, 0)
    prepaid = {address: Prepaid(source) for address, source in by_pool[1].items()}
    made = planned(opportunity, prepaid, lender=vault)
    with stage.chain.undone():
        stage.chain.transact([made.call()], sender=stage.owner)
        assert made.funding is Funding.LENDER
        assert stage.held(stage.weth) == opportunity.gross_profit


def test_the_real_vault_is_locked_while_it_lends(stage, local_mixed, found, by_pool, planned):
    kinds = {"balancer_weighted", "balancer_stable"}
    opportunity = next(o for o in found if {hop.pool.kind for hop in o.cycle.hops} <= kinds)
    vault = Lender("balancer_v2", local_mixed.balancer.vault, 0)
    with pytest.raises(PlanError, match="lets nobody trade in it while it lends"):
        planned(opportunity, lender=vault)

    legs = [
        Leg(
            tuple(
                by_pool[1][hop.pool.address].swap(
                    by_pool[0][hop.pool.address], hop.token_in, hop.token_out, *amounts,
                    stage.executor,
                )
            ),
            hop.pool.tokens[hop.token_in].address,
            *amounts,
        )
        for hop, *amounts in opportunity.legs()
    ]  # fmt: skip
    laid = steps(borrowed(legs, vault, stage.executor))
    call = execute_call(stage.executor, Order(stage.weth, 0, 0, FOREVER, FOREVER), laid)
    with pytest.raises(arbx.ChainError, match="BAL#400"):  # Errors.REENTRANCY
        stage.chain.ask(call, sender=stage.owner)
