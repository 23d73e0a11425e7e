"""Kill engines at random points of the whole line: nothing is lost, sent too early, or signed twice."""

import random

import attrs
import pytest
from crash_verdict import Scene
from crash_witness import Witness
from crash_world import CLEARING, LEAVE_OPEN, STAGES, Killer, Nursery, World

from arbx.ledger import Ledger

# Where nothing is locked: a process that hangs inside a transaction of SQLite holds up the next one too.
STALLS = ("simulating", "planning", "signing", "intending", "intended", "sending", "recording")


@pytest.fixture(scope="module")
def nursery():
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def empty_server(postgres_database):
    with postgres_database() as url:
        yield url


@pytest.fixture
def scene_of(floor, nursery):
    """Return a function that sets a scene on a ledger."""
    witnesses = []

    def scene_of(ledger, *, opening_s=0.002, sabotage=None, **about):
        here = attrs.evolve(floor, ledger_url=ledger)
        here.relay.heard = Witness(here.chain.url, ledger)
        witnesses.append(here.relay.heard)
        rng, sources = random.Random(1), here.market.sources()
        wish = {
            "ledger": ledger,
            "rpc": here.chain.url,
            "relay": here.relay.url,
            "chain_id": here.chain.chain_id,
            # to read the ticks of V3 pools takes most of a second, and nothing that is kept depends on it
            "sources": {name: sources[name] for name in ("first_v2", "second_v2")},
            "executor": here.executor,
            "weth": here.weth,
            "sabotage": sabotage,
        }
        killer = Killer(nursery, World(here, rng), wish, rng, opening_s, **about)
        return Scene(here, here.relay.heard, killer)

    yield scene_of
    for witness in witnesses:
        witness.close()


def hold(scene, verdict, kills):
    """Hold a scene to the promise, and to have been worth looking at."""
    killer, sightings = scene.killer, scene.witness.sightings

    assert verdict.complaints == ()
    assert verdict.open == ()
    assert killer.fell.total() >= kills
    assert {"migrating", *STAGES} - killer.fell.keys() == set()
    assert verdict.states["included"] >= kills // 10
    assert len(killer.world.faults) >= 3
    assert killer.told.sent_again(sightings) >= kills // 60


async def test_300_kills_break_nothing_in_sqlite(scene_of, tmp_path):
    scene = scene_of(f"sqlite:///{tmp_path}/ledger.sqlite")
    scene.killer.kill(300, every_stage=True)

    hold(scene, await scene.verdict(), 300)


async def test_60_kills_break_nothing_in_postgresql(scene_of, empty_server):
    scene = scene_of(empty_server, opening_s=0.04)
    scene.killer.kill(60, every_stage=True)

    hold(scene, await scene.verdict(), 60)


async def test_who_hangs_while_another_takes_over_ends_without_a_word(scene_of, tmp_path):
    scene = scene_of(f"sqlite:///{tmp_path}/ledger.sqlite")
    for stage in STALLS:
        scene.killer.take_over(stage)
    for stage in CLEARING:
        scene.killer.take_over(stage, clears=True)
    verdict = await scene.verdict()

    assert verdict.complaints == ()
    assert verdict.open == ()
    assert verdict.states["included"] > 0


@pytest.fixture
def sabotaged(scene_of, tmp_path):
    """Return a function that sets a scene in which a ledger that is there already breaks its promise."""

    def sabotaged(sabotage, **about):
        url = f"sqlite:///{tmp_path}/ledger.sqlite"
        Ledger(url).close()
        aims = (*LEAVE_OPEN, "clearing")
        scene = scene_of(url, sabotage=sabotage, aims=aims, **about)
        scene.told.opened = True
        return scene

    return sabotaged


@pytest.mark.parametrize(
    ("sabotage", "noticed"),
    [
        ("sends first", "reached the relay before its intent was durable"),
        ("signs anew", "signed again at block"),
        ("asks the chain", "ended by itself: NonceTaken"),
        ("allows", "was submitted although it is withheld"),
        ("forgets", "is lost"),
    ],
)
async def test_a_ledger_that_breaks_the_promise_is_noticed(sabotaged, sabotage, noticed):
    scene = sabotaged(sabotage)
    scene.killer.kill(10)
    verdict = await scene.verdict()

    assert [wrong for wrong in verdict.complaints if noticed in wrong] != []


async def test_a_lease_that_is_taken_too_early_is_noticed(sabotaged):
    scene = sabotaged("steals")
    scene.killer.wish["lease_s"] = 2.0
    scene.killer.kill(3)
    verdict = await scene.verdict()

    assert [wrong for wrong in verdict.complaints if "before the one" in wrong] != []


async def test_a_ledger_that_fences_nobody_off_is_noticed(sabotaged):
    scene = sabotaged("unfenced")
    scene.killer.take_over("signing")
    verdict = await scene.verdict()

    assert [wrong for wrong in verdict.complaints if "was not fenced off" in wrong] != []
