"""Sum up what a ledger says: profit, inclusion rate, latency, by relay and by exchange."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa

from arbx.ledger.store import Ledger
from arbx.ledger.tables import inclusions, intents, opportunities, plans, skips, submissions

__all__ = ["ByExchange", "ByRelay", "ByToken", "Profit", "Report", "percentile", "report"]

Number = TypeVar("Number", int, float)


@attrs.define
class ByToken:
    """
    Sum up what was signed for the profit of one token, in its smallest unit.

    *withheld* was never submitted, because a simulator didn't allow it: it is neither open nor missed.
    """

    token: str
    open: int = 0
    included: int = 0
    reverted: int = 0
    missed: int = 0
    dead: int = 0
    withheld: int = 0
    unexplained: int = 0
    expected_profit: int = 0
    realised_profit: int = 0
    moved_state: int = 0
    gas: int = 0
    builder_payment: int = 0
    failed: int = 0

    @property
    def inclusion_rate(self) -> float | None:
        """Return the share of what is settled that was included."""
        settled = self.included + self.reverted + self.missed + self.dead
        return self.included / settled if settled else None


@attrs.define
class ByRelay:
    """Sum up one relay's answers; *included* are intents that it had accepted, by whomever they were built."""

    relay: str
    accepted: int = 0
    rejected: int = 0
    unknown: int = 0
    cancelled: int = 0
    intents: set[int] = attrs.field(factory=set)
    included: set[int] = attrs.field(factory=set)
    latencies_us: list[int] = attrs.field(factory=list)

    def latency_us(self, percent: int) -> int | None:
        """Return a percentile of the time that answers took."""
        return percentile(self.latencies_us, percent)


@attrs.define
class ByExchange:
    """Sum up one exchange; a cycle through several counts, with its whole profit, for each of them."""

    exchange: str
    opportunities: int = 0
    intents: int = 0
    included: int = 0
    profits: Counter[str] = attrs.field(factory=Counter)


@attrs.frozen
class Profit:
    """One explained inclusion, for the plot."""

    recorded_at: datetime
    token: str
    expected: int
    realised: int


@attrs.frozen
class Report:
    """What a ledger says since a time."""

    tokens: tuple[ByToken, ...]
    relays: tuple[ByRelay, ...]
    exchanges: tuple[ByExchange, ...]
    skips: tuple[tuple[str, int], ...]
    profits: tuple[Profit, ...]


def report(ledger: Ledger, since: datetime | None = None) -> Report:
    """Read what was recorded since then, by default all, and sum it up."""
    with ledger.database.reading() as connection:
        sent = _sent(connection, since)
        reasons = connection.execute(
            sa.select(skips.c.reason, sa.func.count())
            .where(*_since(skips, since))
            .group_by(skips.c.reason)
            .order_by(sa.func.count().desc(), skips.c.reason)
        )
        return Report(
            _tokens(sent),
            _relays(connection, since),
            _exchanges(connection, sent, since),
            tuple((reason, count) for reason, count in reasons),
            _profits(sent),
        )


def percentile(values: Sequence[Number], percent: int) -> Number | None:
    """
    Return the nearest-rank percentile, None of no values.

    >>> percentile([30, 10, 20], 50), percentile([30, 10, 20], 99)
    (20, 30)
    """
    ordered = sorted(values)
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(rank - 1, 0)] if ordered else None


def _since(table: sa.Table, since: datetime | None) -> list[sa.ColumnElement[bool]]:
    return [] if since is None else [table.c.recorded_at >= since]


def _sent(connection: sa.Connection, since: datetime | None) -> Sequence[Any]:
    landed = sa.and_(inclusions.c.intent_id == intents.c.id, inclusions.c.canonical)
    joined = (
        intents.outerjoin(plans, plans.c.id == intents.c.plan_id)
        .outerjoin(opportunities, opportunities.c.id == plans.c.opportunity_id)
        .outerjoin(inclusions, landed)
    )
    columns = (
        intents.c.state,
        intents.c.withheld,
        plans.c.token,
        opportunities.c.exchanges,
        inclusions.c.recorded_at,
        inclusions.c.expected_profit,
        inclusions.c.realised_profit,
        inclusions.c.moved_state,
        inclusions.c.gas,
        inclusions.c.builder_payment,
        inclusions.c.failed,
    )
    query = sa.select(*columns).select_from(joined).where(*_since(intents, since))
    return connection.execute(query.order_by(intents.c.id)).all()


def _tokens(sent: Sequence[Any]) -> tuple[ByToken, ...]:
    lines: dict[str, ByToken] = {}
    for row in sent:
        token = row.token or "unknown"
        line = lines.setdefault(token, ByToken(token))
        landed = row.state in ("included", "reverted")
        name = "withheld" if row.withheld and not landed else row.state
        setattr(line, name, getattr(line, name) + 1)
        if row.realised_profit is None:
            line.unexplained += landed
            continue
        line.expected_profit += row.expected_profit
        line.realised_profit += row.realised_profit
        line.moved_state += row.moved_state
        line.gas += row.gas
        line.builder_payment += row.builder_payment
        line.failed += row.failed
    return tuple(lines[token] for token in sorted(lines))


def _relays(connection: sa.Connection, since: datetime | None) -> tuple[ByRelay, ...]:
    query = (
        sa.select(submissions, intents.c.state)
        .join(intents, intents.c.id == submissions.c.intent_id)
        .where(*_since(submissions, since))
        .order_by(submissions.c.id)
    )
    lines: dict[str, ByRelay] = {}
    for row in connection.execute(query):
        line = lines.setdefault(row.relay, ByRelay(row.relay))
        setattr(line, row.status, getattr(line, row.status) + 1)
        line.intents.add(row.intent_id)
        if row.status == "accepted" and row.state == "included":
            line.included.add(row.intent_id)
        line.latencies_us.append(row.latency_us)
    return tuple(lines[relay] for relay in sorted(lines))


def _exchanges(
    connection: sa.Connection, sent: Sequence[Any], since: datetime | None
) -> tuple[ByExchange, ...]:
    lines: defaultdict[str, ByExchange] = defaultdict(lambda: ByExchange(""))
    seen = (
        sa.select(opportunities.c.exchanges, sa.func.count())
        .where(*_since(opportunities, since))
        .group_by(opportunities.c.exchanges)
    )
    for exchanges, count in connection.execute(seen):
        for name in set(exchanges.split(",")):
            lines[name].opportunities += count
    for row in sent:
        for name in set(row.exchanges.split(",")) if row.exchanges else ():
            lines[name].intents += 1
            lines[name].included += row.state == "included"
            if row.realised_profit is not None:
                lines[name].profits[row.token] += row.realised_profit
    return tuple(attrs.evolve(lines[name], exchange=name) for name in sorted(lines))


def _profits(sent: Sequence[Any]) -> tuple[Profit, ...]:
    explained = (row for row in sent if row.realised_profit is not None)
    profits = (
        Profit(row.recorded_at, row.token, row.expected_profit, row.realised_profit)
        for row in explained
    )
    return tuple(sorted(profits, key=lambda profit: profit.recorded_at))
