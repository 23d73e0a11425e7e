"""Let relays run the signed bytes once the intent is durable: what one of them doesn't allow is not submitted."""

import asyncio
from collections.abc import Sequence

from arbx.engine.drafting import NotTaken
from arbx.errors import ArbxError
from arbx.execution.model import Bundle, Simulation
from arbx.execution.simulation import BundleSimulator
from arbx.ledger import Intent, Journal

__all__ = ["check_signed"]


async def check_signed(
    simulators: Sequence[BundleSimulator], journal: Journal, intent: Intent, bundle: Bundle
) -> None:
    """Ask all at once and write down what they say; raise NotTaken unless all say that it succeeds."""
    if not simulators:
        raise NotTaken("not_simulated", f"{intent.tx_hash} is withheld, and no relay simulates")
    answers = await asyncio.gather(*(_answer(one, bundle) for one in simulators))
    complaints = []
    for simulator, answer in zip(simulators, answers, strict=True):
        if isinstance(answer, ArbxError):
            complaints.append(("not_simulated", f"{simulator.name}: {answer}"))
            continue
        if intent.plan_id is not None:
            journal.record_simulation(intent.plan_id, intent.chain_id, simulator.name, answer)
        if answer.revert is not None:
            complaints.append(("would_revert", f"{simulator.name}: {answer.revert}"))
    for reason, why in complaints:
        waits = f"nonce {intent.nonce} waits until block {intent.last_block} has passed"
        raise NotTaken(reason, f"{why}; {intent.tx_hash} is withheld, {waits}")


async def _answer(simulator: BundleSimulator, bundle: Bundle) -> Simulation | ArbxError:
    try:
        return await simulator.simulate(bundle)
    except ArbxError as error:
        return error
