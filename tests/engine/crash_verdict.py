"""Hold what lives said, what the relay saw and what the chain did against the ledger."""

from collections import Counter

import attrs
import sqlalchemy as sa
from crash_witness import Witness, lost_rows, stolen_leases, two_for_one_nonce
from crash_world import Killer

from arbx.chain import Chain
from arbx.ledger import Ledger, reconcile
from arbx.ledger.audit import audit
from arbx.ledger.tables import inclusions, plans, submissions


@attrs.frozen
class Facts:
    """What the ledger holds in the end, and the wei that the executor has by it."""

    intents: tuple
    submissions: dict
    plans: set
    kept: int
    sound: bool


@attrs.frozen
class Verdict:
    complaints: tuple
    intents: tuple
    open: tuple

    @property
    def states(self):
        return Counter(intent.state.value for intent in self.intents)


@attrs.frozen
class Scene:
    """One ledger, its lives, and all that is held against them."""

    floor: object
    witness: Witness
    killer: Killer

    @property
    def told(self):
        return self.killer.told

    async def verdict(self):
        """Let everything land or expire, reconcile as any start does, and say what was broken."""
        self.floor.relay.behave()
        for _ in range(8):  # Killer's bundles aim at five blocks at most; then two confirmations
            self.floor.relay.build()
        with Ledger(self.floor.ledger_url) as ledger:
            async with await Chain.connect(self.floor.chain.url) as chain:
                done = await reconcile(ledger, chain)
                disagreements = await audit(ledger, chain, self.floor.store.address)
            facts = _facts(ledger, chain.chain_id, self.floor.store.address)
        return Verdict((*disagreements, *self._broken(facts)), facts.intents, done.open)

    def _broken(self, facts):
        told, sightings = self.told, self.witness.sightings
        yield from (f"{pid} ended by itself: {why}" for pid, why in told.ends)
        yield from (wrong for seen in sightings for wrong in seen.complaints())
        yield from two_for_one_nonce(sightings)
        yield from lost_rows(told, facts)
        yield from stolen_leases(told)
        if facts.kept != self.floor.held():
            yield f"the ledger says {facts.kept} wei, the chain {self.floor.held()}"
        if not facts.sound:
            yield "the ledger's file is damaged"


def _facts(ledger, chain_id, signer):
    answers = sa.select(submissions.c.intent_id, sa.func.count().label("number"))
    with ledger.database.reading() as connection:
        counted = connection.execute(answers.group_by(submissions.c.intent_id)).all()
        planned = set(connection.execute(sa.select(plans.c.id)).scalars())
        rows = connection.execute(sa.select(inclusions).where(inclusions.c.canonical)).all()
        sound = ledger.database.dialect != "sqlite" or (
            connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        )
    # what the executor keeps pays the gas; the ledger's profit is what is left of both
    kept = sum(row.realised_profit + row.gas_used * row.effective_gas_price_wei for row in rows)
    ours = ledger.intents(chain_id, signer)
    return Facts(ours, {row.intent_id: row.number for row in counted}, planned, kept, sound)
