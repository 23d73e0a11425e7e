"""Plan, simulate and limit one opportunity: a draft to sign, or the reason why there is none."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import attrs

from arbx.engine.attempts import attempt, attempt_of
from arbx.engine.policy import Draft, Policy
from arbx.engine.stopwatch import Stopwatch
from arbx.engine.worth import costed
from arbx.errors import ArbxError
from arbx.execution.model import Simulation
from arbx.execution.plan import Fees, Plan, PlanError, gas_limit
from arbx.execution.planner import Terms, limited, plan
from arbx.execution.simulation import SimulationError, Simulator, profit_of
from arbx.ledger import Attempt
from arbx.market.valuation import NotValued, Valuation
from arbx.model import Opportunity, PoolState
from arbx.plugins.boundary import blame
from arbx.protocols import PoolSource

__all__ = ["Drafter", "NotTaken"]

# a transaction that does nothing: 21000 gas (Ethereum Yellow Paper, appendix G)
_LEAST_GAS = 21_000


class NotTaken(ArbxError):
    """Carry the reason, a word, why an opportunity is not taken, what was said, and what was tried."""

    def __init__(self, reason: str, detail: str = "", attempt: Attempt | None = None) -> None:
        self.reason, self.detail, self.attempt = reason, detail, attempt
        super().__init__(f"{reason}: {detail}" if detail else reason)


@contextmanager
def _valued() -> Iterator[None]:
    try:
        yield
    except NotValued as error:
        raise NotTaken("token_not_valued", str(error)) from error


@attrs.frozen
class Drafter:
    """
    Make drafts for one signer.

    *sources* and *owners* are by the pool's address: what encodes its swap, and the name to blame for it.
    """

    simulator: Simulator
    terms: Terms
    policy: Policy
    signer: str
    sources: Mapping[str, PoolSource]
    owners: Mapping[str, str]

    async def draft(
        self,
        opportunity: Opportunity,
        states: Mapping[str, PoolState],
        fees: Fees,
        watch: Stopwatch,
        valuation: Valuation,
        *,
        block: int,
        deadline_s: int,
    ) -> Draft:
        """Return the draft for the next blocks; raise NotTaken with the reason where there is none."""
        self._check_worth(opportunity, fees, valuation)
        with watch.stage("plan"):
            first = self._planned(opportunity, states, block, deadline_s)
        with watch.stage("simulate"):
            simulation = await self._simulated(first, block)
        with watch.stage("plan"), _valued():
            return self._drafted(opportunity, first, simulation, fees, valuation)

    async def _simulated(self, first: Plan, block: int) -> Simulation:
        try:
            return await self.simulator.simulate(first, sender=self.signer, block=block)
        except ArbxError as error:
            # fail closed: what nobody could simulate is not signed
            raise NotTaken("not_simulated", str(error)) from error

    def _drafted(
        self,
        opportunity: Opportunity,
        first: Plan,
        simulation: Simulation,
        fees: Fees,
        valuation: Valuation,
    ) -> Draft:
        token, gas_used = first.order.token, simulation.gas_used
        simulated = (self.simulator.name, simulation)
        try:
            profit = profit_of(simulation)
        except SimulationError as error:
            costs, fees = costed(token, 0, gas_used, fees, self.terms, valuation)
            tried = attempt(opportunity, first, simulated, costs, fees, first.gross_profit)
            raise NotTaken("would_revert", str(error), tried) from error
        costs, fees = costed(token, profit, gas_used, fees, self.terms, valuation)
        gross_profit = profit + first.order.max_payment_wei
        try:
            final = limited(first, costs, self.terms)
        except PlanError as error:
            tried = attempt(opportunity, first, simulated, costs, fees, gross_profit)
            raise NotTaken("profit_below_gas", str(error), tried) from error
        name, gas = self.simulator.name, gas_limit(gas_used)
        made = Draft(opportunity, final, simulation, name, costs, fees, gas, gross_profit)
        least = valuation.of(token).units_for(self.policy.min_net_profit_wei)
        if made.net_profit < least:
            why = f"{made.net_profit} units of {token} after gas and payment, below {least}"
            raise NotTaken("profit_below_minimum", why, attempt_of(made))
        return made

    def _check_worth(self, opportunity: Opportunity, fees: Fees, valuation: Valuation) -> None:
        token, profit = opportunity.cycle.token.address, opportunity.gross_profit
        with _valued():
            least = valuation.of(token).units_for(_LEAST_GAS * fees.max_fee_per_gas_wei)
        if profit <= least:
            raise NotTaken("profit_below_gas", f"{profit} units of {token}, gas over {least}")

    def _planned(
        self,
        opportunity: Opportunity,
        states: Mapping[str, PoolState],
        block: int,
        deadline_s: int,
    ) -> Plan:
        names = {self.owners.get(hop.pool.address, "?") for hop in opportunity.cycle.hops}
        try:
            with blame(" or ".join(sorted(names)), "swap"):
                return plan(
                    opportunity,
                    states,
                    self.sources,
                    self.terms,
                    target_block=block + 1,
                    last_block=block + self.policy.blocks,
                    deadline_s=deadline_s,
                )
        except ArbxError as error:
            raise NotTaken("not_planned", str(error)) from error
