"""Each promise of the Executor, on the local chain."""

import attrs
import pytest
from executor_stage import FOREVER, deploy_odd, of_kinds, rehearse, step, transfer

import arbx
from arbx.chain.abi import selector
from arbx.execution.executor import ETHER, EVERYTHING, Step, owner_call, weth_call, withdraw_call
from arbx.testing.localchain.executor import deploy_executor
from arbx.testing.localchain.trader import balance

ETH = 10**18
CALLBACKS = [
    ("uniswapV2Call(address,uint256,uint256,bytes)", None),
    ("pancakeCall(address,uint256,uint256,bytes)", None),
    ("uniswapV3SwapCallback(int256,int256,bytes)", (1, 1, b"")),
    ("pancakeV3SwapCallback(int256,int256,bytes)", (1, 1, b"")),
    ("uniswapV3FlashCallback(uint256,uint256,bytes)", (1, 1, b"")),
    ("pancakeV3FlashCallback(uint256,uint256,bytes)", (1, 1, b"")),
    ("receiveFlashLoan(address[],uint256[],uint256[],bytes)", ((), (), (), b"")),
    ("executeOperation(address,uint256,uint256,address,bytes)", None),
    ("onFlashLoan(address,address,uint256,uint256,bytes)", None),
    ("algebraSwapCallback(int256,int256,bytes)", (1, 1, b"")),
    ("whatever()", ()),
]


def arguments(signature, given, executor):
    """Forge the initiator too, where there is one."""
    if given is not None:
        return given
    if signature.startswith("executeOperation"):
        return (executor, 1, 1, executor, b"")
    if signature.startswith("onFlashLoan"):
        return (executor, executor, 1, 1, b"")
    return (executor, 1, 1, b"")


def refused(stage, order, steps, reason, **who):
    with pytest.raises(arbx.ChainError, match=reason):
        stage.run(order, steps, **who)


def test_it_belongs_to_its_owner(stage):
    assert stage.chain.ask(owner_call(stage.executor)) == (stage.owner.lower(),)
    assert stage.chain.ask(weth_call(stage.executor)) == (stage.weth,)


def test_it_can_not_be_deployed_for_nobody(stage):
    for owner, weth in ((ETHER, stage.weth), (stage.owner, ETHER)):
        with pytest.raises(arbx.ChainError):
            deploy_executor(stage.chain, owner, weth)


def test_only_the_owner_executes(stage):
    refused(stage, stage.order(), [], "owner", sender=stage.stranger)
    assert stage.run(stage.order(), []).succeeded


def test_only_the_owner_withdraws(stage):
    stage.give(stage.weth, 5)
    call = withdraw_call(stage.executor, stage.weth, 3, stage.stranger)

    with pytest.raises(arbx.ChainError, match="owner"):
        stage.chain.transact([call], sender=stage.stranger)
    stage.chain.transact([call], sender=stage.owner)
    assert balance(stage.chain, stage.weth, stage.stranger) == 3
    stage.chain.transact([attrs.evolve(call, args=(stage.weth, EVERYTHING, stage.owner))],
                         sender=stage.owner)  # fmt: skip
    assert stage.held(stage.weth) == 0
    assert balance(stage.chain, stage.weth, stage.owner) == 2


def test_the_owner_withdraws_ether(stage):
    stage.chain.rpc.ask("anvil_setBalance", stage.executor, hex(7))
    receiver = "0x" + "77" * 20
    stage.chain.transact(
        [withdraw_call(stage.executor, ETHER, EVERYTHING, receiver)], sender=stage.owner
    )

    assert (stage.ether(receiver), stage.ether(stage.executor)) == (7, 0)


def test_withdrawals_go_to_somebody(stage):
    with pytest.raises(arbx.ChainError, match="zero address"):
        stage.chain.transact([withdraw_call(stage.executor, ETHER, 0, ETHER)], sender=stage.owner)


@pytest.mark.parametrize(("first", "last", "good"), [
    (0, 0, True), (-1, 1, True), (1, 2, False), (-2, -1, False),
])  # fmt: skip
def test_only_the_target_blocks_will_do(stage, first, last, good):
    mined_in = stage.chain.block_number + 1
    order = stage.order(first_block=mined_in + first, last_block=mined_in + last)

    if good:
        assert stage.run(order, []).block == mined_in
    else:
        refused(stage, order, [], "reverted")


def test_the_deadline_is_kept(stage):
    now = int(stage.chain.rpc.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    refused(stage, stage.order(deadline_s=now), [], "deadline")
    assert stage.run(stage.order(deadline_s=now + 60), []).succeeded


@pytest.mark.parametrize(("signature", "given"), CALLBACKS)
def test_outside_an_execution_every_callback_reverts(stage, signature, given):
    call = arbx.Call(stage.executor, signature, (), arguments(signature, given, stage.executor))

    for sender in (stage.stranger, stage.owner):
        with pytest.raises(arbx.ChainError, match="caller"):
            stage.chain.transact([call], sender=sender)
    # nobody is announced, but nodes let anybody ask in nobody's name
    with pytest.raises(arbx.ChainError, match="caller"):
        stage.chain.ask(call, sender=ETHER)


def test_a_plain_payment_of_ether_is_no_callback(stage):
    row = {"from": stage.stranger, "to": stage.executor, "value": hex(9), "gas": hex(10**6)}
    stage.chain.rpc.ask("eth_sendTransaction", row)
    stage.chain.mine()

    assert stage.ether(stage.executor) == 9


def test_the_selectors_of_the_callbacks_are_the_known_ones():
    known = (
        "10d1e85c 84800812 fa461e33 23a69e75 e9cbafb0 a1d48336 f04f2707 1b11d0ff 23e30c8b 2c8958f6"
    )

    assert [selector(signature).hex() for signature, _ in CALLBACKS[:-1]] == known.split()


def test_an_announced_target_must_call_back(stage):
    steps = [
        transfer(stage.weth, stage.stranger, 0, inside=1),
        transfer(stage.weth, stage.owner, 0),
    ]

    refused(stage, stage.order(), steps, "callback")


def test_a_callback_can_not_reach_beyond_the_program(stage):
    refused(stage, stage.order(), [transfer(stage.weth, stage.owner, 0, inside=1)], "inside")


def test_what_was_there_before_can_not_be_spent(stage):
    usdc = stage.market.token("USDC").address
    for token in (stage.weth, usdc):
        stage.give(token, 1000)

    refused(stage, stage.order(), [transfer(stage.weth, stage.stranger, 1)], "profit")
    refused(stage, stage.order(), [transfer(usdc, stage.stranger, 1)], "balance")
    assert (stage.held(stage.weth), stage.held(usdc)) == (1000, 1000)


def test_ether_that_was_there_can_not_be_spent(stage):
    stage.chain.rpc.ask("anvil_setBalance", stage.executor, hex(1000))

    refused(stage, stage.order(), [Step(stage.stranger, b"", 1)], "ether")
    refused(stage, stage.order(ETHER), [Step(stage.stranger, b"", 1)], "profit")


def test_wrapped_ether_can_not_be_unwrapped_for_another_tokens_profit(stage):
    stage.give(stage.weth, 10)
    steps = [step(stage.weth, "withdraw(uint256)", 10), Step(stage.stranger, b"", 10)]

    refused(stage, stage.order(stage.market.token("USDC").address), steps, "balance")


def test_approvals_do_not_outlive_the_execution(stage):
    usdc, spender = stage.market.token("USDC").address, stage.stranger
    stage.give(usdc, 1000)
    approve = step(usdc, "approve(address,uint256)", spender, 600)
    stage.run(stage.order(), [approve, approve])

    assert stage.allowance(usdc, spender) == 0


def test_ether_can_be_the_profit(stage):
    stage.give(stage.weth, 10)
    puppet = deploy_odd(stage.chain, "Puppet")
    stage.chain.rpc.ask("anvil_setBalance", puppet, hex(10))
    rehearse(stage, puppet, [(stage.executor, 10, b"", True)])

    assert stage.asks(stage.order(ETHER, min_profit=10), [Step(puppet, b"")]) == 10
    refused(stage, stage.order(ETHER, min_profit=11), [Step(puppet, b"")], "profit")


COINBASE = "0x" + "c0" * 20


@pytest.fixture
def builder(stage):
    stage.chain.rpc.ask("anvil_setCoinbase", COINBASE)
    return COINBASE


def paid_to_builder(stage, receipt):
    """Return what the builder got of a transaction alone in its block, its priority fee deducted."""
    node = stage.chain.rpc
    base_fee = int(
        node.ask("eth_getBlockByNumber", hex(receipt.block), False)["baseFeePerGas"], 16
    )
    price = int(node.ask("eth_getTransactionReceipt", receipt.hash)["effectiveGasPrice"], 16)
    balances = [
        int(node.ask("eth_getBalance", COINBASE, hex(block)), 16)
        for block in (receipt.block - 1, receipt.block)
    ]
    return balances[1] - balances[0] - (price - base_fee) * receipt.gas_used


@pytest.mark.parametrize(("max_wei", "max_bps"), [(10**13, 10_000), (FOREVER >> 9, 2_500)])
@pytest.mark.usefixtures("builder")
def test_the_builder_is_paid_out_of_the_profit(stage, found, planned, max_wei, max_bps):
    opportunity = of_kinds(found, "v2", "v3")[0]
    profit = opportunity.gross_profit
    payment = min(max_wei, profit * max_bps // 10_000)
    plan = planned(opportunity)
    order = attrs.evolve(
        plan.order, min_profit=profit - payment, max_payment_wei=max_wei, max_payment_bps=max_bps
    )
    receipt = stage.run(order, plan.steps)

    assert paid_to_builder(stage, receipt) == payment > 0
    assert stage.held(stage.weth) == profit - payment


def test_nobody_is_paid_what_would_leave_less_than_the_least_profit(stage, found, planned):
    plan = planned(found[0])
    order = attrs.evolve(plan.order, max_payment_wei=1, max_payment_bps=10_000)

    refused(stage, order, plan.steps, "profit")
    assert stage.held(stage.weth) == 0


@pytest.mark.usefixtures("builder")
def test_without_a_profit_nobody_is_paid(stage):
    stage.give(stage.weth, ETH)
    receipt = stage.run(stage.order(max_payment_wei=ETH, max_payment_bps=10_000), [])

    assert paid_to_builder(stage, receipt) == 0
    assert stage.held(stage.weth) == ETH


@pytest.mark.usefixtures("builder")
def test_only_ether_pays_the_builder(stage):
    usdc = stage.market.token("USDC").address
    stage.chain.rpc.ask("anvil_setBalance", stage.executor, hex(ETH))
    giver = deploy_odd(stage.chain, "Puppet")
    stage.give(usdc, 500, giver)
    data = selector("transfer(address,uint256)") + bytes.fromhex(
        stage.executor[2:].rjust(64, "0") + hex(500)[2:].rjust(64, "0")
    )
    rehearse(stage, giver, [(usdc, 0, data, True)])
    order = stage.order(usdc, max_payment_wei=5, max_payment_bps=10_000)

    refused(stage, order, [Step(giver, b"")], "payment")
    assert stage.run(attrs.evolve(order, max_payment_wei=0), [Step(giver, b"")]).succeeded


@pytest.mark.usefixtures("builder")
def test_the_event_says_what_was_kept_and_paid(stage, found, planned):
    plan = planned(found[0])
    order = attrs.evolve(plan.order, min_profit=0, max_payment_wei=77, max_payment_bps=10_000)
    receipt = stage.run(order, plan.steps)
    own = [log for log in receipt.logs if log["address"] == stage.executor]
    words = bytes.fromhex(own[0]["data"][2:])

    assert len(own) == 1
    assert int.from_bytes(words[:32]) == plan.gross_profit - 77
    assert int.from_bytes(words[32:]) == 77
