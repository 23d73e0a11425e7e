"""Speak to an Executor contract: its words as frozen values, its functions as calls."""

from collections.abc import Iterable, Sequence

import attrs
from eth_abi.abi import encode

from arbx.chain.abi import calldata
from arbx.execution.executor.artefact import artefact
from arbx.model import Call

__all__ = [
    "ETHER",
    "EVERYTHING",
    "MAX_STEPS",
    "MAX_STEP_BYTES",
    "Order",
    "Step",
    "creation_data",
    "execute_call",
    "owner_call",
    "steps_of",
    "weth_call",
    "withdraw_call",
]

ETHER = "0x" + "00" * 20
EVERYTHING = 2**256 - 1
# the bounds of Executor.vy's arrays
MAX_STEPS = 32
MAX_STEP_BYTES = 1024

_EXECUTE = (
    "execute((address,uint256,uint256,uint256,uint256,uint256,uint256),"
    "(address,uint256,uint256,bytes)[])"
)


@attrs.frozen
class Step:
    """
    One call of the program; the next *inside* steps run in the callback that its target must make.

    A target that doesn't call back, or whose callback ends elsewhere, makes the whole execution revert.
    """

    target: str
    data: bytes = attrs.field()
    value_wei: int = 0
    inside: int = attrs.field(default=0, validator=attrs.validators.ge(0))

    @data.validator
    def _fits(self, _: object, data: bytes) -> None:
        if len(data) > MAX_STEP_BYTES:
            raise ValueError(
                f"data: a step takes at most {MAX_STEP_BYTES} bytes, this call has {len(data)}"
            )


@attrs.frozen
class Order:
    """
    What the Executor must enforce.

    *min_profit* is what must be there more of *token* after the builder's payment, which is at most
    *max_payment_wei* and at most *max_payment_bps* of the profit.
    """

    token: str
    min_profit: int = attrs.field(validator=attrs.validators.ge(0))
    first_block: int = attrs.field(validator=attrs.validators.ge(0))
    last_block: int = attrs.field()
    deadline_s: int
    max_payment_wei: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    max_payment_bps: int = attrs.field(default=0)

    @last_block.validator
    def _later(self, _: object, last_block: int) -> None:
        if last_block < self.first_block:
            raise ValueError(f"last_block: {last_block} is before first_block {self.first_block}")

    @max_payment_bps.validator
    def _share(self, _: object, share_bps: int) -> None:
        if not 0 <= share_bps <= 10_000:
            raise ValueError(f"max_payment_bps: {share_bps} is not between 0 and 10000")


def steps_of(calls: Iterable[Call]) -> tuple[Step, ...]:
    """Return calls as steps without callbacks."""
    return tuple(Step(call.target, calldata(call), call.value_wei) for call in calls)


def execute_call(executor: str, order: Order, steps: Sequence[Step]) -> Call:
    """Encode Executor.execute; it answers the profit that is left after the builder's payment."""
    if len(steps) > MAX_STEPS:
        raise ValueError(f"an execution has at most {MAX_STEPS} steps, this one has {len(steps)}")
    rows = tuple((step.target, step.value_wei, step.inside, step.data) for step in steps)
    return Call(executor, _EXECUTE, ("uint256",), (attrs.astuple(order), rows))


def withdraw_call(executor: str, token: str, amount: int, receiver: str) -> Call:
    """Encode Executor.withdraw; ETHER is ether, EVERYTHING the whole balance."""
    return Call(executor, "withdraw(address,uint256,address)", (), (token, amount, receiver))


def owner_call(executor: str) -> Call:
    """Ask who owns an Executor."""
    return Call(executor, "owner()", ("address",))


def weth_call(executor: str) -> Call:
    """Ask which token an Executor unwraps to pay the builder."""
    return Call(executor, "weth()", ("address",))


def creation_data(owner: str, weth: str) -> bytes:
    """Return the data of the transaction that deploys an Executor for *owner*, forever."""
    return artefact().bytecode + encode(["address", "address"], [owner, weth])
