"""Ledgers that break their promise, each in one way: the crash test must notice."""

import os

import attrs
import sqlalchemy as sa
from crash_hands import WatchedLedger
from eth_utils import keccak

from arbx.ledger import Intent, IntentState
from arbx.ledger.tables import intents, leases


class SendsFirst(WatchedLedger):
    """Write the intent down when the relays have answered."""

    _late = None

    def intend(self, lease, nonce, raw, **about):
        self._late = (lease, nonce, raw), about
        tx_hash = "0x" + keccak(raw).hex()
        return Intent(0, lease.chain_id, lease.signer, nonce, tx_hash, raw, about["last_block"],
                      about["plan_id"], IntentState.OPEN, False, None)  # fmt: skip

    def record_submissions(self, intent, answers):
        if self._late is not None:
            (positional, named), self._late = self._late, None
            intent = super().intend(*positional, **named)
        super().record_submissions(intent, answers)


class SignsAnew(WatchedLedger):
    """Give up, at the start, what can still land: its nonce is then signed again."""

    def acquire(self, chain_id, signer, *, ttl_s):
        lease = super().acquire(chain_id, signer, ttl_s=ttl_s)
        given_up = sa.update(intents).where(intents.c.state == "open").values(state="missed")
        with self.database.writing() as connection:
            connection.execute(given_up)
        return lease


class AsksTheChain(WatchedLedger):
    """Take the nonce from the chain alone, whatever is open."""

    def unsettled(self, chain_id):
        known = super().unsettled(chain_id)
        return tuple(intent for intent in known if intent.state is not IntentState.OPEN)

    def next_nonce(self, chain_id, signer, chain_nonce):
        super().next_nonce(chain_id, signer, chain_nonce)
        return chain_nonce


class Forgets(WatchedLedger):
    """Begin each life with an empty ledger."""

    def __init__(self, url, voice):
        super().__init__(f"{url}.{os.getpid()}", voice)


class Steals(WatchedLedger):
    """Take the lease whoever has it, and for how long ever."""

    def acquire(self, chain_id, signer, *, ttl_s):
        with self.database.writing() as connection:
            connection.execute(sa.update(leases).values(expires_at=self.database.now(connection)))
        return super().acquire(chain_id, signer, ttl_s=ttl_s)


class Unfenced(WatchedLedger):
    """Write with whatever lease is the newest."""

    def renew(self, lease, *, ttl_s):
        return super().renew(self._newest(lease), ttl_s=ttl_s)

    def intend(self, lease, nonce, raw, **about):
        return super().intend(self._newest(lease), nonce, raw, **about)

    def _newest(self, lease):
        with self.database.reading() as connection:
            token = connection.execute(sa.select(leases.c.token)).scalar_one()
        return attrs.evolve(lease, token=token)


SABOTEURS = {
    "sends first": SendsFirst,
    "signs anew": SignsAnew,
    "asks the chain": AsksTheChain,
    "forgets": Forgets,
    "steals": Steals,
    "unfenced": Unfenced,
}
