# pragma version 0.4.3
# pragma evm-version cancun
# pragma optimize gas
# SPDX-License-Identifier: MIT
"""
@title Executor
@notice Run calls that arbx's plugins encoded, and revert unless they paid.
@dev It knows no exchange. What a lender's callback runs is never taken from the callback's data: the owner's
     whole program lies in transient storage, and a callback only lets it go on, once, when it comes from the
     very contract that the running step has called.
"""

from ethereum.ercs import IERC20

interface IWETH:
    def withdraw(amount_wei: uint256): nonpayable

struct Step:
    target: address
    value_wei: uint256
    inside: uint256  # so many of the following steps run in the callback that *target* makes
    data: Bytes[1024]

struct Order:
    token: address  # what the profit is counted in; the zero address is ether
    min_profit: uint256  # what must be there more than before, after the builder's payment
    first_block: uint256
    last_block: uint256
    deadline_s: uint256
    max_payment_wei: uint256  # to the builder: the smaller of this …
    max_payment_bps: uint256  # … and this share of the profit

struct Held:
    token: address
    before: uint256

struct Allowance:
    token: address
    spender: address

event Executed:
    token: indexed(address)
    profit: uint256
    payment_wei: uint256

MAX_STEPS: constant(uint256) = 32
BPS: constant(uint256) = 10_000
TRANSFER: constant(bytes4) = method_id("transfer(address,uint256)", output_type=bytes4)
APPROVE: constant(bytes4) = method_id("approve(address,uint256)", output_type=bytes4)
# ERC-3156: what onFlashLoan answers
FLASH_ACCEPTED: constant(bytes32) = keccak256("ERC3156FlashBorrower.onFlashLoan")

owner: public(immutable(address))
weth: public(immutable(address))

running: transient(bool)
program: transient(DynArray[Step, MAX_STEPS])
cursor: transient(uint256)  # the next step
announced: transient(address)  # who may call back now; nobody else, and only once
fence: transient(uint256)  # where that callback's steps end
held: transient(DynArray[Held, MAX_STEPS + 1])
allowances: transient(DynArray[Allowance, MAX_STEPS])


@deploy
def __init__(owner_: address, weth_: address):
    assert owner_ != empty(address) and weth_ != empty(address), "zero address"
    owner = owner_
    weth = weth_


@external
@payable
def __default__():
    """
    @notice Take ether, and the callbacks of exchanges that this contract doesn't know by name.
    """
    if len(msg.data) > 0:
        self._go_on()


@external
def execute(order: Order, steps: DynArray[Step, MAX_STEPS]) -> uint256:
    """
    @notice Run the steps; revert unless they leave at least the order's profit and take nothing else.
    @return What there is more of the order's token than before, the builder's payment deducted.
    """
    assert msg.sender == owner, "owner"
    assert not self.running, "running"
    assert order.first_block <= block.number and block.number <= order.last_block, "block"
    assert block.timestamp <= order.deadline_s, "deadline"
    self.running = True
    ether_before: uint256 = self.balance
    self._hold(order.token)
    for step: Step in steps:
        self._load(step)
    self._run(len(steps))
    self._revoke()
    profit: uint256 = self._profit(order.token)
    payment_wei: uint256 = self._pay_builder(order, profit)
    # last of all, when no call can follow that changes a balance
    profit = self._profit(order.token)
    assert profit >= order.min_profit, "profit"
    self._check(ether_before)
    self._forget()
    log Executed(token=order.token, profit=profit, payment_wei=payment_wei)
    return profit


@external
def withdraw(token: address, amount: uint256, receiver: address):
    """
    @notice Pay a token, or ether where the token is the zero address; the greatest amount means everything.
    """
    assert msg.sender == owner, "owner"
    assert not self.running, "running"
    assert receiver != empty(address), "zero address"
    paid: uint256 = amount
    if amount == max_value(uint256):
        paid = self._balance(token)
    if token == empty(address):
        raw_call(receiver, b"", value=paid)
    else:
        assert extcall IERC20(token).transfer(receiver, paid, default_return_value=True), "refused"


@external
def uniswapV2Call(sender: address, amount0: uint256, amount1: uint256, data: Bytes[1024]):
    assert sender == self, "initiator"
    self._go_on()


@external
def pancakeCall(sender: address, amount0: uint256, amount1: uint256, data: Bytes[1024]):
    assert sender == self, "initiator"
    self._go_on()


@external
def uniswapV3SwapCallback(amount0: int256, amount1: int256, data: Bytes[1024]):
    self._go_on()


@external
def pancakeV3SwapCallback(amount0: int256, amount1: int256, data: Bytes[1024]):
    self._go_on()


@external
def uniswapV3FlashCallback(fee0: uint256, fee1: uint256, data: Bytes[1024]):
    self._go_on()


@external
def pancakeV3FlashCallback(fee0: uint256, fee1: uint256, data: Bytes[1024]):
    self._go_on()


@external
def receiveFlashLoan(
    tokens: DynArray[address, 8],
    amounts: DynArray[uint256, 8],
    fees: DynArray[uint256, 8],
    data: Bytes[1024],
):
    """
    @notice Go on with the program that has called Balancer's vault.
    """
    self._go_on()


@external
def executeOperation(
    asset: address, amount: uint256, premium: uint256, initiator: address, params: Bytes[1024]
) -> bool:
    """
    @notice Go on with the program that has called Aave's flashLoanSimple.
    """
    assert initiator == self, "initiator"
    self._go_on()
    return True


@external
def onFlashLoan(
    initiator: address, token: address, amount: uint256, fee: uint256, data: Bytes[1024]
) -> bytes32:
    """
    @notice Go on with the program that has called a lender of ERC-3156.
    """
    assert initiator == self, "initiator"
    self._go_on()
    return FLASH_ACCEPTED


@internal
def _go_on():
    assert self.running and msg.sender == self.announced, "caller"
    self.announced = empty(address)
    self._run(self.fence)


@internal
def _run(end: uint256):
    for _: uint256 in range(MAX_STEPS):
        if self.cursor == end:
            break
        step: Step = self.program[self.cursor]
        self.cursor += 1
        if step.inside == 0:
            self._call(step)
        else:
            fence: uint256 = self.cursor + step.inside
            assert fence <= end, "inside"
            self.announced = step.target
            self.fence = fence
            self._call(step)
            assert self.cursor == fence, "callback"


@internal
def _call(step: Step):
    answer: Bytes[32] = raw_call(
        step.target, step.data, value=step.value_wei, max_outsize=32
    )
    # a token may answer nothing; one that answers false has moved nothing
    if self._moves_tokens(step.data) and len(answer) > 0:
        assert convert(answer, uint256) == 1, "refused"


@internal
def _load(step: Step):
    self.program.append(step)
    if step.target == weth:
        self._hold(weth)
    elif self._moves_tokens(step.data):
        self._hold(step.target)
    if self._selector(step.data) == APPROVE and len(step.data) >= 36:
        spender: address = abi_decode(slice(step.data, 4, 32), address)
        self.allowances.append(Allowance(token=step.target, spender=spender))


@internal
def _hold(token: address):
    for known: Held in self.held:
        if known.token == token:
            return
    self.held.append(Held(token=token, before=self._balance(token)))


@internal
def _revoke():
    for left: Allowance in self.allowances:
        token: IERC20 = IERC20(left.token)
        if staticcall token.allowance(self, left.spender) != 0:
            assert extcall token.approve(left.spender, 0, default_return_value=True), "refused"


@internal
def _pay_builder(order: Order, profit: uint256) -> uint256:
    payment_wei: uint256 = min(order.max_payment_wei, profit * order.max_payment_bps // BPS)
    if payment_wei == 0:
        return 0
    assert order.token == weth or order.token == empty(address), "payment"
    if order.token == weth:
        extcall IWETH(weth).withdraw(payment_wei)
    raw_call(block.coinbase, b"", value=payment_wei)
    return payment_wei


@internal
def _check(ether_before: uint256):
    assert self.balance >= ether_before, "ether"
    for known: Held in self.held:
        assert self._balance(known.token) >= known.before, "balance"


@internal
def _forget():
    self.running = False
    self.cursor = 0
    self.fence = 0
    self.program = []
    self.held = []
    self.allowances = []


@internal
@view
def _profit(token: address) -> uint256:
    before: uint256 = self.held[0].before
    after: uint256 = self._balance(token)
    assert after >= before, "profit"
    return after - before


@internal
@view
def _balance(token: address) -> uint256:
    if token == empty(address):
        return self.balance
    return staticcall IERC20(token).balanceOf(self)


@internal
@pure
def _selector(data: Bytes[1024]) -> bytes4:
    if len(data) < 4:
        return empty(bytes4)
    return convert(slice(data, 0, 4), bytes4)


@internal
@pure
def _moves_tokens(data: Bytes[1024]) -> bool:
    selector: bytes4 = self._selector(data)
    return selector == TRANSFER or selector == APPROVE
