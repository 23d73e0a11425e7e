"""Plans fund themselves, keep their limits, and become transactions that are mined."""

import attrs
import pytest
from eth_account import Account
from executor_stage import FOREVER, MNEMONIC, Prepaid, deploy_odd, of_kinds
from hypothesis import given
from hypothesis import strategies as st

import arbx
from arbx.execution.executor import Order
from arbx.execution.frames import steps
from arbx.execution.funding import Funding, Lender, flash_funded
from arbx.execution.plan import Fees, Plan, PlanError, gas_limit, transaction
from arbx.execution.planner import Costs, Terms, limited, plan
from arbx.execution.settlement import Leg, lends, paid
from arbx.ledger.explain import in_token

POOL, TOKEN, HERE = ("0x" + digit * 40 for digit in "123")
PAIR_SWAP = arbx.Call(POOL, "swap(uint256,uint256,address,bytes)", (), (0, 5, HERE, b""))
EXCHANGE = arbx.Call(POOL, "exchange(int128,int128,uint256,uint256)", (), (0, 1, 9, 5))


def replanned(opportunity, by_pool, terms, hops):
    """Plan with the sources of some hops replaced by prepaid ones."""
    states, sources = by_pool
    prepaid = {
        hop.pool.address: Prepaid(sources[hop.pool.address])
        for place, hop in enumerate(opportunity.cycle.hops)
        if place in hops
    }
    limits = {"target_block": 0, "last_block": FOREVER, "deadline_s": FOREVER}
    return plan(opportunity, states, {**sources, **prepaid}, terms, **limits)


@pytest.mark.parametrize("kinds", [("v2", "v3"), ("v2", "v2"), ("v2", "v3", "v2")])
def test_a_later_hop_lends_where_the_first_can_not(stage, found, by_pool, terms, kinds):
    opportunity = of_kinds(found, *kinds)[0]
    plan = replanned(opportunity, by_pool, terms, {0})
    stage.chain.transact([plan.call()], sender=stage.owner)

    assert plan.steps[0].target == opportunity.cycle.hops[1].pool.address
    assert plan.steps[0].inside == len(plan.steps) - 1
    assert stage.held(stage.weth) == opportunity.gross_profit


@pytest.mark.parametrize("kind", ["balancer_v2", "aave_v3"])
def test_a_lender_funds_what_no_pool_does(stage, found, by_pool, terms, kind):
    opportunity = max(
        of_kinds(found, "v2", "v2"), key=lambda o: o.gross_profit / o.optimum.amount_in
    )
    amount = opportunity.optimum.amount_in
    lender = Lender(kind, deploy_odd(stage.chain, "Lender"), 9 * 10**14)
    stage.give(stage.weth, 2 * amount, lender.address)
    plan = replanned(opportunity, by_pool, attrs.evolve(terms, lender=lender), {0, 1})
    stage.chain.transact([plan.call()], sender=stage.owner)

    # the Lender rounds its fee down: the unit that was approved or paid too much is the only difference
    lent_fee = amount * 9 // 10_000
    kept = lender.fee(amount) - lent_fee if kind == "aave_v3" else 0
    assert plan.funding is Funding.LENDER
    assert plan.gross_profit == opportunity.gross_profit - lender.fee(amount) > 0
    assert stage.held(stage.weth) == plan.gross_profit + kept
    assert stage.allowance(stage.weth, lender.address) == 0


def test_a_cycle_that_nobody_funds_is_no_plan(found, by_pool, terms):
    opportunity = of_kinds(found, "v2", "v2")[0]

    with pytest.raises(PlanError, match="name a lender, or fund from inventory"):
        replanned(opportunity, by_pool, terms, {0, 1})
    greedy = attrs.evolve(terms, lender=Lender("aave_v3", POOL, 10**18))
    with pytest.raises(PlanError, match="eats the profit"):
        replanned(opportunity, by_pool, greedy, {0, 1})


def test_a_pool_without_a_source_is_no_plan(found, by_pool, terms):
    with pytest.raises(PlanError, match="no state, or no source"):
        plan(found[0], by_pool[0], {}, terms, target_block=1, deadline_s=1)


def test_a_source_without_a_call_is_no_plan(found, by_pool, terms):
    class Silent:
        def swap(self, *_):
            return []

    silent = dict.fromkeys(by_pool[1], Silent())
    with pytest.raises(PlanError, match="encoded no call"):
        plan(found[0], by_pool[0], silent, terms, target_block=1, deadline_s=1)


def test_a_program_too_long_for_the_executor_is_no_plan(found, by_pool, terms):
    class Chatty:
        def swap(self, *_):
            return [PAIR_SWAP] * 20

    chatty = dict.fromkeys(by_pool[1], Chatty())
    inventory = attrs.evolve(terms, funding=Funding.INVENTORY)
    with pytest.raises(PlanError, match=r"needs \d+ steps; the Executor takes 32"):
        plan(found[0], by_pool[0], chatty, inventory, target_block=1, deadline_s=1)


def test_what_is_no_uniswap_swap_runs_as_it_was_encoded():
    leg = Leg((EXCHANGE,), TOKEN, 9, 5)

    assert not lends(leg)
    assert [frame.call for frame in paid(leg)] == [EXCHANGE]
    assert flash_funded([leg, leg]) is None


def test_a_pair_is_paid_before_or_after_by_who_funds():
    leg = Leg((PAIR_SWAP,), TOKEN, 9, 5)
    swap, payment = steps(flash_funded([leg]) or ())

    assert [step.target for step in steps(paid(leg))] == [TOKEN, POOL]
    assert (swap.target, swap.inside) == (POOL, 1)
    assert payment.data == steps(paid(leg))[0].data


def test_a_fee_is_rounded_up():
    assert Lender("aave_v3", POOL, 5 * 10**14).fee(1) == 1
    assert Lender("balancer_v2", POOL, 0).fee(10**18) == 0


TERMS = Terms(1, POOL, TOKEN, slippage_bps=0, builder_share_bps=9_000)


def draft(profit, pays=1):
    order = Order(TOKEN, max(profit - pays, 0), 5, 5, 9, pays, pays * 10_000)
    return Plan(1, POOL, Funding.FLASH, profit, order, ())


@given(
    profit=st.integers(1, 10**24),
    gas_used=st.integers(0, 10**7),
    fee=st.integers(0, 10**12),
    share=st.integers(0, 10_000),
    slippage=st.integers(0, 10_000),
)
def test_the_limits_keep_gas_and_share(profit, gas_used, fee, share, slippage):
    terms = attrs.evolve(TERMS, slippage_bps=slippage, builder_share_bps=share)
    costs = Costs(profit - 1, gas_used, fee)
    if profit <= gas_used * fee:
        with pytest.raises(PlanError, match="eats the profit"):
            limited(draft(profit), costs, terms)
        return
    order = limited(draft(profit), costs, terms).order
    net = profit - gas_used * fee

    assert order.max_payment_wei == net * share // 10_000
    assert min(order.max_payment_wei, profit * order.max_payment_bps // 10_000) == (
        order.max_payment_wei
    )
    assert gas_used * fee <= order.min_profit <= profit - order.max_payment_wei
    if slippage == 0:
        assert order.min_profit == profit - order.max_payment_wei


def test_gas_is_counted_in_the_plans_token():
    # a wei is worth 2,000 / 10**12 units of a dollar with six decimals
    assert Costs(0, 100_000, 10**10, 2000, 10**12).gas_cost == 2_000_000
    assert Costs(0, 1, 1, 1, 10**12).gas_cost == 1


@given(gas=st.integers(1, 10**7), fee=st.integers(1, 10**13), units=st.integers(0, 10**30))
def test_the_ledgers_rate_gives_the_very_cost_of_the_plans_gas(gas, fee, units):
    costs = Costs(0, gas, fee, units, gas * fee)

    assert in_token(gas * fee, costs.token_per_wei_x96) == costs.gas_cost == units


def test_only_wrapped_ether_pays_the_builder(found, by_pool, terms):
    sharing = attrs.evolve(terms, builder_share_bps=5_000)
    paying = plan(found[0], *by_pool, sharing, target_block=1, deadline_s=1)
    other = plan(
        found[0], *by_pool, attrs.evolve(sharing, weth=POOL), target_block=1, deadline_s=1
    )

    assert paying.order.max_payment_wei == 1
    assert other.order.max_payment_wei == 0
    assert limited(other, Costs(found[0].gross_profit, 1, 1), sharing).order.max_payment_wei == 0


def test_the_simulated_limits_hold_on_chain_to_the_wei(stage, found, planned, terms):
    sharing = attrs.evolve(terms, builder_share_bps=9_000)
    first = planned(of_kinds(found, "v3", "v2")[0], builder_share_bps=9_000)
    with stage.chain.undone():
        gas_used = stage.chain.transact([first.call()], sender=stage.owner)[0].gas_used
    simulated = stage.chain.ask(first.call(), sender=stage.owner)[0]
    costs = Costs(simulated, gas_used, 10**9)
    final = limited(first, costs, sharing)
    receipt = stage.chain.transact([final.call()], sender=stage.owner)[0]

    assert simulated == first.gross_profit - 1
    assert final.order.max_payment_wei > 10**9
    assert stage.held(stage.weth) == first.gross_profit - final.order.max_payment_wei
    assert stage.held(stage.weth) == final.order.min_profit >= costs.gas_cost
    # the payment costs the same whatever its amount, so the simulated gas is what it takes
    assert abs(receipt.gas_used - gas_used) < 200


def test_the_transaction_is_signed_and_mined(stage, found, planned):
    node, opportunity = stage.chain.rpc, found[0]
    base_fee = int(node.ask("eth_getBlockByNumber", "pending", False)["baseFeePerGas"], 16)
    nonce = int(node.ask("eth_getTransactionCount", stage.owner, "latest"), 16)
    unsigned = transaction(
        planned(opportunity),
        nonce=nonce,
        fees=Fees.within(base_fee, 10**9),
        gas=gas_limit(300_000),
    )
    Account.enable_unaudited_hdwallet_features()
    owner = Account.from_mnemonic(MNEMONIC, account_path="m/44'/60'/0'/0/1")
    sent = node.ask(
        "eth_sendRawTransaction", owner.sign_transaction(unsigned).raw_transaction.to_0x_hex()
    )
    stage.chain.mine()
    receipt = node.ask("eth_getTransactionReceipt", sent)

    assert int(receipt["status"], 16) == 1
    assert int(receipt["type"], 16) == 2
    assert stage.held(stage.weth) == opportunity.gross_profit


def test_fees_are_in_order():
    with pytest.raises(ValueError, match="above the maximum fee 5"):
        Fees(5, 6)
    assert gas_limit(200_000) == 300_000


def test_a_plan_knows_its_first_block(found, by_pool, terms):
    made = plan(found[0], *by_pool, terms, target_block=7, deadline_s=1)

    assert (made.target_block, made.order.last_block) == (7, 7)
    assert "steps>" in repr(made)


def test_terms_are_shares():
    with pytest.raises(ValueError, match="slippage_bps: 10001"):
        attrs.evolve(TERMS, slippage_bps=10_001)
