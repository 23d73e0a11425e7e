"""Simulate a plan before anything is signed; what can't be simulated is not sent."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

from arbx.chain.abi import calldata, decode
from arbx.errors import ArbxError
from arbx.execution.model import Simulation, TransactionResult
from arbx.execution.plan import Plan
from arbx.execution.reverts import revert_reason

if TYPE_CHECKING:
    from arbx.chain import Chain

__all__ = ["NodeSimulator", "SimulationError", "Simulator", "profit_of"]


class SimulationError(ArbxError):
    """Say why a simulation does not allow the plan to be signed."""


@runtime_checkable
class Simulator(Protocol):
    """Say what a plan would do, on top of a block."""

    @property
    def name(self) -> str:
        """Return the name that the ledger knows it by."""

    async def simulate(self, plan: Plan, *, sender: str, block: int) -> Simulation:
        """Return what the plan does in the block after *block*; raise ArbxError where that is unknown."""


@attrs.frozen
class NodeSimulator:
    """Ask the node to run the plan in the next block, by ``eth_simulateV1``."""

    chain: "Chain"
    name: str = "node"

    async def simulate(self, plan: Plan, *, sender: str, block: int) -> Simulation:
        """Return what the plan does; it has no transaction hash, because nothing is signed."""
        call = plan.call()
        done = await self.chain.simulate(sender, call.target, calldata(call), block=block)
        revert = None if done.succeeded else revert_reason(done.output)
        result = TransactionResult("", done.gas_used, done.output, revert)
        return Simulation(block, (result,), done.gas_used)


def profit_of(simulation: Simulation) -> int:
    """Return what Executor.execute answered; raise SimulationError unless it plainly succeeded."""
    if simulation.revert is not None:
        raise SimulationError(simulation.revert)
    answer = decode(("uint256",), simulation.results[-1].output) if simulation.results else None
    if answer is None:
        raise SimulationError("the answer is no profit; is there an Executor at that address?")
    return int(answer[0])
