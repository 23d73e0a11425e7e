"""What the owner wants of the engine, and what the engine says of one block."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import attrs

from arbx.execution.model import Simulation, Submission
from arbx.execution.plan import Fees, Plan
from arbx.execution.planner import Costs
from arbx.model import Opportunity
from arbx.protocols import KeyStore

if TYPE_CHECKING:
    from arbx.execution.simulation import BundleSimulator
    from arbx.execution.submission import Submitter
    from arbx.ledger import Attempt, Intent, Ledger

__all__ = ["Draft", "Live", "Outcome", "Policy", "Skipped", "Tell"]

_positive = attrs.validators.ge(1)


class Tell(Protocol):
    """Tell what happens to whom it concerns, as `arbx.telemetry.alerts.Alerts.tell` does."""

    def __call__(self, event: str, /, **fields: object) -> None:
        """Never wait, never raise."""


@attrs.frozen
class Policy:
    """
    Say how far the engine goes.

    Bundles aim at the next *blocks* blocks. At most *candidates* opportunities are planned and simulated in a block.
    Only pools that are *valuation_depth_wei* deep say what another token than wrapped ether is worth.
    Every *rediscover_blocks*, unless 0, the sources look for new pools.
    *max_gas_cost_wei* is the most that the gas of one transaction may cost, whatever comes of it.
    *confirmations* is how many more blocks a missed bundle's nonce waits, in case its block is built again.
    """

    priority_fee_wei: int = attrs.field(default=10**9, validator=attrs.validators.ge(0))
    min_net_profit_wei: int = attrs.field(default=1, validator=_positive)
    max_gas_cost_wei: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(_positive)
    )
    blocks: int = attrs.field(default=1, validator=_positive)
    candidates: int = attrs.field(default=4, validator=_positive)
    valuation_depth_wei: int = attrs.field(default=10**18, validator=_positive)
    rediscover_blocks: int = attrs.field(default=300, validator=attrs.validators.ge(0))
    confirmations: int = attrs.field(default=2, validator=attrs.validators.ge(0))
    deadline_s: int = attrs.field(default=120, validator=_positive)
    timeout_s: float = attrs.field(default=5.0, validator=attrs.validators.gt(0))
    lease_s: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))


@attrs.frozen
class Live:
    """
    What it takes to really send: who signs, who submits, who remembers.

    All *simulators* must say of the signed bytes that they succeed before those are submitted.
    """

    store: KeyStore
    submitter: "Submitter"
    ledger: "Ledger"
    simulators: "tuple[BundleSimulator, ...]" = ()


@attrs.frozen
class Skipped:
    """
    Say why one opportunity was not taken; *reason* is a word, *detail* what was said about it.

    *attempt* is what was planned and simulated before, where that is not yet in the ledger.
    """

    opportunity: Opportunity
    reason: str
    detail: str = ""
    attempt: "Attempt | None" = None


@attrs.frozen
class Draft:
    """A plan that was simulated and limited: ready to be signed. *gas* is the transaction's limit."""

    opportunity: Opportunity
    plan: Plan
    simulation: Simulation
    simulator: str
    costs: Costs
    fees: Fees
    gas: int
    gross_profit: int

    @property
    def net_profit(self) -> int:
        """Return what is left after gas and the builder's payment."""
        return self.gross_profit - self.costs.gas_cost - self.plan.order.max_payment_wei


@attrs.frozen
class Outcome:
    """What one block came to; *timings_s* is how long each stage took, *whole_s* all of it."""

    block: int
    found: int
    skipped: tuple[Skipped, ...] = ()
    draft: Draft | None = None
    intent: "Intent | None" = None
    submissions: tuple[Submission, ...] = ()
    timings_s: Mapping[str, float] = MappingProxyType({})
    whole_s: float = 0.0
