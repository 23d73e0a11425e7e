"""What was seen and decided, block by block: facts that are only ever added."""

from collections.abc import Iterable
from typing import Any

import attrs
import sqlalchemy as sa

from arbx.execution.model import Simulation
from arbx.ledger.columns import plain
from arbx.ledger.database import Database
from arbx.ledger.model import Attempt, PlanRecord, Skip
from arbx.ledger.tables import opportunities, plans, simulations, skips
from arbx.model import Opportunity

__all__ = ["Journal"]


class Journal:
    """Write down opportunities, skips, plans and simulations; each answer is the row's number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record_opportunities(self, block: int, found: Iterable[Opportunity]) -> list[int]:
        """Write down what was found at *block*, in one transaction."""
        return self._add(opportunities, [_opportunity(block, one) for one in found])

    def record_skips(self, reasons: Iterable[Skip]) -> list[int]:
        """Write down why opportunities were not taken, in one transaction."""
        return self._add(skips, [_skip(skip) for skip in reasons])

    def record_attempts(self, block: int, attempts: Iterable[Attempt]) -> list[tuple[int, int]]:
        """Write down what was planned and simulated at *block*, in one transaction; return opportunity and plan."""
        tried = list(attempts)
        if not tried:
            return []
        with self._database.writing() as connection:
            found = self._added(
                connection, opportunities, [_opportunity(block, one.opportunity) for one in tried]
            )
            planned = [
                attrs.asdict(one.plan) | {"opportunity_id": number}
                for one, number in zip(tried, found, strict=True)
            ]
            made = self._added(connection, plans, planned)
            simulated = [
                _simulation(number, one.plan.chain_id, one.simulator, one.simulation)
                for one, number in zip(tried, made, strict=True)
            ]
            self._added(connection, simulations, simulated)
        return list(zip(found, made, strict=True))

    def record_plan(self, plan: PlanRecord) -> int:
        """Write down what a plan promises."""
        return self._add(plans, [attrs.asdict(plan)])[0]

    def record_simulation(
        self, plan_id: int, chain_id: int, simulator: str, result: Simulation
    ) -> int:
        """Write down what the plan would do, as *simulator* sees it."""
        return self._add(simulations, [_simulation(plan_id, chain_id, simulator, result)])[0]

    def plan(self, plan_id: int) -> PlanRecord | None:
        """Return the plan with that number, or None when its month was dropped."""
        query = sa.select(plans).where(plans.c.id == plan_id)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        names = [field.name for field in attrs.fields(PlanRecord)]
        return None if row is None else PlanRecord(**{name: row[name] for name in names})

    def _add(self, table: sa.Table, rows: list[dict[str, Any]]) -> list[int]:
        if not rows:
            return []
        with self._database.writing() as connection:
            return self._added(connection, table, rows)

    def _added(
        self, connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]
    ) -> list[int]:
        now = self._database.now(connection)
        insert = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        added = connection.execute(insert, [row | {"recorded_at": now} for row in rows])
        return [int(number) for number in added.scalars()]


def _simulation(plan_id: int, chain_id: int, simulator: str, result: Simulation) -> dict[str, Any]:
    return {
        "chain_id": chain_id,
        "plan_id": plan_id,
        "simulator": plain(simulator, 64),
        "state_block": result.state_block,
        "gas_used": result.gas_used,
        "coinbase_payment_wei": result.coinbase_payment_wei,
        "revert": plain(result.revert, 1_000),
    }


def _skip(skip: Skip) -> dict[str, Any]:
    return attrs.asdict(skip) | {"detail": plain(skip.detail, 1_000)}


def _opportunity(block: int, found: Opportunity) -> dict[str, Any]:
    hops = found.cycle.hops
    return {
        "chain_id": hops[0].pool.chain_id,
        "block": block,
        "token": found.cycle.token.address,
        "exchanges": ",".join(hop.pool.dex or hop.pool.kind for hop in hops),
        "cycle": found.as_json()["cycle"],
        "amount_in": found.optimum.amount_in,
        "gross_profit": found.gross_profit,
        "upper_bound": found.optimum.upper_bound,
    }
