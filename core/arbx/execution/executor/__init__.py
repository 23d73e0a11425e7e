"""The Executor contract: its source, what the compiler made of it, and how to call it."""

from arbx.execution.executor.artefact import Artefact, artefact
from arbx.execution.executor.contract import (
    ETHER,
    EVERYTHING,
    MAX_STEP_BYTES,
    MAX_STEPS,
    Order,
    Step,
    creation_data,
    execute_call,
    owner_call,
    steps_of,
    weth_call,
    withdraw_call,
)

__all__ = [
    "ETHER",
    "EVERYTHING",
    "MAX_STEPS",
    "MAX_STEP_BYTES",
    "Artefact",
    "Order",
    "Step",
    "artefact",
    "creation_data",
    "execute_call",
    "owner_call",
    "steps_of",
    "weth_call",
    "withdraw_call",
]
