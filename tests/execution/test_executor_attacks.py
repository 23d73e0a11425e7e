"""Attacks on the Executor by name: the owner's tokens are never lost, it reverts instead."""

import attrs
import pytest
from executor_stage import (
    act,
    approve,
    deploy_odd,
    of_kinds,
    outcomes,
    rehearse,
    step,
    transfer,
)

import arbx
from arbx.chain.abi import calldata
from arbx.execution.executor import EVERYTHING, Step, execute_call
from arbx.testing.localchain.executor import deploy_executor
from arbx.testing.localchain.trader import balance, v3_swap

FORGED = ("uniswapV3SwapCallback(int256,int256,bytes)", 1, 1, b"")
GOOD, FALSE, SILENT, FEE, RUDE, HOOKED = range(6)


@pytest.fixture
def puppet(stage):
    return deploy_odd(stage.chain, "Puppet")


@pytest.fixture
def odd(stage):
    """A token with manners, of which the Executor has 1000."""
    token = deploy_odd(stage.chain, "OddToken")
    mint = arbx.Call(token, "mint(address,uint256)", (), (stage.executor, 1000))
    stage.chain.transact([mint])
    return token


def behave(stage, token, manner, hook="0x" + "00" * 20):
    stage.chain.transact([arbx.Call(token, "behave(uint256,address)", (), (manner, hook))])


def poke(target, inside=0):
    return Step(target, b"poke", inside=inside)


def reverts(stage, order, steps, reason):
    with pytest.raises(arbx.ChainError, match=reason):
        stage.run(order, steps)


def test_an_unannounced_contract_can_not_call_back_within_an_execution(stage, puppet):
    stage.give(stage.weth, 100)
    rehearse(stage, puppet, [act(stage.executor, *FORGED)])
    stage.run(stage.order(), [poke(puppet), transfer(stage.weth, stage.owner, 0)])

    assert outcomes(stage, puppet, 1) == [False]


def test_a_callback_is_accepted_once(stage, puppet):
    rehearse(stage, puppet, [act(stage.executor, *FORGED)] * 3)
    stage.run(stage.order(), [poke(puppet, 1), transfer(stage.weth, stage.owner, 0)])

    assert outcomes(stage, puppet, 3) == [True, False, False]


def test_another_contract_can_not_take_the_announced_ones_callback(stage, puppet):
    accomplice = deploy_odd(stage.chain, "Puppet")
    rehearse(stage, accomplice, [act(stage.executor, *FORGED)])
    rehearse(stage, puppet, [act(accomplice, "go()"), act(stage.executor, *FORGED)])
    stage.run(stage.order(), [poke(puppet, 1), transfer(stage.weth, stage.owner, 0)])

    assert outcomes(stage, accomplice, 1) == [False]
    assert outcomes(stage, puppet, 2) == [True, True]


def test_the_data_of_a_callback_is_never_run(stage, puppet):
    stage.give(stage.weth, 100)
    theft = calldata(arbx.Call(stage.weth, "transfer(address,uint256)", (), (stage.stranger, 100)))
    forged = act(stage.executor, "uniswapV3SwapCallback(int256,int256,bytes)", 100, 100, theft)
    rehearse(stage, puppet, [forged])
    stage.run(stage.order(), [poke(puppet, 1), transfer(stage.weth, stage.owner, 0)])

    assert outcomes(stage, puppet, 1) == [True]
    assert stage.held(stage.weth) == 100
    assert balance(stage.chain, stage.weth, stage.stranger) == 0


def test_a_pool_can_not_skip_the_program_by_not_calling_back(stage, puppet):
    rehearse(stage, puppet, [act(stage.weth, "deposit()")])

    reverts(stage, stage.order(), [poke(puppet, 1), poke(puppet)], "callback")


def test_callbacks_nest_in_the_order_of_the_program(stage):
    outer, inner = (deploy_odd(stage.chain, "Puppet") for _ in range(2))
    for name in (outer, inner):
        rehearse(stage, name, [act(stage.executor, *FORGED, must=True)])
    marks = [transfer(stage.weth, stage.owner, 0) for _ in range(3)]
    receipt = stage.run(stage.order(), [poke(outer, 3), poke(inner, 1), *marks])

    assert receipt.succeeded
    assert len([log for log in receipt.logs if log["address"] == stage.weth]) == 3


def test_execution_and_withdrawal_can_not_be_re_entered(stage, puppet, odd):
    behave(stage, odd, HOOKED, puppet)
    again = execute_call(stage.executor, stage.order(), [])
    rehearse(
        stage,
        puppet,
        [
            act(stage.executor, again.signature, *again.args),
            act(
                stage.executor,
                "withdraw(address,uint256,address)",
                odd,
                EVERYTHING,
                stage.stranger,
            ),
            act(stage.executor, *FORGED),
        ],
    )
    stage.run(stage.order(), [transfer(odd, stage.executor, 10)])

    assert outcomes(stage, puppet, 3) == [False, False, False]
    assert stage.held(odd) == 1000


@pytest.fixture
def owned(stage, puppet):
    """An Executor that a contract owns, which can call it several times in one transaction."""
    return deploy_executor(stage.chain, puppet, stage.weth)


def test_a_contract_that_owns_it_can_not_re_enter_either(stage, puppet, owned):
    outer = execute_call(owned, stage.order(), [poke(puppet)])
    # as many steps as have run: without a check it would find itself at its end, and forget the outer one
    nested = execute_call(owned, stage.order(), [transfer(stage.weth, stage.owner, 0)])
    takes = act(owned, "withdraw(address,uint256,address)", stage.weth, 0, puppet)
    # called again by its own first act, the puppet goes on with the others
    inner = [act(owned, nested.signature, *nested.args), takes]
    rehearse(stage, puppet, [act(owned, outer.signature, *outer.args), *inner])
    stage.chain.transact([arbx.Call(puppet, "go()")])

    assert outcomes(stage, puppet, 3) == [True, False, False]


def test_one_execution_leaves_nothing_to_the_next_in_the_same_transaction(stage, puppet, owned):
    accomplices = [deploy_odd(stage.chain, "Puppet") for _ in range(2)]
    acts = []
    for accomplice in accomplices:
        rehearse(stage, accomplice, [act(owned, *FORGED)])
        steps = [poke(accomplice, 1), transfer(stage.weth, stage.owner, 0)]
        call = execute_call(owned, stage.order(), steps)
        acts.append(act(owned, call.signature, *call.args))
    rehearse(stage, puppet, acts)
    stage.chain.transact([arbx.Call(puppet, "go()")])

    assert outcomes(stage, puppet, 2) == [True, True]
    assert [outcomes(stage, accomplice, 1) for accomplice in accomplices] == [[True], [True]]


@pytest.mark.parametrize("name", ["uniswapV2Call", "pancakeCall"])
def test_a_swap_that_another_began_is_refused(stage, puppet, name):
    signature = f"{name}(address,uint256,uint256,bytes)"
    forged = [act(stage.executor, signature, who, 1, 1, b"") for who in (puppet, stage.executor)]
    rehearse(stage, puppet, forged)
    stage.run(stage.order(), [poke(puppet, 1), transfer(stage.weth, stage.owner, 0)])

    assert outcomes(stage, puppet, 2) == [False, True]


def test_what_was_approved_can_not_be_taken_from_inventory(stage, puppet, odd):
    takes = act(
        odd, "transferFrom(address,address,uint256)", stage.executor, puppet, 500, must=True
    )
    rehearse(stage, puppet, [takes])

    reverts(stage, stage.order(), [approve(odd, puppet, 500), poke(puppet)], "balance")


def test_what_was_approved_can_not_be_taken_later(stage, puppet, odd):
    stage.run(stage.order(), [approve(odd, puppet, 500)])
    takes = act(odd, "transferFrom(address,address,uint256)", stage.executor, puppet, 500)
    rehearse(stage, puppet, [takes])
    stage.chain.transact([arbx.Call(puppet, "go()")])

    assert outcomes(stage, puppet, 1) == [False]
    assert stage.held(odd) == 1000


@pytest.mark.parametrize(
    ("manner", "reason"), [(FALSE, "refused"), (FEE, "balance"), (RUDE, "rude")]
)
def test_a_token_with_bad_manners_makes_it_revert(stage, puppet, odd, manner, reason):
    # the puppet gives back what it got: with a good token nothing is lost
    rehearse(
        stage, puppet, [act(odd, "transfer(address,uint256)", stage.executor, 400, must=True)]
    )
    steps = [transfer(odd, puppet, 400), poke(puppet)]
    with stage.chain.undone():
        assert stage.run(stage.order(), steps).succeeded
    # a fee-on-transfer pool has more than it got, so that it can pay back "the same"
    stage.chain.transact([arbx.Call(odd, "mint(address,uint256)", (), (puppet, 400))])
    behave(stage, odd, manner)

    reverts(stage, stage.order(), steps, reason)
    assert stage.held(odd) == 1000


def test_a_token_that_answers_nothing_is_a_token(stage, puppet, odd):
    behave(stage, odd, SILENT)
    steps = [transfer(odd, stage.executor, 1), approve(odd, puppet, 1)]

    assert stage.run(stage.order(), steps).succeeded
    assert stage.allowance(odd, puppet) == 0
    withdrawal = arbx.Call(
        stage.executor, "withdraw(address,uint256,address)", (), (odd, EVERYTHING, stage.owner)
    )
    stage.chain.transact([withdrawal], sender=stage.owner)
    assert balance(stage.chain, odd, stage.owner) == 1000


def test_a_withdrawal_that_the_token_refuses_reverts(stage, odd):
    behave(stage, odd, FALSE)
    withdrawal = arbx.Call(
        stage.executor, "withdraw(address,uint256,address)", (), (odd, 5, stage.owner)
    )

    with pytest.raises(arbx.ChainError, match="refused"):
        stage.chain.transact([withdrawal], sender=stage.owner)


@pytest.mark.parametrize("kinds", [("v2", "v2"), ("v2", "v3"), ("v3", "v2"), ("v3", "v3")])
def test_a_sandwiched_cycle_reverts_and_costs_no_token(stage, found, planned, kinds):
    opportunity = next(o for o in found if tuple(h.pool.kind[-2:] for h in o.cycle.hops) == kinds)
    hop = next(hop for hop in opportunity.cycle.hops)
    inventory = {token.address for h in opportunity.cycle.hops for token in h.pool.tokens}
    for token in inventory:
        stage.give(token, 10**9)
    held = {token: stage.held(token) for token in inventory}
    plan = planned(opportunity)
    # the attacker buys before us what the first hop buys
    push = opportunity.optimum.amount_in * 3
    market = stage.market
    if hop.pool.kind == "uniswap_v3":
        swap = v3_swap(
            hop.pool.address, push, zero_for_one=hop.token_in == 0, recipient=market.trader.address
        )
        market.trader.run([swap])
    else:
        market.trader.run([
            arbx.Call(stage.weth, "transfer(address,uint256)", (), (hop.pool.address, push)),
            arbx.Call(hop.pool.address, "sync()"),
        ])  # fmt: skip

    with pytest.raises(arbx.ChainError):
        stage.chain.transact([plan.call()], sender=stage.owner)
    assert {token: stage.held(token) for token in inventory} == held


def test_a_builder_that_calls_back_gets_only_its_payment(stage, puppet, found, planned):
    plan = planned(of_kinds(found, "v2", "v3")[0])
    forged = act(stage.executor, *FORGED)
    takes = act(
        stage.executor, "withdraw(address,uint256,address)", stage.weth, EVERYTHING, stage.stranger
    )
    rehearse(stage, puppet, [forged, takes])
    stage.chain.rpc.ask("anvil_setCoinbase", puppet)
    order = attrs.evolve(plan.order, min_profit=0, max_payment_wei=9, max_payment_bps=10_000)
    stage.run(order, plan.steps)

    assert outcomes(stage, puppet, 2) == [False, False]
    assert stage.held(stage.weth) == plan.gross_profit - 9


class TestLenders:
    """Flash loans of others: lent to whom they called, for whom began it."""

    @pytest.fixture
    def lender(self, stage, odd):
        lender = deploy_odd(stage.chain, "Lender")
        stage.chain.transact([arbx.Call(odd, "mint(address,uint256)", (), (lender, 10_000))])
        return lender

    def loan(self, stage, lender, odd, kind, amount=5000):
        if kind == "balancer":
            signature, args = (
                "flashLoan(address,address[],uint256[],bytes)",
                (stage.executor, (odd,), (amount,), b""),
            )
        elif kind == "aave":
            signature, args = (
                "flashLoanSimple(address,address,uint256,bytes,uint16)",
                (stage.executor, odd, amount, b"", 0),
            )
        else:
            signature, args = (
                "lend(address,address,uint256,bytes)",
                (stage.executor, odd, amount, b""),
            )
        return signature, args

    @pytest.mark.parametrize("kind", ["balancer", "aave", "erc3156"])
    def test_a_loan_is_taken_and_given_back_with_its_fee(self, stage, lender, odd, puppet, kind):
        # the puppet pays what the cycle earns: 5 more than the fee of 4
        gains = act(odd, "transfer(address,uint256)", stage.executor, 9, must=True)
        stage.chain.transact([arbx.Call(odd, "mint(address,uint256)", (), (puppet, 9))])
        rehearse(stage, puppet, [gains])
        signature, args = self.loan(stage, lender, odd, kind)
        repay = transfer if kind == "balancer" else approve
        steps = [
            step(lender, signature, *args, inside=2),
            poke(puppet),
            repay(odd, lender, 5004),
        ]
        stage.run(stage.order(odd, min_profit=5), steps)

        assert stage.held(odd) == 1005
        assert balance(stage.chain, odd, lender) == 10_004
        assert stage.allowance(odd, lender) == 0

    @pytest.mark.parametrize("kind", ["balancer", "aave", "erc3156"])
    def test_nobody_else_borrows_in_its_name(self, stage, lender, odd, kind):
        signature, args = self.loan(stage, lender, odd, kind)

        with pytest.raises(arbx.ChainError, match=r"caller|initiator"):
            stage.chain.transact([arbx.Call(lender, signature, (), args)], sender=stage.stranger)

    @pytest.mark.parametrize("kind", ["aave", "erc3156"])
    def test_a_loan_that_another_began_is_refused_in_its_own_execution(
        self, stage, lender, odd, puppet, kind
    ):
        # the lender is announced, but its call makes a hook borrow first, in the Executor's name
        behave(stage, odd, HOOKED, puppet)
        signature, args = self.loan(stage, lender, odd, kind, amount=100)
        rehearse(stage, puppet, [act(lender, signature, *args)])
        signature, args = self.loan(stage, lender, odd, kind)
        steps = [step(lender, signature, *args, inside=1), approve(odd, lender, 5004)]

        reverts(stage, stage.order(odd), steps, "profit")
        assert stage.held(odd) == 1000
