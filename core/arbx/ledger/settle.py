"""Write down what the chain says of intents: states, inclusions, and what a reorganisation took back."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from arbx.ledger.explain import Costs, Executed, explain, in_token
from arbx.ledger.model import Intent, IntentState
from arbx.ledger.store import Ledger, intent_of
from arbx.ledger.tables import LIVE, inclusions, intents, plans

if TYPE_CHECKING:
    from arbx.chain import Receipt

__all__ = ["Change", "Verdict", "settle"]


@attrs.frozen
class Verdict:
    """What the chain says of an intent as it was in the ledger when it was judged."""

    intent: Intent
    state: IntentState
    receipt: "Receipt | None"
    final: bool

    @property
    def landed(self) -> bool:
        """Tell whether the chain has these bytes."""
        return self.receipt is not None


@attrs.frozen
class Change:
    """An intent before and after; *reorged* when an inclusion was taken back or moved."""

    intent: Intent
    state: IntentState
    reorged: bool = False


def settle(
    ledger: Ledger, verdicts: Sequence[Verdict], profits: Mapping[int, Executed | None]
) -> tuple[Change, ...]:
    """Write all verdicts down in one transaction, and return what they changed."""
    changes: list[Change] = []
    if not any(_says_something(verdict) for verdict in verdicts):
        return ()
    with ledger.database.writing() as connection:
        now = ledger.database.now(connection)
        # Those without a receipt first: they free the nonce that the others claim.
        for verdict in sorted(verdicts, key=lambda verdict: verdict.landed):
            reorged = _take_back(connection, verdict)
            if verdict.receipt is not None:
                changes += _bury_rivals(connection, verdict.intent)
                values = _inclusion(connection, verdict, profits.get(verdict.intent.id))
                if values:
                    connection.execute(sa.insert(inclusions).values(recorded_at=now, **values))
            moved = _move(connection, verdict)
            if reorged or (moved and verdict.state is not verdict.intent.state):
                changes.append(Change(verdict.intent, verdict.state, reorged))
    return tuple(changes)


def _says_something(verdict: Verdict) -> bool:
    return (
        verdict.landed or verdict.final or verdict.intent.landed
    ) or verdict.state is not verdict.intent.state


def _take_back(connection: sa.Connection, verdict: Verdict) -> bool:
    """Say of an inclusion in a block that is no longer canonical that it isn't; tell whether there was one."""
    gone = sa.update(inclusions).where(
        inclusions.c.intent_id == verdict.intent.id, inclusions.c.canonical
    )
    if verdict.receipt is not None:
        gone = gone.where(inclusions.c.block_hash != verdict.receipt.block_hash)
    return connection.execute(gone.values(canonical=False)).rowcount > 0


def _bury_rivals(connection: sa.Connection, winner: Intent) -> list[Change]:
    rivals = (
        intents.c.chain_id == winner.chain_id,
        intents.c.signer == winner.signer,
        intents.c.nonce == winner.nonce,
        intents.c.id != winner.id,
        intents.c.state.in_(LIVE),
    )
    found = connection.execute(sa.select(intents).where(*rivals)).mappings()
    buried = [Change(intent_of(dict(row)), IntentState.DEAD) for row in found]
    if buried:
        update = sa.update(intents).where(*rivals)
        connection.execute(update.values(state=IntentState.DEAD.value, final=False))
    return buried


def _move(connection: sa.Connection, verdict: Verdict) -> bool:
    """Change the intent's state unless somebody has since it was judged; tell whether it was done."""
    judged = verdict.intent
    update = sa.update(intents).where(
        intents.c.id == judged.id, intents.c.state == judged.state.value
    )
    if verdict.state is IntentState.OPEN and judged.state is IntentState.DEAD:
        # What killed it was reorganised away; but the nonce may have gone to other bytes meanwhile.
        other = intents.alias("other")
        update = update.where(
            ~sa.exists().where(
                other.c.chain_id == judged.chain_id,
                other.c.signer == judged.signer,
                other.c.nonce == judged.nonce,
                other.c.state.in_(LIVE),
            )
        )
    values = {"state": verdict.state.value, "final": verdict.final}
    return connection.execute(update.values(**values)).rowcount > 0


def _inclusion(
    connection: sa.Connection, verdict: Verdict, paid: Executed | None
) -> dict[str, Any] | None:
    """Return the new row, or None where the ledger has it already."""
    receipt, intent = verdict.receipt, verdict.intent
    known = sa.select(inclusions.c.id).where(
        inclusions.c.intent_id == intent.id, inclusions.c.canonical
    )
    if receipt is None or connection.execute(known).first() is not None:
        return None
    return {
        "intent_id": intent.id,
        "block": receipt.block,
        "block_hash": receipt.block_hash,
        "status": verdict.state.value,
        "gas_used": receipt.gas_used,
        "effective_gas_price_wei": receipt.effective_gas_price_wei,
        "canonical": True,
        **_difference(connection, intent, receipt, paid),
    }


def _difference(
    connection: sa.Connection, intent: Intent, receipt: "Receipt", paid: Executed | None
) -> dict[str, int]:
    if intent.plan_id is None:
        return {}
    plan = connection.execute(sa.select(plans).where(plans.c.id == intent.plan_id)).one_or_none()
    if plan is None or (receipt.succeeded and paid is None):
        return {}
    expected = Costs(plan.gross_profit, plan.gas_cost, plan.builder_payment)
    kept = paid if paid is not None and receipt.succeeded else Executed(0, 0)
    payment = in_token(kept.payment_wei, plan.token_per_wei_x96)
    gas_cost = in_token(receipt.gas_cost_wei, plan.token_per_wei_x96)
    realised = Costs(kept.profit + payment, gas_cost, payment)
    return attrs.asdict(explain(expected, realised, failed=not receipt.succeeded))
