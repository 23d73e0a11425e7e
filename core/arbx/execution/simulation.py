"""Simulate a plan before it is signed, and the signed bytes before they are submitted; else nothing is sent."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

from arbx.chain.abi import calldata, decode
from arbx.errors import ArbxError, RelayError
from arbx.execution.model import Bundle, Simulation, TransactionResult
from arbx.execution.plan import Plan
from arbx.execution.reverts import reason_said, revert_reason
from arbx.execution.submission import Submitter, unsigned_words

if TYPE_CHECKING:
    from arbx.chain import Chain

__all__ = [
    "BundleSimulator",
    "NodeSimulator",
    "RelaySimulator",
    "SimulationError",
    "Simulator",
    "profit_of",
]


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


@runtime_checkable
class BundleSimulator(Protocol):
    """
    Say what signed bytes would do: once their intent is in the ledger, and before they are submitted.

    Who runs them has them. So they are withheld until all agree, and their nonce is theirs in any case.
    """

    @property
    def name(self) -> str:
        """Return the name that the ledger knows it by."""

    async def simulate(self, bundle: Bundle) -> Simulation:
        """Return what the bundle does in its block; raise ArbxError where that is unknown."""


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


@attrs.frozen
class RelaySimulator:
    """Ask one relay of the submitter to run the bundle, by its own view of the chain."""

    submitter: Submitter
    relay: str

    @property
    def name(self) -> str:
        """Return ``relay:`` and the name of the relay's section."""
        return f"relay:{self.relay}"

    async def simulate(self, bundle: Bundle) -> Simulation:
        """Return what the relay says; raise RelayError unless it is plainly about this bundle in this block."""
        try:
            done = await self.submitter.simulate(self.relay, bundle)
        except ArbxError as error:
            # what a plugin raises may repeat what it sent
            raise RelayError(unsigned_words(error)) from None
        if done.state_block != bundle.target_block - 1:
            raise RelayError(
                f"{self.relay} simulated on block {done.state_block}, and block "
                f"{bundle.target_block} follows another one"
            )
        if tuple(result.tx_hash.lower() for result in done.results) != bundle.tx_hashes:
            raise RelayError(f"{self.relay} simulated other transactions than those of the bundle")
        return attrs.evolve(done, results=tuple(map(_in_words, done.results)))


def _in_words(result: TransactionResult) -> TransactionResult:
    return (
        result
        if result.revert is None
        else attrs.evolve(result, revert=reason_said(result.revert))
    )


def profit_of(simulation: Simulation) -> int:
    """Return what Executor.execute answered; raise SimulationError unless it plainly succeeded."""
    if simulation.revert is not None:
        raise SimulationError(simulation.revert)
    answer = decode(("uint256",), simulation.results[-1].output) if simulation.results else None
    if answer is None:
        raise SimulationError("the answer is no profit; is there an Executor at that address?")
    return int(answer[0])
