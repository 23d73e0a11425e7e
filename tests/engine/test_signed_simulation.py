"""A relay runs the signed bytes before they are submitted; what it doesn't allow never leaves, crash or no crash."""

import attrs
import pytest
import sqlalchemy as sa

import arbx
from arbx.errors import ChainError
from arbx.execution.simulation import RelaySimulator
from arbx.execution.submission import Submitter
from arbx.ledger import IntentState, Ledger, LedgerError, reconcile
from arbx.ledger.audit import audit
from arbx.ledger.export import rows_of
from arbx.ledger.report import report
from arbx.ledger.tables import simulations
from arbx.testing.relay import Fault


def by_relay(submitter):
    return (RelaySimulator(submitter, "local"),)


def simulated(ledger):
    """Return who simulated what, in order: simulator and the reason of the revert."""
    query = sa.select(simulations).order_by(simulations.c.id)
    with ledger.database.reading() as connection:
        return [(row.simulator, row.revert) for row in connection.execute(query)]


def heard(floor):
    return [request.kind for request in floor.relay.heard]


@attrs.frozen
class LocksWhileItSigns:
    """A key store that takes its time: meanwhile every pair gets locked."""

    inner: object
    floor: object

    @property
    def address(self):
        return self.inner.address

    async def sign(self, transaction):
        # UniswapV2Pair's slot 12
        for pool in self.floor.market.of("uniswap_v2"):
            word = "0x" + "00" * 32
            self.floor.chain.rpc.ask("anvil_setStorageAt", pool.address, hex(12), word)
        return await self.inner.sign(transaction)

    async def sign_message(self, message):
        return await self.inner.sign_message(message)


@pytest.fixture
def locking(floor):
    return attrs.evolve(floor, store=LocksWhileItSigns(floor.store, floor))


async def test_what_the_relay_runs_without_a_revert_is_submitted_and_included(floor):
    async with floor.engine(simulators=by_relay) as (engine, ledger, chain):
        outcome = await engine.on_block()
        included = floor.relay.build().included
        await reconcile(ledger, chain)
        complaints = await audit(ledger, chain, floor.store.address)
        (intent,) = ledger.intents(chain.chain_id, floor.store.address)
        runs = simulated(ledger)

    assert heard(floor) == ["simulate", "submit"]
    assert floor.relay.heard[0].transactions == floor.relay.heard[1].transactions
    assert (len(included), complaints) == (1, ())
    assert (intent.state, intent.withheld) == (IntentState.INCLUDED, False)
    assert runs == [("node", None), ("relay:local", None)]
    assert outcome.timings_s["simulate"] > 0


async def test_what_reverts_at_the_relay_is_never_submitted_and_the_reason_is_kept(locking):
    async with locking.engine(simulators=by_relay) as (engine, ledger, chain):
        outcome = await engine.on_block()
        (intent,) = ledger.intents(chain.chain_id, locking.store.address)
        waiting = await engine.on_block()
        runs = simulated(ledger)

    skip = outcome.skipped[-1]
    assert heard(locking) == ["simulate"]
    assert (skip.reason, outcome.intent, outcome.submissions) == ("would_revert", None, ())
    assert skip.detail.startswith(f"relay:local: UniswapV2: LOCKED; {intent.tx_hash} is withheld")
    assert runs[-2:] == [("node", None), ("relay:local", "UniswapV2: LOCKED")]
    assert (intent.state, intent.withheld, intent.sendable) == (IntentState.OPEN, True, False)
    # the relay has seen the bytes: until they are missed the nonce is theirs
    assert {skip.reason for skip in waiting.skipped} == {"intent_open"}
    assert locking.told("plan_failed")[0]["plan_id"] == intent.plan_id


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.NOT_JSON, Fault.DROPS, Fault.SLOW])
async def test_where_the_relay_gives_no_clear_answer_nothing_is_submitted(floor, fault):
    floor.relay.misbehave(fault, delay_s=2.5, method="eth_callBundle")
    async with floor.engine(simulators=by_relay) as (engine, ledger, chain):
        outcome = await engine.on_block()
        (intent,) = ledger.intents(chain.chain_id, floor.store.address)
        runs = simulated(ledger)

    assert outcome.skipped[-1].reason == "not_simulated"
    assert "relay:local: " in outcome.skipped[-1].detail
    assert "submit" not in heard(floor)
    assert intent.withheld
    assert runs == [("node", None)]


async def test_the_nonce_of_withheld_bytes_is_used_again_once_they_are_missed(floor):
    floor.relay.misbehave(Fault.SERVER_ERROR, method="eth_callBundle")
    async with floor.engine(simulators=by_relay) as (engine, ledger, chain):
        await engine.on_block()
        floor.relay.behave()
        floor.chain.mine(3)
        again = await engine.on_block()
        included = floor.relay.build().included
        await reconcile(ledger, chain)
        intents = ledger.intents(chain.chain_id, floor.store.address)
        (line,) = report(ledger).tokens

    assert again.intent.nonce == intents[0].nonce
    assert [intent.state for intent in intents] == [IntentState.MISSED, IntentState.INCLUDED]
    assert (len(included), [intent.withheld for intent in intents]) == (1, [True, False])
    assert "no simulator had allowed it" in floor.told("bundle_missed")[0]["reason"]
    # what was never submitted is no miss
    assert (line.withheld, line.missed, line.included, line.inclusion_rate) == (1, 0, 1, 1.0)


async def test_a_restart_submits_nothing_of_what_a_relay_refused(locking):
    async with locking.engine(simulators=by_relay, blocks=5) as (engine, *_):
        await engine.on_block()
    # unlocked again: what was refused would succeed now, and is withheld all the same
    for pool in locking.market.of("uniswap_v2"):
        word = "0x" + "00" * 31 + "01"
        locking.chain.rpc.ask("anvil_setStorageAt", pool.address, hex(12), word)
    async with locking.engine(simulators=by_relay, blocks=5) as (_, ledger, chain):
        built = locking.relay.build()
        (intent,) = ledger.intents(chain.chain_id, locking.store.address)

    assert "submit" not in heard(locking)
    assert built.included == ()
    assert (intent.state, intent.withheld) == (IntentState.OPEN, True)


class PowerCut(BaseException):
    """What no handler of the engine's catches."""


class Cut(Submitter):
    """Go dark in the middle of the answer to a simulation, or before anything is submitted."""

    async def simulate(self, relay, bundle):
        await super().simulate(relay, bundle)
        raise PowerCut


class CutLater(Submitter):
    async def submit(self, bundles):
        raise PowerCut


async def test_a_crash_before_the_relay_has_answered_leaves_bytes_that_are_not_submitted(floor):
    with pytest.raises(PowerCut):
        async with floor.engine(simulators=by_relay, submitter=Cut, blocks=5) as (engine, *_):
            await engine.on_block()
    async with floor.engine(simulators=by_relay, blocks=5) as (_, ledger, chain):
        built = floor.relay.build()
        (intent,) = ledger.intents(chain.chain_id, floor.store.address)

    assert heard(floor) == ["simulate"]
    assert (built.included, intent.withheld) == ((), True)


async def test_a_crash_after_the_relay_has_agreed_submits_the_same_bytes_at_the_next_start(floor):
    with pytest.raises(PowerCut):
        async with floor.engine(simulators=by_relay, submitter=CutLater, blocks=5) as (engine, *_):
            await engine.on_block()
    assert heard(floor) == ["simulate"]
    async with floor.engine(simulators=by_relay, blocks=5) as (_, ledger, chain):
        built = floor.relay.build()
        await reconcile(ledger, chain)
        (intent,) = ledger.intents(chain.chain_id, floor.store.address)

    assert len(built.included) == 1
    assert intent.state is IntentState.INCLUDED


async def test_no_relay_sees_bytes_before_their_intent_is_durable(floor, full_disk):
    with Ledger(floor.ledger_url) as ledger:
        async with floor.engine(simulators=by_relay, ledger=full_disk(ledger)) as (engine, *_):
            with pytest.raises(LedgerError, match="the disk is full"):
                await engine.on_block()

    assert heard(floor) == []


async def test_withheld_bytes_that_land_all_the_same_are_found_and_counted(floor):
    floor.relay.misbehave(Fault.NOT_JSON, method="eth_callBundle")
    async with floor.engine(simulators=by_relay) as (engine, ledger, chain):
        await engine.on_block()
        (intent,) = ledger.intents(chain.chain_id, floor.store.address)
        await chain.send(intent.raw)  # as a relay could that has seen them
        floor.chain.mine()
        await engine.on_block()
        complaints = await audit(ledger, chain, floor.store.address)
        state = ledger.intents(chain.chain_id, floor.store.address)[0].state

    assert (state, complaints) == (IntentState.INCLUDED, ())
    assert floor.held() > 0


async def test_every_simulation_is_in_the_ledger_also_of_what_is_not_taken(floor):
    # what pays most goes through pairs that are locked
    for pool in floor.market.of("uniswap_v2"):
        floor.chain.rpc.ask("anvil_setStorageAt", pool.address, hex(12), "0x" + "00" * 32)
    floor.chain.mine()
    async with floor.engine(candidates=3) as (engine, ledger, _):
        outcome = await engine.on_block()
        runs = simulated(ledger)
        plans, found = list(rows_of(ledger, "plans")), list(rows_of(ledger, "opportunities"))
        skipped = list(rows_of(ledger, "skips"))
        summed = report(ledger)

    # the one that is taken is written down before it is sent, the others after
    assert runs == [("node", None), ("node", "UniswapV2: LOCKED")]
    assert [plan["opportunity_id"] for plan in plans] == [one["id"] for one in found]
    assert [skip["opportunity_id"] for skip in skipped] == [one["id"] for one in found[1:]]
    assert all(int(plan["gas_cost"]) > 0 for plan in plans)
    assert outcome.intent.plan_id == plans[0]["id"]
    assert (summed.tokens[0].open, summed.skips) == (1, (("would_revert", 1),))


@pytest.mark.parametrize(
    ("wei", "least", "reason", "count"),
    [(10**9, 1, "insufficient_gas_money", 1), (10**20, 10**30, "profit_below_minimum", 3)],
)
async def test_a_simulation_that_succeeds_and_is_not_taken_is_in_the_ledger_too(
    floor, wei, least, reason, count
):
    floor.fund(wei)
    async with floor.engine(candidates=3, min_net_profit_wei=least) as (engine, ledger, _):
        outcome = await engine.on_block()
        runs, plans = simulated(ledger), list(rows_of(ledger, "plans"))

    assert [skip.reason for skip in outcome.skipped] == [reason] * count
    assert runs == [("node", None)] * count
    assert all(int(plan["gross_profit"]) > int(plan["gas_cost"]) for plan in plans)


async def test_a_node_that_can_not_simulate_leaves_no_simulation(floor):
    class Silent:
        name = "node"

        async def simulate(self, plan, *, sender, block):
            raise ChainError("the node has gone")

    async with floor.engine(candidates=1, simulator=Silent()) as (engine, ledger, _):
        outcome = await engine.on_block()
        runs = simulated(ledger)

    assert [skip.reason for skip in outcome.skipped] == ["not_simulated"]
    assert runs == []


def test_a_relay_that_simulates_is_a_bundle_simulator():
    from arbx.execution.simulation import BundleSimulator

    simulator = RelaySimulator(arbx.Submitter({"local": object()}), "local")

    assert isinstance(simulator, BundleSimulator)
    assert simulator.name == "relay:local"
