"""Fund a cycle: by a pool of its own, by a lender, or from the Executor's inventory."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import chain
from typing import Literal

import attrs

from arbx.execution.frames import Frame, approve, transfer
from arbx.execution.settlement import Leg, lends, lent, paid
from arbx.model import Call

__all__ = ["Funding", "Lender", "borrowed", "flash_funded", "from_inventory"]

_E18 = 10**18


class Funding(StrEnum):
    """Where the input of the first hop comes from."""

    FLASH = "flash"
    LENDER = "lender"
    INVENTORY = "inventory"


@attrs.frozen
class Lender:
    """A contract that lends within a transaction; its fee is read from the chain, never assumed."""

    kind: Literal["balancer_v2", "aave_v3"] = attrs.field(
        validator=attrs.validators.in_(("balancer_v2", "aave_v3"))
    )
    address: str
    fee_e18: int = attrs.field(validator=attrs.validators.ge(0))

    def fee(self, amount: int) -> int:
        """Return the fee, rounded up: what is approved too much is taken back at the end."""
        return -(-amount * self.fee_e18 // _E18)


def from_inventory(legs: Sequence[Leg]) -> tuple[Frame, ...]:
    """Take the legs in order, with what the Executor holds."""
    return tuple(chain.from_iterable(map(paid, legs)))


def flash_funded(legs: Sequence[Leg]) -> tuple[Frame, ...] | None:
    """
    Start with the first leg whose pool pays before it is paid; None where there is none.

    A cycle has no beginning but in its accounts: with leg k first, the legs after it end in the cycle's token,
    which pays for the legs before it, and those make what leg k is owed. What is left is the same profit.
    """
    first = next((place for place, leg in enumerate(legs) if lends(leg)), None)
    if first is None:
        return None
    return (lent(legs[first], from_inventory([*legs[first + 1 :], *legs[:first]])),)


def borrowed(legs: Sequence[Leg], lender: Lender, executor: str) -> tuple[Frame, ...]:
    """Borrow the input of the first leg, take the legs, and give it back with the fee."""
    token, amount = legs[0].token_in, legs[0].amount_in
    owed = amount + lender.fee(amount)
    if lender.kind == "balancer_v2":
        # Vault.flashLoan checks its balance afterwards
        arguments = (executor, (token,), (amount,), b"")
        call = Call(lender.address, "flashLoan(address,address[],uint256[],bytes)", (), arguments)
        repay = transfer(token, lender.address, owed)
    else:
        # Pool.flashLoanSimple takes it by transferFrom
        signature = "flashLoanSimple(address,address,uint256,bytes,uint16)"
        call = Call(lender.address, signature, (), (executor, token, amount, b"", 0))
        repay = approve(token, lender.address, owed)
    return (Frame(call, (*from_inventory(legs), Frame(repay))),)
