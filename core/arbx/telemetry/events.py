"""
The catalogue of events: name, severity, fields.

Logs, alerts and the ledger use these names and these words. The table is data, so that the page that documents it
and the tests that send every event are held to it.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import attrs

from arbx.public import public

__all__ = ["EVENTS", "EventKind", "Severity", "event_kind"]


@public
class Severity(IntEnum):
    """
    Say how much an event matters to a human.

    >>> Severity.named("error") > Severity.WARNING
    True
    """

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    CRITICAL = 50

    @classmethod
    def named(cls, word: str) -> "Severity":
        """Return the severity of that name."""
        return cls[word.upper()]

    @property
    def word(self) -> str:
        """Return the name as configuration, logs and messages write it."""
        return self.name.lower()


@public
@attrs.frozen
class EventKind:
    """Describe one event: what it is called, how much it matters, which fields it carries."""

    name: str
    severity: Severity
    fields: tuple[str, ...]
    meaning: str

    def missing(self, fields: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of the fields that are not there."""
        return tuple(name for name in self.fields if name not in fields)


def event_kind(name: str) -> EventKind:
    """
    Return the kind of an event; one that the catalogue has not, such as a plugin's own, is worth an INFO.

    >>> event_kind("bundle_included").severity.word
    'info'
    """
    return EVENTS.get(name) or EventKind(name, Severity.INFO, (), "")


def _kind(name: str, severity: Severity, fields: str, meaning: str) -> EventKind:
    return EventKind(name, severity, tuple(fields.split()), meaning)


_DEBUG, _INFO = Severity.DEBUG, Severity.INFO
_WARNING, _ERROR, _CRITICAL = Severity.WARNING, Severity.ERROR, Severity.CRITICAL

_CATALOGUE = (
    _kind("block_observed", _DEBUG, "chain_id block pools latency_s",
          "A block was seen and the states of its changed pools are known."),
    _kind("pools_discovered", _INFO, "chain_id block pools",
          "Pools that are new to their sources take part from this block on."),
    _kind("opportunity_found", _DEBUG, "block cycle amount_in gross_profit upper_bound",
          "A cycle pays, before gas."),
    _kind("opportunity_skipped", _DEBUG, "block cycle reason",
          "A cycle that pays is not taken; the reason says why."),
    _kind("plan_made", _DEBUG, "block plan_id target_block gross_profit profit_token",
          "A route became calls of the executor."),
    _kind("plan_simulated", _DEBUG, "plan_id state_block gas_used net_profit profit_token",
          "The plan was simulated and does what it should."),
    _kind("plan_failed", _WARNING, "plan_id stage reason",
          "A simulation did not allow the plan, or its signed bytes; nothing was submitted."),
    _kind("bundle_signed", _DEBUG, "plan_id tx_hash nonce target_block",
          "The transaction was signed, and its intent is in the ledger."),
    _kind("bundle_submitted", _INFO, "plan_id relay tx_hash target_block",
          "The bundle was sent to a relay."),
    _kind("bundle_accepted", _INFO, "plan_id relay bundle_hash target_block latency_s",
          "The relay took the bundle; that says nothing of inclusion."),
    _kind("bundle_rejected", _WARNING, "plan_id relay target_block reason",
          "The relay refused the bundle."),
    _kind("bundle_unknown", _WARNING, "plan_id relay target_block reason",
          "No clear answer came: the relay may have the bundle."),
    _kind("bundle_included", _INFO, "plan_id tx_hash block net_profit profit_token",
          "The chain has the transaction, and it succeeded."),
    _kind("bundle_missed", _INFO, "plan_id tx_hash target_block reason",
          "The last target block passed without the transaction."),
    _kind("bundle_reverted", _ERROR, "plan_id tx_hash block gas_cost_wei reason",
          "The chain has the transaction, and it reverted: gas was paid for nothing."),
    _kind("relay_failed", _WARNING, "relay reason",
          "A relay did not answer, or answered nonsense; told again only after it has recovered."),
    _kind("relay_recovered", _INFO, "relay down_s",
          "A relay that had failed answers again."),
    _kind("block_missed", _ERROR, "chain_id reason",
          "No node answered, so nothing was decided on a block; it is tried again."),
    _kind("rpc_endpoint_failed", _WARNING, "endpoint reason",
          "A node failed several times in a row, hung, or lags; the next one in the list is asked."),
    _kind("rpc_endpoint_recovered", _INFO, "endpoint down_s",
          "A node that had failed is asked again."),
    _kind("plugin_failed", _WARNING, "plugin where reason",
          "A plugin failed; what it should have given is left out."),
    _kind("plugin_quarantined", _ERROR, "plugin where failures",
          "A plugin failed several times in a row and is asked no more for now."),
    _kind("plugin_released", _INFO, "plugin",
          "A plugin in quarantine is asked again."),
    _kind("limit_hit", _WARNING, "limit value threshold",
          "A limit of the risk settings was reached, and is kept."),
    _kind("trading_stopped", _CRITICAL, "reason",
          "Nothing is signed or sent any more until a human has looked."),
    _kind("reorg_seen", _WARNING, "chain_id block depth",
          "Blocks that were observed are no longer in the chain."),
    _kind("signing_failed", _ERROR, "plan_id address reason",
          "The key store did not sign."),
    _kind("balance_low", _WARNING, "address balance_wei threshold_wei",
          "The signer can soon not pay its gas."),
    _kind("ledger_reconciled", _INFO, "chain_id address included missed open",
          "At the start the ledger was held against the chain: what it learnt, and what is still open."),
    _kind("alerts_dropped", _WARNING, "sink count",
          "A sink was not told of so many events: too many at once, or it was too slow."),
    _kind("engine_started", _INFO, "chain_id address live",
          "The engine begins; live says whether bundles are really sent."),
    _kind("engine_stopped", _INFO, "chain_id block reason",
          "The engine ends."),
)  # fmt: skip

EVENTS: Mapping[str, EventKind] = MappingProxyType({kind.name: kind for kind in _CATALOGUE})
