"""eth_callBundle through the real plugin, the local relay and a real node."""

import pytest

import arbx


def fees(chain, gas_used, priority_fee_wei=2 * 10**9):
    return gas_used * priority_fee_wei


async def test_tells_gas_and_payment_of_a_bundle_that_works(chain, flashbots, wallets):
    bundle = arbx.Bundle((wallets[0].sign(), wallets[1].sign()), chain.block_number + 1)
    simulation = await flashbots.simulate(bundle)

    assert simulation.revert is None
    assert simulation.state_block == chain.block_number
    assert [result.tx_hash for result in simulation.results] == list(bundle.tx_hashes)
    assert simulation.gas_used == 42_000
    assert simulation.coinbase_payment_wei == fees(chain, 42_000)


async def test_counts_what_is_sent_to_the_coinbase(chain, flashbots, wallets):
    coinbase = chain.rpc.ask("eth_getBlockByNumber", "latest", False)["miner"]
    signed = wallets[0].sign(to=coinbase, value_wei=777)
    simulation = await flashbots.simulate(arbx.Bundle((signed,), chain.block_number + 1))

    assert simulation.coinbase_payment_wei == fees(chain, simulation.gas_used) + 777


async def test_foretells_what_the_block_does(chain, relay, flashbots, wallets):
    coinbase = chain.rpc.ask("eth_getBlockByNumber", "latest", False)["miner"]
    before = int(chain.rpc.ask("eth_getBalance", coinbase, "latest"), 16)
    bundle = arbx.Bundle((wallets[0].sign(), wallets[1].sign()), chain.block_number + 1)
    simulation = await flashbots.simulate(bundle)
    await flashbots.submit(bundle)
    relay.build()
    after = int(chain.rpc.ask("eth_getBalance", coinbase, "latest"), 16)

    assert after - before == simulation.coinbase_payment_wei


async def test_keeps_the_reason_of_a_revert(chain, flashbots, wallets, reverts):
    wallet = wallets[0]
    signed = (wallet.sign(), wallet.sign(to=reverts))
    simulation = await flashbots.simulate(arbx.Bundle(signed, chain.block_number + 1))

    assert [result.revert for result in simulation.results] == [None, "not profitable"]
    assert simulation.revert == "not profitable"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"nonce": 5}, "nonce too high: next nonce 0, tx nonce 5"),
        ({"value_wei": 10**30}, "Insufficient funds"),
        ({"max_fee_wei": 1, "priority_fee_wei": 1}, "max fee per gas less than block base fee"),
        ({"chain_id": 1}, "invalid chain id: 1, not 31337"),
        ({"gas": 16_777_217}, "EIP-7825"),
    ],
)
async def test_refuses_what_no_block_can_hold(chain, flashbots, wallets, fields, why):
    bundle = arbx.Bundle((wallets[0].sign(**fields),), chain.block_number + 1)

    with pytest.raises(arbx.RelayError, match=why):
        await flashbots.simulate(bundle)


async def test_changes_nothing_on_the_chain(chain, relay, flashbots, wallets):
    head = chain.rpc.ask("eth_getBlockByNumber", "latest", False)["hash"]
    await flashbots.simulate(arbx.Bundle((wallets[0].sign(),), chain.block_number + 1))

    assert chain.rpc.ask("eth_getBlockByNumber", "latest", False)["hash"] == head
    assert chain.rpc.ask("txpool_status") == {"pending": "0x0", "queued": "0x0"}


@pytest.mark.parametrize("ahead", [1, 3])
async def test_runs_in_the_target_block(chain, flashbots, wallets, clock, ahead):
    head = chain.rpc.ask("eth_getBlockByNumber", "latest", False)
    bundle = arbx.Bundle(
        (wallets[0].sign(to=clock, value_wei=0),), int(head["number"], 16) + ahead
    )
    simulation = await flashbots.simulate(bundle)
    output = simulation.results[0].output

    assert int.from_bytes(output[:32], "big") == bundle.target_block
    assert int.from_bytes(output[32:], "big") == int(head["timestamp"], 16) + 12 * ahead
    assert simulation.state_block == bundle.target_block - ahead
