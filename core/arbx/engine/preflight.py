"""Check what must be right before anything is sent: each finding names its cure."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from arbx.chain.signatures import message_signer
from arbx.errors import ArbxError, ConfigError
from arbx.execution.executor.ownership import Holdings, holdings
from arbx.execution.planner import Terms
from arbx.execution.submission import unsigned_words
from arbx.plugins.boundary import answer_of
from arbx.protocols import KeyStore, Probeable, Relay

if TYPE_CHECKING:
    from arbx.chain import Chain
    from arbx.chain.survey import Health

__all__ = [
    "Finding",
    "check_executor",
    "check_key",
    "clock_finding",
    "executor_complaints",
    "node_findings",
    "relay_findings",
]

# One block is what a node may hear of a moment after another.
_MOST_BLOCKS_BEHIND = 1
# A head that is older means that the node doesn't follow, or that this machine's clock is wrong.
_MOST_BEHIND_S = 90
# A human may have to type a password.
_UNLOCK_S = 120.0
_MESSAGE = b"arbx: this signature opens the key for trading, and is worth nothing"


@attrs.frozen
class Finding:
    """Say of one thing whether it is right, and what was found; *text* names the cure where it isn't."""

    what: str
    right: bool
    text: str


async def check_executor(chain: "Chain", terms: Terms, signer: str) -> Holdings:
    """Return the Executor's holdings; raise ConfigError where the signer can't trade with it."""
    found = await holdings(chain, terms.executor)
    for complaint in executor_complaints(found, terms.weth, signer):
        raise ConfigError(complaint)
    return found


async def check_key(store: KeyStore) -> None:
    """
    Let the key store sign a message; raise ConfigError where another key did.

    A store that unlocks its key at the first signature has that behind it when the first bundle is due.
    """
    call = store.sign_message(_MESSAGE)
    signature = await answer_of("key store", "sign_message", call, timeout_s=_UNLOCK_S)
    try:
        signer = message_signer(_MESSAGE, signature)
    except ValueError as error:
        raise ConfigError(f"the key store's answer is {error}; use another one") from None
    if signer != store.address.lower():
        raise ConfigError(
            f"the key store says that it is {store.address}, and signs as {signer}; use another one"
        )


def executor_complaints(found: Holdings, weth: str, signer: str) -> Sequence[str]:
    """Return what keeps the signer from trading with an Executor, each with the cure."""
    complaints = []
    if not found.genuine:
        complaints.append(
            f"the code at {found.address} is not this arbx's Executor; deploy one with "
            "`arbx executor deploy`"
        )
    if found.owner != signer:
        complaints.append(
            f"the Executor {found.address} obeys {found.owner}, the signer is {signer}; "
            "use the owner's key, or deploy another Executor"
        )
    if found.weth != weth:
        complaints.append(
            f"the Executor {found.address} pays builders with {found.weth}, the configuration "
            f"says weth = {weth}; correct it"
        )
    return complaints


async def clock_finding(chain: "Chain") -> Finding:
    """Compare this machine's clock with the newest block's."""
    block = await chain.block()
    behind_s = int(time.time()) - block.timestamp_s
    right = -15 <= behind_s <= _MOST_BEHIND_S
    text = f"block {block.number} is {behind_s} s old"
    cure = "; does the node follow the chain, and is this machine's clock right?"
    return Finding("clock", right, text + ("" if right else cure))


async def node_findings(chain: "Chain") -> list[Finding]:
    """Ask each endpoint for its chain, its newest block and how long that takes; say which one lags."""
    from arbx.chain.survey import survey  # it brings web3

    found = await survey(chain.endpoints)
    newest = max(health.block for health in found)
    return [_node_finding(health, chain.chain_id, newest) for health in found]


def _node_finding(health: "Health", chain_id: int, newest: int) -> Finding:
    if health.trouble:
        return Finding("node", False, health.trouble)
    text = f"{health.name} serves chain {health.chain_id}"
    if health.chain_id != chain_id:
        return Finding("node", False, f"{text}, the others chain {chain_id}; correct its URL")
    text += f", block {health.block}, in {health.latency_s * 1e3:.0f} ms"
    behind = newest - health.block
    if behind > _MOST_BLOCKS_BEHIND:
        cure = "is it synchronised? It is not asked for blocks that it lacks"
        return Finding("node", False, f"{text}; it lags {behind} blocks: {cure}")
    return Finding("node", True, text)


async def relay_findings(
    relays: Mapping[str, Relay], *, timeout_s: float = 15.0
) -> tuple[Finding, ...]:
    """Ask each relay that can be asked whether it answers, all at once; nothing is submitted."""
    asked = (_relay_finding(name, relay, timeout_s) for name, relay in relays.items())
    return tuple(await asyncio.gather(*asked))


async def _relay_finding(name: str, relay: Relay, timeout_s: float) -> Finding:
    what = f"relay {name}"
    if not isinstance(relay, Probeable):
        return Finding(what, True, "can't be probed; whether it answers shows with a bundle")
    try:
        said = await answer_of(name, "probe", relay.probe(), timeout_s=timeout_s)
    except ArbxError as error:
        return Finding(what, False, unsigned_words(error))
    return Finding(what, True, unsigned_words(said))
