"""The engine: one block after the other along the straight line."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from arbx.chain import Follower, observe
from arbx.engine.attempts import record_skipped
from arbx.engine.cooling import Cooling
from arbx.engine.drafting import Drafter, NotTaken
from arbx.engine.policy import Draft, Live, Outcome, Policy, Skipped, Tell
from arbx.engine.preflight import check_executor, check_key
from arbx.engine.sending import Sender
from arbx.engine.stopwatch import Stopwatch
from arbx.engine.worth import by_worth
from arbx.errors import ChainError, ConfigError, PluginError
from arbx.execution.plan import Fees
from arbx.execution.planner import Terms
from arbx.execution.simulation import NodeSimulator, Simulator
from arbx.ledger import LedgerError
from arbx.market import Market
from arbx.model import Opportunity
from arbx.protocols import PoolSource

if TYPE_CHECKING:
    from arbx.chain import BlockRef, Chain, Observation
    from arbx.chain.follow import Update

__all__ = ["Engine"]

_LONGEST_WAIT_S = 30.0


class Engine:
    """
    Take each block from its states to its submissions; without *live* stop after the simulation.

    ::

        engine = Engine(chain, sources, market, terms, Policy(), signer=owner, tell=alerts.tell)
        await engine.start()
        async for outcome in engine.run():
            print(outcome)
    """

    def __init__(
        self,
        chain: "Chain",
        sources: Mapping[str, PoolSource],
        market: Market,
        terms: Terms,
        policy: Policy,
        *,
        signer: str,
        tell: Tell,
        live: Live | None = None,
        simulator: Simulator | None = None,
    ) -> None:
        self._chain, self._sources, self._market = chain, dict(sources), market
        self._terms, self._policy, self._tell = terms, policy, tell
        self._signer, self._live = signer.lower(), live
        self._simulator = simulator or NodeSimulator(chain)
        self._sender: Sender | None = None
        self._follower: Follower | None = None
        self._drafter: Drafter | None = None
        self._watch = Stopwatch()
        self._cooling = Cooling()

    async def start(self) -> None:
        """Check what must be right, unlock the key, recover from the last end, and read every pool."""
        if self._chain.chain_id != self._terms.chain_id:
            raise ConfigError(
                f"the endpoint serves chain {self._chain.chain_id}, the plans are for chain "
                f"{self._terms.chain_id}; correct one of them"
            )
        if self._live and self._live.store.address.lower() != self._signer:
            raise ConfigError(f"the key is {self._live.store.address}, not {self._signer}")
        await check_executor(self._chain, self._terms, self._signer)
        if self._live is not None:
            await check_key(self._live.store)
            self._sender = Sender(self._live, self._chain, self._policy, self._tell)
            await self._sender.recover()
        self._begin(await observe(self._sources, self._chain))
        self._tell(
            "engine_started",
            chain_id=self._chain.chain_id,
            address=self._signer,
            live=self._sender is not None,
        )

    async def stop(self, reason: str = "it was told to") -> None:
        """Let the signer go."""
        if self._sender is not None:
            await self._sender.close()
        if self._follower is not None:
            await self._follower.close()
        block = self._follower.block.number if self._follower else None
        self._tell("engine_stopped", chain_id=self._chain.chain_id, block=block, reason=reason)

    async def run(
        self, *, blocks: int | None = None, poll_s: float = 0.5
    ) -> AsyncIterator[Outcome]:
        """
        Yield the outcome of each new block, of the present one first; end after so many *blocks*.

        While no node answers, nothing is decided, and the next try waits longer each time.
        """
        seen, done, wait_s = -1, 0, poll_s
        while blocks is None or done < blocks:
            try:
                newest = await self._chain.block_number()
                outcome = None if newest == seen else await self.on_block()
            except ChainError as error:
                self._tell("block_missed", chain_id=self._chain.chain_id, reason=str(error))
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            else:
                seen, wait_s = newest, poll_s
                if outcome is not None:
                    done += 1
                    yield outcome
                    continue
            await asyncio.sleep(wait_s)

    async def on_block(self) -> Outcome:
        """Take the newest block along the straight line; a ledger that fails stops trading."""
        self._watch = Stopwatch()
        try:
            return await self._line()
        except LedgerError as error:
            self._tell("trading_stopped", reason=str(error))
            raise

    async def _line(self) -> Outcome:
        update = await self._observe()
        found = self._search(update)
        opened = await self._settle()
        if opened:
            skipped = [Skipped(one, "intent_open", opened) for one in found]
            return self._outcome(update.block, found, skipped)
        draft, skipped = await self._choose(found, update.block)
        if draft is None or self._sender is None:
            return self._outcome(update.block, found, skipped, draft)
        try:
            await self._sender.check_gas_money(draft)
            intent, answers = await self._sender.send(draft, update.block.number, self._watch)
        except NotTaken as error:
            self._skip(skipped, draft.opportunity, error, update.block.number)
            return self._outcome(update.block, found, skipped, draft)
        outcome = self._outcome(update.block, found, skipped, draft)
        return attrs.evolve(outcome, intent=intent, submissions=answers)

    async def _observe(self) -> "Update":
        follower = self._following
        before = follower.block
        with self._watch.stage("observe"):
            update = await follower.advance()
        if update.reread:
            depth = max(before.number - update.block.number, 0) + 1
            chain_id, number = self._chain.chain_id, update.block.number
            self._tell("reorg_seen", chain_id=chain_id, block=number, depth=depth)
        self._tell_failures(update.failures)
        if update.discovered:
            self._drafter = self._drafting(follower.owners)
            chain_id, number, count = (
                self._chain.chain_id,
                update.block.number,
                len(update.discovered),
            )
            self._tell("pools_discovered", chain_id=chain_id, block=number, pools=count)
        self._tell(
            "block_observed",
            chain_id=self._chain.chain_id,
            block=update.block.number,
            pools=len(update.changed),
            latency_s=self._watch.spent_s["observe"],
        )
        return update

    def _search(self, update: "Update") -> list[Opportunity]:
        """Price what changed, search and size the cycles through it, and return the best of all."""
        with self._watch.stage("search"):
            self._market.remove(update.removed)
            self._market.update(update.changed)
            # those that rest take nobody's place
            resting = self._cooling.resting(update.block.number)
            found = self._market.opportunities(self._policy.candidates + resting)
        sizing_s = self._market.sizing_s
        self._watch.add("search", -sizing_s)
        self._watch.add("size", sizing_s)
        for one in found:
            self._tell(
                "opportunity_found",
                block=update.block.number,
                cycle=_named(one),
                amount_in=one.optimum.amount_in,
                gross_profit=one.gross_profit,
                upper_bound=one.optimum.upper_bound,
            )
        return found

    async def _settle(self) -> str:
        """Hear what became of earlier bundles; say which can still land, or nothing."""
        if self._sender is None:
            return ""
        with self._watch.stage("settle"):
            left = await self._sender.settle()
        return ", ".join(f"nonce {intent.nonce} can still land" for intent in left)

    async def _choose(
        self, found: Sequence[Opportunity], block: "BlockRef"
    ) -> tuple[Draft | None, list[Skipped]]:
        """Plan, simulate and limit the opportunities, the most worth first; return the first that holds."""
        base_fee = await self._chain.next_base_fee_wei() if found else 0
        fees = Fees.within(base_fee, self._policy.priority_fee_wei, self._policy.blocks)
        states = self._following.states
        with self._watch.stage("search"):
            depth_wei = self._policy.valuation_depth_wei
            valuation = self._market.valuation(self._terms.weth, depth_wei=depth_wei)
            ranked, skipped = by_worth(found, valuation)
        ranked = self._awake(ranked, block.number, skipped)
        deadline_s = block.timestamp_s + self._policy.deadline_s
        assert self._drafter is not None  # start() made it
        at = {"block": block.number, "deadline_s": deadline_s}
        for one in ranked[: self._policy.candidates]:
            try:
                draft = await self._drafter.draft(one, states, fees, self._watch, valuation, **at)
            except NotTaken as error:
                self._skip(skipped, one, error, block.number)
            else:
                self._cooling.held(one.cycle)
                return draft, skipped
        return None, skipped

    def _awake(
        self, ranked: Sequence[Opportunity], block: int, skipped: list[Skipped]
    ) -> list[Opportunity]:
        """Return those that don't rest after reverts, and add the others to *skipped*."""
        awake = []
        for one in ranked:
            until = self._cooling.until(one.cycle)
            if until > block:
                skipped.append(Skipped(one, "reverted_lately", f"it rests until block {until}"))
            else:
                awake.append(one)
        return awake

    def _skip(self, skipped: list[Skipped], one: Opportunity, why: NotTaken, block: int) -> None:
        if why.reason == "would_revert":
            self._cooling.reverted(one.cycle, block)
        skipped.append(Skipped(one, why.reason, why.detail, why.attempt))

    def _outcome(
        self,
        block: "BlockRef",
        found: Sequence[Opportunity],
        skipped: Sequence[Skipped],
        draft: Draft | None = None,
    ) -> Outcome:
        chain_id = self._chain.chain_id
        for skip in skipped:
            cycle, reason = _named(skip.opportunity), skip.reason
            self._tell("opportunity_skipped", block=block.number, cycle=cycle, reason=reason)
        if self._live is not None:
            record_skipped(self._live.ledger.journal, chain_id, block.number, skipped)
        return Outcome(
            block.number,
            len(found),
            tuple(skipped),
            draft,
            timings_s=self._watch.spent_s,
            whole_s=self._watch.whole_s(),
        )

    def _begin(self, seen: "Observation") -> None:
        self._tell_failures(seen.failures)
        often = self._policy.rediscover_blocks
        self._follower = Follower(self._sources, self._chain, seen, rediscover_blocks=often)
        self._drafter = self._drafting(seen.owners)
        self._market.update(seen.states)

    def _drafting(self, owners: Mapping[str, str]) -> Drafter:
        sources = {address: self._sources[name] for address, name in owners.items()}
        return Drafter(self._simulator, self._terms, self._policy, self._signer, sources, owners)

    def _tell_failures(self, failures: Sequence[PluginError]) -> None:
        for failure in failures:
            self._tell(
                "plugin_failed", plugin=failure.plugin, where=failure.where, reason=failure.why
            )

    @property
    def _following(self) -> Follower:
        if self._follower is None:
            raise ConfigError("the engine has not begun; await engine.start() first")
        return self._follower


def _named(found: Opportunity) -> str:
    return " ".join(hop.pool.address for hop in found.cycle.hops)
