"""The ledger's frozen nouns."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs

from arbx.execution.model import Simulation
from arbx.model import Opportunity

__all__ = ["Attempt", "Intent", "IntentState", "Lease", "PlanRecord", "Skip"]

_Q96 = 2**96


class IntentState(StrEnum):
    """
    Say what is known of signed bytes.

    open: they can still land. included, reverted: they have landed, the nonce is theirs. missed: their last block has
    passed. dead: other bytes have used the nonce. Only after missed or dead may the nonce be signed again.
    """

    OPEN = "open"
    INCLUDED = "included"
    REVERTED = "reverted"
    MISSED = "missed"
    DEAD = "dead"


@attrs.frozen
class Intent:
    """
    Signed bytes that may leave the house, written down before they do.

    *last_block* is the last block that they can land in, when they are only ever in bundles; None when the public
    mempool may keep them for ever. *final* says that no reorganisation is expected to change the state any more.
    *withheld* says that no simulator has allowed the bytes to be submitted: they may be in a relay's hands, so the
    nonce is theirs, but arbx sends them to nobody.
    """

    id: int
    chain_id: int
    signer: str
    nonce: int
    tx_hash: str
    raw: bytes = attrs.field(repr=lambda raw: f"<{len(raw)} signed>")
    last_block: int | None
    plan_id: int | None
    state: IntentState
    final: bool
    recorded_at: datetime
    withheld: bool = False

    @property
    def sendable(self) -> bool:
        """Tell whether these bytes may be sent, also again after a crash."""
        return self.state is IntentState.OPEN and not self.withheld

    @property
    def landed(self) -> bool:
        """Tell whether the chain has them."""
        return self.state in (IntentState.INCLUDED, IntentState.REVERTED)


@attrs.frozen
class Lease:
    """
    The right to send for one signer, until *expires_at* or the next renewal.

    *token* grows with each holder; what an earlier holder writes is refused by it.
    """

    chain_id: int
    signer: str
    holder: str
    token: int
    expires_at: datetime


@attrs.frozen
class Skip:
    """Say why an opportunity was not taken."""

    reason: str = attrs.field()
    chain_id: int
    block: int
    opportunity_id: int | None = None
    detail: str = ""

    @reason.validator
    def _is_a_word(self, _: Any, reason: str) -> None:
        if not (reason.isidentifier() and reason.islower() and len(reason) <= 64):
            raise ValueError(f"reason: {reason!r} is not like profit_below_gas")


@attrs.frozen
class PlanRecord:
    """
    What a plan promised when it was made, in the profit token's smallest unit.

    *token_per_wei_x96* turns wei into that unit (2**96 when the token is wrapped ether), once for the plan: a price
    that moves later is not counted as gas.
    """

    chain_id: int
    target_block: int
    token: str
    gross_profit: int
    gas_cost: int
    builder_payment: int
    min_profit: int
    gas_limit: int
    max_fee_per_gas_wei: int
    priority_fee_per_gas_wei: int
    token_per_wei_x96: int = _Q96
    opportunity_id: int | None = None

    @property
    def net_profit(self) -> int:
        """Return the profit after gas and builder payment."""
        return self.gross_profit - self.gas_cost - self.builder_payment


@attrs.frozen
class Attempt:
    """An opportunity, the plan that was made for it, and what a simulator said of that plan: taken or not."""

    opportunity: Opportunity
    plan: PlanRecord
    simulator: str
    simulation: Simulation
