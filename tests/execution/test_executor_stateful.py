"""An attacker plays against the Executor, and against programs its owner should never have sent."""

from collections import Counter

import attrs
from executor_stage import act, approve, deploy_odd, rehearse, transfer
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

import arbx
from arbx.execution.executor import ETHER, EVERYTHING, Step, execute_call
from arbx.testing.localchain.trader import v2_swap, v3_swap

INVENTORY = 10**6
AMOUNTS = st.sampled_from([1, 999, INVENTORY, 0, INVENTORY + 1])
CALLBACKS = st.sampled_from(
    [
        ("uniswapV3SwapCallback(int256,int256,bytes)", (1, 1, b"")),
        ("uniswapV3FlashCallback(uint256,uint256,bytes)", (1, 1, b"")),
        ("receiveFlashLoan(address[],uint256[],uint256[],bytes)", ((), (), (), b"")),
        ("algebraSwapCallback(int256,int256,bytes)", (1, 1, b"")),
    ]
)
MANNERS = st.integers(0, 5)


class Siege(RuleBasedStateMachine):
    """Whatever strangers do, and whatever program runs, what the Executor holds never shrinks."""

    stage = None
    tally = Counter()

    def __init__(self):
        super().__init__()
        stage = self.stage
        self.undo = stage.chain.undone()
        self.undo.__enter__()
        self.puppets = [deploy_odd(stage.chain, "Puppet") for _ in range(2)]
        self.odd = deploy_odd(stage.chain, "OddToken")
        self.usdc = stage.market.token("USDC").address
        self.tokens = [stage.weth, self.usdc, self.odd]
        for receiver in (stage.executor, *self.puppets):
            mint = arbx.Call(self.odd, "mint(address,uint256)", (), (receiver, INVENTORY))
            stage.chain.transact([mint])
            for token in (stage.weth, self.usdc):
                stage.give(token, INVENTORY, receiver)
        stage.chain.rpc.ask("anvil_setBalance", stage.executor, hex(INVENTORY))
        self.least = dict.fromkeys((*self.tokens, ETHER), INVENTORY)

    def teardown(self):
        self.undo.__exit__(None, None, None)

    def acts(self, data):
        """Draw what a puppet does when it is called."""
        stage, token = self.stage, data.draw(st.sampled_from(self.tokens))
        signature, arguments = data.draw(CALLBACKS)
        again = execute_call(stage.executor, stage.order(), [])
        amount = data.draw(AMOUNTS)
        choices = [
            act(stage.executor, signature, *arguments),
            act(stage.executor, again.signature, *again.args),
            act(
                stage.executor,
                "withdraw(address,uint256,address)",
                token,
                EVERYTHING,
                stage.stranger,
            ),
            act(
                token,
                "transferFrom(address,address,uint256)",
                stage.executor,
                stage.stranger,
                amount,
            ),
            act(token, "transfer(address,uint256)", stage.executor, amount),
            act(self.puppets[0], "go()"),
            act(self.puppets[1], "go()"),
        ]
        return data.draw(st.lists(st.sampled_from(choices), min_size=1, max_size=5))

    def program(self, data):
        """Draw steps that give away, approve, and call attackers, nested in whatever way."""
        count = data.draw(st.sampled_from([1, 1, 1, 2, 3, 4]))
        steps = [self.step(data) for _ in range(count)]
        for place in range(count):
            room = count - place - 1
            if room and data.draw(st.integers(0, 3)) == 3:
                inside = data.draw(st.integers(1, room))
                steps[place] = attrs.evolve(steps[place], inside=inside)
        return steps

    def step(self, data):
        token = data.draw(st.sampled_from(self.tokens))
        puppet = data.draw(st.sampled_from(self.puppets))
        amount = data.draw(AMOUNTS)
        return data.draw(
            st.sampled_from(
                [
                    Step(puppet, b"poke"),
                    Step(puppet, b"poke"),
                    Step(puppet, b"", min(amount, INVENTORY)),
                    transfer(token, puppet, amount),
                    approve(token, puppet, amount),
                ]
            )
        )

    @rule(data=st.data(), which=st.integers(0, 1))
    def the_attacker_rehearses(self, data, which):
        rehearse(self.stage, self.puppets[which], self.acts(data))

    @rule(manner=MANNERS, which=st.integers(0, 1))
    def the_token_changes_its_manner(self, manner, which):
        call = arbx.Call(self.odd, "behave(uint256,address)", (), (manner, self.puppets[which]))
        self.stage.chain.transact([call])

    @rule(callback=CALLBACKS)
    def a_stranger_calls_back(self, callback):
        call = arbx.Call(self.stage.executor, callback[0], (), callback[1])
        receipts = self.stage.chain.transact_any([call], sender=self.stage.stranger)
        assert not receipts[0].succeeded

    @rule(data=st.data(), which=st.integers(0, 1))
    def a_stranger_executes_withdraws_and_pokes(self, data, which):
        stage = self.stage
        calls = [
            execute_call(stage.executor, stage.order(), self.program(data)),
            arbx.Call(
                stage.executor,
                "withdraw(address,uint256,address)",
                (),
                (data.draw(st.sampled_from(self.tokens)), 1, stage.stranger),
            ),
        ]
        receipts = stage.chain.transact_any(calls, sender=stage.stranger)
        assert [receipt.succeeded for receipt in receipts] == [False, False]
        stage.chain.transact_any([arbx.Call(self.puppets[which], "go()")], sender=stage.stranger)

    @rule(data=st.data())
    def the_owner_executes(self, data):
        for _ in range(3):
            self.execute(data)

    def execute(self, data):
        stage = self.stage
        token = data.draw(st.sampled_from([*self.tokens, ETHER]))
        late = data.draw(st.sampled_from([0, 0, 0, 0, 0, 0, -1, 1]))
        target = stage.chain.block_number + 1 + late
        order = stage.order(
            token,
            min_profit=data.draw(st.sampled_from([0, 0, 0, 1])),
            first_block=target,
            last_block=target,
            max_payment_wei=data.draw(st.sampled_from([0, 1, INVENTORY])),
            max_payment_bps=data.draw(st.sampled_from([0, 5_000, 10_000])),
        )
        held = stage.held(token)
        call = execute_call(stage.executor, order, self.program(data))
        receipt = stage.chain.transact_any([call], sender=stage.owner)[0]
        self.tally[receipt.succeeded] += 1
        if receipt.succeeded:
            assert late == 0
            assert stage.held(token) >= held + order.min_profit
        self.nothing_is_lost()

    @rule(data=st.data(), share=st.sampled_from([0, 10_000]))
    def the_owner_takes_a_cycle_that_was_sandwiched(self, data, share):
        stage, opportunity, plan = self.stage, *data.draw(st.sampled_from(self.cycles))
        stage.market.trader.run(_pushed(stage.market, opportunity, data.draw(st.integers(0, 3))))
        order = attrs.evolve(plan.order, max_payment_wei=1, max_payment_bps=share)
        held = stage.held(stage.weth)
        call = execute_call(stage.executor, order, plan.steps)
        if stage.chain.transact_any([call], sender=stage.owner)[0].succeeded:
            assert stage.held(stage.weth) >= held + order.min_profit

    @invariant()
    def nothing_is_lost(self):
        held = {token: self.stage.held(token) for token in self.least}
        assert all(held[token] >= least for token, least in self.least.items())
        self.least = held

    @invariant()
    def nothing_stays_approved(self):
        for token in self.tokens:
            assert [self.stage.allowance(token, puppet) for puppet in self.puppets] == [0, 0]


def _pushed(market, opportunity, times):
    """Return the attacker's own swap through the first hop, in the same direction."""
    hop, amount, receiver = (
        opportunity.cycle.hops[0],
        opportunity.optimum.amount_in,
        market.trader.address,
    )
    amount, zero_for_one = amount * times, hop.token_in == 0
    if not times:
        return []
    if hop.pool.kind == "uniswap_v3":
        return [v3_swap(hop.pool.address, amount, zero_for_one=zero_for_one, recipient=receiver)]
    token = hop.pool.tokens[hop.token_in].address
    return v2_swap(
        hop.pool.address,
        token,
        amount,
        zero_for_one=zero_for_one,
        amount_out=1,
        recipient=receiver,
    )


def test_the_siege_takes_nothing(steady, found, planned):
    cycles = [(opportunity, planned(opportunity)) for opportunity in found[:12]]
    machine = type("Attack", (Siege,), {"stage": steady, "cycles": cycles, "tally": Counter()})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],  # shrinking would run a chain for minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    # a siege in which nothing ever runs, or nothing is ever refused, proves nothing
    assert machine.tally[True] > 10
    assert machine.tally[False] > 10
