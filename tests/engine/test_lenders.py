"""Aave's real pool and Balancer's real Vault lend what no pool of a cycle does."""

import pytest

import arbx
from arbx.chain import Chain
from arbx.chain.abi import selector
from arbx.errors import ConfigError
from arbx.execution.funding import Funding, Lender
from arbx.execution.lenders import read_lender
from arbx.testing.localchain import fixtures
from arbx.testing.localchain.aave import seed_aave
from arbx.testing.localchain.stableswap import deploy_stableswap, stableswap_sources
from arbx.testing.localchain.vault import swap
from arbx.testing.relay import LocalRelay

local_mixed = fixtures.local_mixed
mixed = fixtures.mixed
SET_FLASH_FEE = selector("setFlashLoanFeePercentage(uint256)")


@pytest.fixture(scope="module")
def host():
    return arbx.Host.load(["balancer", "curve", "flashbots"], strict=True)


@pytest.fixture
def floor(floor_on, mixed, host):
    with LocalRelay(mixed.chain) as relay:
        yield floor_on(mixed.market, relay, host)


@pytest.fixture
def vault(mixed):
    return mixed.balancer.vault


@pytest.fixture
def sources(mixed, host):
    """Build sources whose pools all want to be paid first: two of StableSwap, and Balancer's."""
    other = deploy_stableswap(mixed.market, ("USDC", "DAI"), (3_000_000, 2_000_000), 100)
    given = {**mixed.balancer.sources(), **stableswap_sources((mixed.stableswaps[0], other))}
    return {name: host.build_source(use, settings) for name, (use, settings) in given.items()}


@pytest.fixture
def uneven(mixed):
    """Sell ether to one of the Vault's pools, so that a loan's fee doesn't eat what evens it out."""
    pool, trader = mixed.balancer.pools[0], mixed.market.trader
    weth = [token.address for token in pool.tokens].index(mixed.market.weth.address)
    trader.run([swap(mixed.balancer.vault, pool, (weth, 1 - weth), 60 * 10**18, trader.address)])


@pytest.fixture
async def chain(mixed):
    async with await Chain.connect(mixed.chain.url) as connected:
        yield connected


def kinds(outcome):
    return {hop.pool.kind for hop in outcome.draft.opportunity.cycle.hops}


@pytest.mark.usefixtures("uneven")
async def test_aave_lends_for_a_cycle_through_the_vault(floor, mixed, sources, chain):
    aave = seed_aave(mixed.market, {"WETH": 50_000 * 10**18}, premium_bps=5)
    lender = await read_lender(chain, "aave", aave.pool)
    async with floor.engine(sources=sources, lender=lender) as (engine, _, _chain):
        outcome = await engine.on_block()
        included = floor.relay.build().included

    best = outcome.draft.opportunity.optimum
    # PercentageMath.percentMul rounds a half up
    fee = (best.amount_in * 5 + 5_000) // 10_000
    assert outcome.draft.plan.funding is Funding.LENDER
    assert kinds(outcome) == {"balancer_weighted"}
    assert len(included) == 1
    assert floor.held() == outcome.draft.gross_profit == best.profit - fee > 0


async def test_the_vault_lends_for_a_cycle_through_other_pools_only(floor, sources, vault, chain):
    usdc = floor.market.token("USDC").address
    lender = await read_lender(chain, "balancer", vault)
    async with floor.engine(sources=sources, lender=lender, bases=[usdc], candidates=100) as (
        engine,
        _,
        _chain,
    ):
        outcome = await engine.on_block()
        included = floor.relay.build().included

    draft = outcome.draft
    assert draft.plan.funding is Funding.LENDER
    assert kinds(outcome) == {"curve_stableswap"}
    assert len(included) == 1
    assert floor.held(usdc) == draft.gross_profit == draft.opportunity.gross_profit > 10**6
    # what goes through the vault itself is worth more, and the vault can't lend for it
    refused = [skip for skip in outcome.skipped if skip.reason == "not_planned"]
    assert refused
    assert all("take the other lender" in skip.detail for skip in refused)


async def test_without_a_lender_nothing_is_planned(floor, sources):
    async with floor.engine(live=False, sources=sources) as (engine, _, _chain):
        outcome = await engine.on_block()

    assert outcome.draft is None
    assert {skip.reason for skip in outcome.skipped} == {"not_planned"}
    assert "name a lender" in outcome.skipped[0].detail


@pytest.mark.usefixtures("uneven")
async def test_more_than_the_lender_has_is_never_signed(floor, mixed, sources, chain):
    aave = seed_aave(mixed.market, {"WETH": 10**9})
    lender = await read_lender(chain, "aave", aave.pool)
    async with floor.engine(sources=sources, lender=lender, candidates=1) as (engine, _, _chain):
        outcome = await engine.on_block()

    assert outcome.draft is None
    assert {skip.reason for skip in outcome.skipped} == {"would_revert"}


async def test_fees_are_what_the_contracts_say(mixed, vault, chain):
    aave = seed_aave(mixed.market, {"WETH": 10**18}, premium_bps=7)
    collector = mixed.chain.ask(arbx.Call(vault, "getProtocolFeesCollector()", ("address",)))[
        0
    ].lower()
    allowed = arbx.Call(collector, "getActionId(bytes4)", ("bytes32",), (SET_FLASH_FEE,))
    mixed.chain.transact(
        [
            arbx.Call(
                mixed.balancer.authorizer,
                "grantRole(bytes32,address)",
                (),
                (mixed.chain.ask(allowed)[0], mixed.chain.accounts[0]),
            ),
            arbx.Call(collector, "setFlashLoanFeePercentage(uint256)", (), (3 * 10**14,)),
        ]
    )

    assert await read_lender(chain, "aave", aave.pool) == Lender("aave_v3", aave.pool, 7 * 10**14)
    assert await read_lender(chain, "balancer", vault) == Lender("balancer_v2", vault, 3 * 10**14)


@pytest.mark.parametrize("name", ["aave", "balancer"])
async def test_what_is_no_lender_is_refused_with_the_cure(mixed, chain, name):
    weth = mixed.market.weth.address

    with pytest.raises(ConfigError, match=rf"answers at {weth} on chain 31337; correct lender"):
        await read_lender(chain, name, weth)
    with pytest.raises(ConfigError, match=r"not known on chain 31337 .* set lender_address"):
        await read_lender(chain, name)
