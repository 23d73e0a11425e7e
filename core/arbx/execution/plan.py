"""The plan of one execution, and the EIP-1559 transaction that it becomes."""

from collections.abc import Mapping
from typing import Any

import attrs
from eth_utils.address import to_checksum_address

from arbx.chain.abi import calldata
from arbx.errors import ArbxError
from arbx.execution.executor import Order, Step, execute_call
from arbx.execution.funding import Funding
from arbx.model import Call

__all__ = ["Fees", "Plan", "PlanError", "gas_limit", "transaction", "unsigned"]


class PlanError(ArbxError):
    """Say why there is no plan for an opportunity."""


@attrs.frozen
class Plan:
    """What one transaction will do: the steps, and what the Executor must enforce."""

    chain_id: int
    executor: str
    funding: Funding
    gross_profit: int
    order: Order
    steps: tuple[Step, ...] = attrs.field(repr=lambda steps: f"<{len(steps)} steps>")

    @property
    def target_block(self) -> int:
        """Return the first block in which the plan may run."""
        return self.order.first_block

    def call(self) -> Call:
        """Encode the plan; asked by ``eth_call``, it answers the profit."""
        return execute_call(self.executor, self.order, self.steps)


@attrs.frozen
class Fees:
    """What the owner pays for gas, by EIP-1559."""

    max_fee_per_gas_wei: int
    priority_fee_per_gas_wei: int = attrs.field(validator=attrs.validators.ge(0))

    @priority_fee_per_gas_wei.validator
    def _within(self, _: object, priority_fee: int) -> None:
        if priority_fee > self.max_fee_per_gas_wei:
            raise ValueError(
                f"priority_fee_per_gas_wei: {priority_fee} is above the maximum fee "
                f"{self.max_fee_per_gas_wei}"
            )

    @classmethod
    def within(cls, base_fee_wei: int, priority_fee_wei: int, blocks: int = 1) -> "Fees":
        """
        Return fees that are enough for each of the next *blocks* blocks.

        *base_fee_wei* is the next block's; after it the base fee grows by at most an eighth a block.

        >>> Fees.within(800, 10, blocks=2)
        Fees(max_fee_per_gas_wei=910, priority_fee_per_gas_wei=10)
        """
        grown = blocks - 1
        return cls(-(-base_fee_wei * 9**grown // 8**grown) + priority_fee_wei, priority_fee_wei)

    def raised(self, by_wei: int) -> "Fees":
        """Return fees that pay so much more for each gas to the block's proposer."""
        return Fees(self.max_fee_per_gas_wei + by_wei, self.priority_fee_per_gas_wei + by_wei)


def gas_limit(gas_used: int) -> int:
    """
    Return a limit that is enough for an execution that used *gas_used*.

    Refunds hide up to a fifth of the gas (EIP-3529), and each call keeps back a 64th (EIP-150) in some five
    levels of callbacks: half as much again covers both, and what isn't used isn't paid.
    """
    return gas_used + -(-gas_used // 2)


def transaction(plan: Plan, *, nonce: int, fees: Fees, gas: int) -> Mapping[str, Any]:
    """Return the plan's unsigned EIP-1559 transaction, as key stores take it; *gas* is its limit."""
    data = calldata(plan.call())
    return unsigned(plan.chain_id, plan.executor, data, nonce=nonce, fees=fees, gas=gas)


def unsigned(
    chain_id: int, to: str | None, data: bytes, *, nonce: int, fees: Fees, gas: int
) -> dict[str, Any]:
    """Return an unsigned EIP-1559 transaction; without *to* it creates a contract."""
    # eth-account takes addresses with EIP-55's checksum only
    target = {} if to is None else {"to": to_checksum_address(to)}
    return {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        **target,
        "value": 0,
        "data": "0x" + data.hex(),
        "gas": gas,
        "maxFeePerGas": fees.max_fee_per_gas_wei,
        "maxPriorityFeePerGas": fees.priority_fee_per_gas_wei,
        "accessList": [],
    }
