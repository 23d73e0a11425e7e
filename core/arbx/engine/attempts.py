"""Write down each plan that was simulated, taken or not, and why opportunities are skipped."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from arbx.engine.policy import Draft, Skipped
from arbx.execution.model import Simulation
from arbx.execution.plan import Fees, Plan, gas_limit
from arbx.execution.planner import Costs
from arbx.ledger import Attempt, PlanRecord, Skip
from arbx.model import Opportunity

if TYPE_CHECKING:
    from arbx.ledger import Journal

__all__ = ["attempt", "attempt_of", "record_skipped"]


def attempt_of(draft: Draft) -> Attempt:
    """Return a draft as the ledger keeps it."""
    return attempt(
        draft.opportunity,
        draft.plan,
        (draft.simulator, draft.simulation),
        draft.costs,
        draft.fees,
        draft.gross_profit,
    )


def attempt(
    opportunity: Opportunity,
    plan: Plan,
    simulated: tuple[str, Simulation],
    costs: Costs,
    fees: Fees,
    gross_profit: int,
) -> Attempt:
    """Return a plan, and what the simulator of that name said of it, as the ledger keeps them."""
    order, (simulator, simulation) = plan.order, simulated
    record = PlanRecord(
        chain_id=plan.chain_id,
        target_block=order.first_block,
        token=order.token,
        gross_profit=gross_profit,
        gas_cost=costs.gas_cost,
        builder_payment=order.max_payment_wei,
        min_profit=order.min_profit,
        gas_limit=gas_limit(costs.gas_used),
        max_fee_per_gas_wei=fees.max_fee_per_gas_wei,
        priority_fee_per_gas_wei=fees.priority_fee_per_gas_wei,
        token_per_wei_x96=costs.token_per_wei_x96,
    )
    return Attempt(opportunity, record, simulator, simulation)


def record_skipped(
    journal: "Journal", chain_id: int, block: int, skipped: Sequence[Skipped]
) -> None:
    """Write down what was simulated for nothing, and the reasons of all that was skipped."""
    tried = [(i, one.attempt) for i, one in enumerate(skipped) if one.attempt is not None]
    numbers = journal.record_attempts(block, [made for _, made in tried])
    found = {i: number for (i, _), (number, _) in zip(tried, numbers, strict=True)}
    journal.record_skips(
        Skip(one.reason, chain_id, block, found.get(i), one.detail)
        for i, one in enumerate(skipped)
    )
