"""Sign a draft, write the intent down, and only then let the bytes leave; then hear what became of them."""

import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from arbx.chain.signatures import HALF_ORDER, difference, read_transaction
from arbx.engine.attempts import attempt_of
from arbx.engine.clearing import check_signed
from arbx.engine.drafting import NotTaken
from arbx.engine.policy import Draft, Live, Policy, Tell
from arbx.engine.stopwatch import Stopwatch
from arbx.errors import ArbxError, SigningError
from arbx.execution.model import Bundle, Submission, SubmissionStatus
from arbx.execution.plan import transaction
from arbx.execution.submission import bundles_for
from arbx.ledger import Intent, IntentState, Reconciliation, reconcile
from arbx.ledger.settle import Change
from arbx.ledger.tables import inclusions
from arbx.plugins.boundary import answer_of

if TYPE_CHECKING:
    from arbx.chain import BlockRef, Chain

__all__ = ["Sender"]

# A relay in quarantine gets another chance whenever so many blocks have passed: some four minutes.
_RELEASE_BLOCKS = 20
_MISSED = {
    IntentState.MISSED: "its last block has passed",
    IntentState.DEAD: "another transaction has used its nonce",
}
_WITHHELD = "it was never submitted: no simulator had allowed it"
_EVENTS = {
    SubmissionStatus.REJECTED: "bundle_rejected",
    SubmissionStatus.UNKNOWN: "bundle_unknown",
}


class Sender:
    """Send for one signer, whose lease it holds from its making until `close`."""

    def __init__(self, live: Live, chain: "Chain", policy: Policy, tell: Tell) -> None:
        self._store, self._submitter, self._ledger = live.store, live.submitter, live.ledger
        self._simulators = live.simulators
        self._chain, self._policy, self._tell = chain, policy, tell
        self.address = live.store.address.lower()
        self._lease = self._ledger.acquire(chain.chain_id, self.address, ttl_s=policy.lease_s)
        self._renewed_s = time.monotonic()
        self._quarantined: frozenset[str] = frozenset()
        self._settled: BlockRef | None = None
        self._down: dict[str, float] = {}

    async def close(self) -> None:
        """Close the relays, and let the next process begin at once."""
        await self._submitter.close()
        self._ledger.release(self._lease)

    async def recover(self) -> None:
        """
        Hold the ledger against the chain, and send what a crash left open again: the same bytes.

        What is withheld stays here: a simulator refused it, or the crash came before one had answered.
        """
        done = await self._reconciled()
        head, states = done.head.number, [change.state for change in done.changes]
        self._tell(
            "ledger_reconciled",
            chain_id=self._chain.chain_id,
            address=self.address,
            included=states.count(IntentState.INCLUDED),
            missed=states.count(IntentState.MISSED),
            open=len(self._ours(done)),
        )
        for intent in self._ours(done):
            if intent.sendable and intent.last_block is not None and intent.last_block > head:
                ahead = intent.last_block - head
                await self._submitted(intent, head, ahead)

    async def settle(self) -> tuple[Intent, ...]:
        """Keep the lease, tell what the chain says of earlier bundles, and return the open ones."""
        self._keep_the_lease()
        done = await self._reconciled()
        if done.head.number % _RELEASE_BLOCKS == 0:
            self._release()
        return self._ours(done)

    async def _reconciled(self) -> Reconciliation:
        done = await reconcile(
            self._ledger,
            self._chain,
            since=self._settled,
            confirmations=self._policy.confirmations,
        )
        self._settled = done.head
        for change in done.changes:
            self._tell_change(change)
        return done

    def _ours(self, done: Reconciliation) -> tuple[Intent, ...]:
        return tuple(intent for intent in done.open if intent.signer == self.address)

    def _keep_the_lease(self) -> None:
        """Renew it when a third of it is over: each write of an intent looks whether it is still ours."""
        now_s = time.monotonic()
        if now_s - self._renewed_s > self._policy.lease_s / 3:
            self._lease = self._ledger.renew(self._lease, ttl_s=self._policy.lease_s)
            self._renewed_s = now_s

    async def check_gas_money(self, draft: Draft) -> None:
        """Raise NotTaken where the gas may cost more than the owner allows, or than the signer can pay."""
        needed = draft.gas * draft.fees.max_fee_per_gas_wei
        most = self._policy.max_gas_cost_wei
        if most is not None and needed > most:
            self._tell("limit_hit", limit="max_gas_cost_wei", value=needed, threshold=most)
            raise NotTaken("limit_hit", f"the gas may cost {needed} wei", attempt_of(draft))
        balance = await self._chain.balance_wei(self.address)
        if balance < needed:
            self._tell(
                "balance_low", address=self.address, balance_wei=balance, threshold_wei=needed
            )
            why = f"{self.address} has {balance} wei, the gas may cost {needed}"
            raise NotTaken("insufficient_gas_money", why, attempt_of(draft))

    async def send(
        self, draft: Draft, block: int, watch: Stopwatch
    ) -> tuple[Intent, tuple[Submission, ...]]:
        """Sign the draft, write the intent down, submit it; raise NotTaken where nothing was submitted."""
        with watch.stage("record"):
            used = await self._chain.nonce(self.address)
            nonce = self._ledger.next_nonce(self._chain.chain_id, self.address, used)
            journal = self._ledger.journal
            ((_, plan_id),) = journal.record_attempts(block, [attempt_of(draft)])
        self._tell_plan(draft, plan_id, block)
        with watch.stage("sign"):
            raw = await self._signed(draft, nonce, plan_id)
        last_block = draft.plan.order.last_block
        with watch.stage("record"):
            intent = self._ledger.intend(
                self._lease,
                nonce,
                raw,
                last_block=last_block,
                plan_id=plan_id,
                withheld=bool(self._simulators),
            )
        self._tell(
            "bundle_signed",
            plan_id=plan_id,
            tx_hash=intent.tx_hash,
            nonce=nonce,
            target_block=block + 1,
        )
        if intent.withheld:
            with watch.stage("simulate"):
                intent = await self._cleared(intent, block)
        with watch.stage("send"):
            answers = await self._submitted(intent, block, self._policy.blocks)
        return intent, answers

    async def _cleared(self, intent: Intent, block: int) -> Intent:
        """Return the intent, no longer withheld; raise NotTaken where a simulator doesn't allow it."""
        (bundle,) = _bundles(intent, block, 1)
        try:
            await check_signed(self._simulators, self._ledger.journal, intent, bundle)
        except NotTaken as error:
            self._tell("plan_failed", plan_id=intent.plan_id, stage="simulate", reason=str(error))
            raise
        finally:
            self._tell_quarantined("simulate")
        return self._ledger.allow(self._lease, intent)

    async def _signed(self, draft: Draft, nonce: int, plan_id: int) -> bytes:
        unsigned = transaction(draft.plan, nonce=nonce, fees=draft.fees, gas=draft.gas)
        try:
            raw = await answer_of(
                "key store", "sign", self._store.sign(unsigned), timeout_s=self._policy.timeout_s
            )
            _check_bytes(raw, unsigned, self.address)
        except ArbxError as error:
            self._tell("signing_failed", plan_id=plan_id, address=self.address, reason=str(error))
            raise NotTaken("not_signed", str(error)) from error
        return raw

    async def _submitted(self, intent: Intent, block: int, count: int) -> tuple[Submission, ...]:
        answers = await self._submitter.submit(_bundles(intent, block, count))
        self._ledger.record_submissions(intent, answers)
        for answer in answers:
            self._tell_answer(intent, answer)
        self._tell_quarantined("submit")
        return answers

    def _tell_quarantined(self, where: str) -> None:
        fallen = self._submitter.failures.quarantined - self._quarantined
        self._quarantined |= fallen
        for relay in sorted(fallen):
            self._tell("plugin_quarantined", plugin=relay, where=where, failures=3)

    def _tell_plan(self, draft: Draft, plan_id: int, block: int) -> None:
        gross, net = draft.gross_profit, draft.net_profit
        of = {"plan_id": plan_id, "profit_token": draft.plan.order.token}
        self._tell("plan_made", **of, block=block, target_block=block + 1, gross_profit=gross)
        used = draft.simulation.gas_used
        self._tell("plan_simulated", **of, state_block=block, gas_used=used, net_profit=net)

    def _release(self) -> None:
        for relay in sorted(self._quarantined):
            self._submitter.failures.release(relay)
            self._tell("plugin_released", plugin=relay)
        self._quarantined = frozenset()

    def _tell_answer(self, intent: Intent, answer: Submission) -> None:
        about = {
            "plan_id": intent.plan_id,
            "relay": answer.relay,
            "target_block": answer.bundle.target_block,
        }
        self._tell("bundle_submitted", **about, tx_hash=intent.tx_hash)
        self._tell_health(answer)
        if answer.status in _EVENTS:
            self._tell(_EVENTS[answer.status], **about, reason=answer.reason or "no reason given")
        else:
            hashed = answer.bundle_hash
            self._tell("bundle_accepted", **about, bundle_hash=hashed, latency_s=answer.latency_s)

    def _tell_health(self, answer: Submission) -> None:
        relay, now_s = answer.relay, time.monotonic()
        if answer.status is SubmissionStatus.UNKNOWN:
            if relay not in self._down:
                self._tell("relay_failed", relay=relay, reason=answer.reason or "no reason given")
            self._down.setdefault(relay, now_s)
        elif relay in self._down:
            self._tell("relay_recovered", relay=relay, down_s=now_s - self._down.pop(relay))

    def _tell_change(self, change: Change) -> None:
        intent = change.intent
        about = {"plan_id": intent.plan_id, "tx_hash": intent.tx_hash}
        if change.state in _MISSED:
            why = _WITHHELD if intent.withheld else _MISSED[change.state]
            self._tell("bundle_missed", **about, target_block=intent.last_block, reason=why)
            return
        query = sa.select(inclusions).where(
            inclusions.c.intent_id == intent.id, inclusions.c.canonical
        )
        with self._ledger.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:  # reorganised away: it is open again
            return
        if change.state is IntentState.INCLUDED:
            plan = None if intent.plan_id is None else self._ledger.journal.plan(intent.plan_id)
            about |= {"profit_token": None if plan is None else plan.token}
            self._tell("bundle_included", **about, block=row.block, net_profit=row.realised_profit)
        else:
            cost = row.gas_used * row.effective_gas_price_wei
            why = "it failed in its block; gas was paid for nothing"
            self._tell("bundle_reverted", **about, block=row.block, gas_cost_wei=cost, reason=why)


def _bundles(intent: Intent, block: int, count: int) -> tuple[Bundle, ...]:
    # the name is the transaction's, so that after a crash the same bundle is sent again
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, intent.tx_hash))
    return bundles_for([intent.raw], block=block, count=count, replacement_uuid=name)


def _check_bytes(raw: bytes, asked: Mapping[str, object], signer: str) -> None:
    """Raise SigningError unless these are the bytes that were asked for: the key store may be anybody's."""
    try:
        signed = read_transaction(raw)
    except ValueError as error:
        raise SigningError(f"the key store's bytes are {error}") from None
    wrong = difference(signed, asked)
    if signed.signer != signer:
        wrong = f"the signed bytes recover to {signed.signer}, not to {signer}"
    if signed.s > HALF_ORDER:
        wrong = "s is in the upper half, which no node takes (EIP-2)"
    if wrong is not None:
        raise SigningError(f"the key store signed something else: {wrong}; use another one")
