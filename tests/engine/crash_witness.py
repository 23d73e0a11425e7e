"""Watch the relay and the lives from a process that is never killed, and say what was broken."""

from bisect import bisect_right
from collections import defaultdict
from urllib.parse import urlsplit

import attrs
import sqlalchemy as sa

from arbx.ledger.tables import LIVE, intents
from arbx.testing.localchain.rpc import Rpc
from arbx.testing.relay import decode_signed

# Policy.confirmations: so many blocks after its last one a bundle's nonce is free again.
CONFIRMATIONS = 2


@attrs.frozen
class Sighting:
    """Bytes at the relay, the chain's newest block, and what the ledger had for their nonce, all at that moment."""

    kind: str
    nonce: int
    tx_hash: str
    target_block: int
    head: int
    rows: dict

    def complaints(self):
        if self.tx_hash not in self.rows:
            yield f"nonce {self.nonce}: {self.tx_hash} reached the relay before its intent was durable"
        elif self.kind == "submit" and self.rows[self.tx_hash].withheld:
            yield f"nonce {self.nonce}: {self.tx_hash} was submitted although it is withheld"
        for other in self.rows.keys() - {self.tx_hash}:
            if self.rows[other].state in LIVE:
                yield f"nonce {self.nonce}: {self.tx_hash} was sent while {other} was live"


class Witness(list):
    """Take the place of `LocalRelay.heard`: look into the ledger before the relay even answers."""

    def __init__(self, rpc, ledger):
        super().__init__()
        self.sightings = []
        self._rpc = Rpc(urlsplit(rpc).port)
        self._engine = sa.create_engine(_read_only(ledger))

    def append(self, heard):
        super().append(heard)
        self.sightings += [self._seen(heard, raw) for raw in heard.transactions]

    def close(self):
        self._rpc.close()
        self._engine.dispose()

    def _seen(self, heard, text):
        sent = decode_signed(bytes.fromhex(text[2:]))
        rows = self._rows(sent.nonce)
        head = int(self._rpc.ask("eth_blockNumber"), 16)
        return Sighting(heard.kind, sent.nonce, sent.hash, int(heard.target_block, 16), head, rows)

    def _rows(self, nonce):
        query = sa.select(intents.c.tx_hash, intents.c.state, intents.c.withheld)
        try:
            with self._engine.connect() as connection:
                found = connection.execute(query.where(intents.c.nonce == nonce))
                return {row.tx_hash: row for row in found}
        except sa.exc.OperationalError:  # there is no ledger yet
            return {}


def _read_only(url):
    if url.startswith("sqlite:///"):
        return url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
    return url


@attrs.define
class Testimony:
    """What the lives said before they were killed."""

    leases: list = attrs.field(factory=list)
    intents: dict = attrs.field(factory=dict)
    allowed: set = attrs.field(factory=set)
    submissions: dict = attrs.field(factory=lambda: defaultdict(int))
    ends: list = attrs.field(factory=list)
    lives: list = attrs.field(factory=list)
    opened: bool = False

    def begin(self, pid, sightings):
        """Note that a life begins when the relay has seen so much."""
        self.lives.append((pid, sightings))

    def sent_again(self, sightings):
        """Count the bytes that the relay saw from a life after the one that wrote them down."""
        born = {pid: number for number, (pid, _) in enumerate(self.lives)}
        starts = [seen for _, seen in self.lives]
        newest = {seen.tx_hash: bisect_right(starts, n) - 1 for n, seen in enumerate(sightings)}
        return sum(newest.get(h, -1) > born[pid] for h, (pid, *_) in self.intents.items())

    def hear(self, pid, word, rest):
        if word == "opened":
            self.opened = True
        elif word == "lease":
            token, since, until = rest.split()
            self.leases.append((pid, int(token), float(since), float(until)))
        elif word == "intent":
            nonce, tx_hash, token = rest.split()
            self.intents[tx_hash] = pid, int(nonce), int(token)
        elif word == "allowed":
            self.allowed.add(rest)
        elif word == "submissions":
            tx_hash, count = rest.split()
            self.submissions[tx_hash] += int(count)
        elif word == "ended":
            self.ends.append((pid, rest))


def two_for_one_nonce(sightings):
    """Say of each nonce whether other bytes came while the earlier ones could still land, or the earlier came back."""
    newest = {}
    for seen in sightings:
        before = newest.get(seen.nonce, [])
        if not before or before[-1][0] != seen.tx_hash:
            if seen.tx_hash in [tx_hash for tx_hash, _ in before]:
                yield f"nonce {seen.nonce}: {seen.tx_hash} came back after other bytes"
            if before and seen.head < before[-1][1] + CONFIRMATIONS:
                yield f"nonce {seen.nonce}: signed again at block {seen.head}, good until {before[-1][1]}"
            before = [*before, (seen.tx_hash, seen.target_block)]
        else:
            before = [*before[:-1], (seen.tx_hash, max(before[-1][1], seen.target_block))]
        newest[seen.nonce] = before


def lost_rows(testimony, facts):
    """Say which rows were durable once and are not there any more."""
    known = {intent.tx_hash: intent for intent in facts.intents}
    for tx_hash, (_, nonce, _) in testimony.intents.items():
        if tx_hash not in known or known[tx_hash].nonce != nonce:
            yield f"nonce {nonce}: the intent {tx_hash} is lost"
    for tx_hash in testimony.allowed & known.keys():
        if known[tx_hash].withheld:
            yield f"{tx_hash}: that it is allowed is lost"
    for tx_hash, count in testimony.submissions.items():
        if tx_hash in known and facts.submissions.get(known[tx_hash].id, 0) < count:
            yield f"{tx_hash}: some of {count} submissions are lost"
    for intent in facts.intents:
        if intent.plan_id not in facts.plans:
            yield f"nonce {intent.nonce}: its plan {intent.plan_id} is lost"


def stolen_leases(testimony):
    """Say of each lease whether it began before the one before had expired, or its token is not newer."""
    held = {}
    newest, ends = 0, 0.0
    for pid, token, since, until in testimony.leases:
        if token != held.get(pid):  # not only renewed
            if token <= newest:
                yield f"{pid} has lease {token}, no newer than {newest}"
            if since < ends - 1e-3:
                yield f"{pid} took lease {token} before the one before had expired"
            held[pid], newest, ends = token, token, 0.0
        ends = max(ends, until)
