"""Two engines want the same cycle: the builder takes the one that pays more, and the other pays nothing."""

import attrs

from arbx.ledger import IntentState
from arbx.testing.localchain.executor import deploy_executor
from arbx.testing.reference_keystore import ReferenceKeyStore


def rival_of(floor, tmp_path):
    """Return the floor as another owner stands on it: a key, an Executor and a ledger of its own."""
    store = ReferenceKeyStore(b"\x77" * 32, chain_id=floor.chain.chain_id)
    rival = attrs.evolve(
        floor,
        store=store,
        executor=deploy_executor(floor.chain, store.address, floor.weth),
        ledger_url=f"sqlite:///{tmp_path}/rival.sqlite",
        events=[],
    )
    rival.fund(10**20)
    return rival


async def test_a_race_is_lost_to_whoever_pays_the_builder_more(floor, tmp_path):
    rival = rival_of(floor, tmp_path)
    async with (
        floor.engine(builder_share_bps=1_000) as (engine, ledger, chain),
        rival.engine(builder_share_bps=9_000) as (other, _, _chain),
    ):
        ours = await engine.on_block()  # the first to arrive
        theirs = await other.on_block()
        built = floor.relay.build()
        floor.chain.mine(2)
        await engine.on_block()
        intents = ledger.intents(chain.chain_id, floor.store.address)

    ((lost, why),) = built.missed
    assert built.included == (theirs.submissions[0].bundle_hash,)
    assert lost == ours.submissions[0].bundle_hash
    assert "reverts" in why
    assert intents[0].state is IntentState.MISSED
    assert (floor.held(), rival.held() > 0) == (0, True)
