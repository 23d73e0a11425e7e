"""Bundles through the real plugin, the local relay and a real node: whole, in order, in their block, or not at all."""

import uuid

import pytest

import arbx
from arbx.execution.model import SubmissionStatus
from arbx.testing.relay import Fault

SINK = "0x" + "5a" * 20  # what Wallet.sign pays


def balance(chain, address=SINK):
    return int(chain.rpc.ask("eth_getBalance", address, "latest"), 16)


def transactions_of(chain, number):
    return chain.rpc.ask("eth_getBlockByNumber", hex(number), False)["transactions"]


async def test_includes_a_bundle_in_its_block_in_order(chain, relay, flashbots, wallets):
    first, second = wallets
    signed = (first.sign(), second.sign(value_wei=5), first.sign())
    bundle = arbx.Bundle(signed, chain.block_number + 1)
    submission = await flashbots.submit(bundle)
    block = relay.build()

    assert submission.status is SubmissionStatus.ACCEPTED
    assert block.included == (bundle.bundle_hash,) == (submission.bundle_hash,)
    assert transactions_of(chain, bundle.target_block) == list(bundle.tx_hashes)
    assert balance(chain) == 7


async def test_includes_nothing_of_a_bundle_that_reverts(
    chain, relay, flashbots, wallets, reverts
):
    wallet = wallets[0]
    bundle = arbx.Bundle((wallet.sign(), wallet.sign(to=reverts)), chain.block_number + 1)
    await flashbots.submit(bundle)
    block = relay.build()

    assert block.included == ()
    assert dict(block.missed)[bundle.bundle_hash].endswith("reverts: not profitable")
    assert transactions_of(chain, bundle.target_block) == []
    assert balance(chain) == 0


async def test_includes_a_transaction_that_may_revert(chain, relay, flashbots, wallets, reverts):
    wallet = wallets[0]
    signed = (wallet.sign(), wallet.sign(to=reverts))
    bundle = arbx.Bundle(signed, chain.block_number + 1)
    allowed = arbx.Bundle(signed, bundle.target_block, reverting_hashes=bundle.tx_hashes[1:])
    await flashbots.submit(allowed)

    assert relay.build().included == (bundle.bundle_hash,)


async def test_waits_for_the_target_block_and_forgets_it_afterwards(
    chain, relay, flashbots, wallets
):
    head = chain.block_number
    later = arbx.Bundle((wallets[0].sign(),), head + 2)
    past = arbx.Bundle((wallets[1].sign(),), head)
    await flashbots.submit(later)
    await flashbots.submit(past)

    assert [relay.build().included for _ in range(3)] == [(), (later.bundle_hash,), ()]
    assert list(relay.book) == []


async def test_public_transactions_come_first(chain, relay, flashbots, wallets):
    sent = chain.rpc.ask(
        "eth_sendTransaction",
        {"from": chain.accounts[3], "to": SINK, "value": "0x64", "gasPrice": hex(10**10)},
    )
    bundle = arbx.Bundle((wallets[0].sign(),), chain.block_number + 1)
    await flashbots.submit(bundle)
    block = relay.build()

    assert transactions_of(chain, block.number) == [sent, *bundle.tx_hashes]


async def test_of_two_bundles_for_the_same_nonce_the_first_lands(chain, relay, flashbots, wallets):
    wallet = wallets[0]
    head = chain.block_number
    first = arbx.Bundle((wallet.sign(nonce=0, value_wei=1),), head + 1)
    second = arbx.Bundle((wallet.sign(nonce=0, value_wei=2),), head + 1)
    await flashbots.submit(first)
    await flashbots.submit(second)
    block = relay.build()

    assert block.included == (first.bundle_hash,)
    assert dict(block.missed) == {
        second.bundle_hash: "nonce too low: next nonce 1, tx nonce 0",
    }


async def test_of_two_bundles_for_the_same_nonce_the_better_payer_lands(
    chain, relay, flashbots, wallets
):
    wallet, target = wallets[0], chain.block_number + 1
    # the first pays more in all, for more gas; the second pays more for each gas
    first = arbx.Bundle(
        (wallet.sign(nonce=0, priority_fee_wei=2 * 10**9), wallets[1].sign()), target
    )
    second = arbx.Bundle((wallet.sign(nonce=0, priority_fee_wei=3 * 10**9),), target)
    await flashbots.submit(first)
    await flashbots.submit(second)
    block = relay.build()

    assert block.included == (second.bundle_hash,)
    assert dict(block.missed) == {first.bundle_hash: "nonce too low: next nonce 1, tx nonce 0"}


async def test_what_is_sent_to_the_coinbase_outbids_a_fee(chain, relay, flashbots, wallets):
    coinbase = chain.rpc.ask("eth_getBlockByNumber", "latest", False)["miner"]
    wallet, target = wallets[0], chain.block_number + 1
    tipping = arbx.Bundle((wallet.sign(nonce=0, priority_fee_wei=5 * 10**9),), target)
    paying = arbx.Bundle(
        (wallet.sign(nonce=0, priority_fee_wei=0, to=coinbase, value_wei=10**15),), target
    )
    await flashbots.submit(tipping)
    await flashbots.submit(paying)

    assert relay.build().included == (paying.bundle_hash,)


async def test_bundles_that_agree_land_in_the_order_of_their_payment(
    chain, relay, flashbots, wallets
):
    target = chain.block_number + 1
    tips = (3 * 10**9, 5 * 10**9)
    low, high = (
        arbx.Bundle((wallet.sign(priority_fee_wei=tip),), target)
        for wallet, tip in zip(wallets, tips, strict=True)
    )
    await flashbots.submit(low)
    await flashbots.submit(high)

    assert relay.build().included == (high.bundle_hash, low.bundle_hash)
    assert transactions_of(chain, target) == [*high.tx_hashes, *low.tx_hashes]


async def test_a_bundle_that_needs_another_lands_behind_it_however_much_it_pays(
    chain, relay, flashbots, wallets
):
    wallet, target = wallets[0], chain.block_number + 1
    second = arbx.Bundle((wallet.sign(nonce=1, priority_fee_wei=9 * 10**9),), target)
    first = arbx.Bundle((wallet.sign(nonce=0),), target)
    await flashbots.submit(second)
    await flashbots.submit(first)

    assert relay.build().included == (first.bundle_hash, second.bundle_hash)


async def test_leaves_out_what_cannot_pay_the_base_fee(chain, relay, flashbots, wallets):
    signed = wallets[0].sign(max_fee_wei=1, priority_fee_wei=1)
    bundle = arbx.Bundle((signed,), chain.block_number + 1)
    await flashbots.submit(bundle)
    block = relay.build()

    assert block.included == ()
    assert "max fee per gas less than block base fee" in dict(block.missed)[bundle.bundle_hash]


async def test_a_bundle_that_falls_apart_in_the_block_is_taken_out_again(
    chain, relay, flashbots, wallets, monkeypatch, reverts
):
    # As if the simulation had been wrong: what was mined is checked all the same.
    monkeypatch.setattr("arbx.testing.relay.builder._failure", lambda kept, done: None)
    sent = chain.rpc.ask(
        "eth_sendTransaction", {"from": chain.accounts[3], "to": SINK, "gasPrice": hex(10**10)}
    )
    head = chain.block_number
    broken = arbx.Bundle((wallets[0].sign(), wallets[0].sign(to=reverts)), head + 1)
    whole = arbx.Bundle((wallets[1].sign(),), head + 1)
    await flashbots.submit(broken)
    await flashbots.submit(whole)
    block = relay.build()

    assert block.number == chain.block_number == head + 1
    assert block.included == (whole.bundle_hash,)
    assert dict(block.missed) == {broken.bundle_hash: "fell apart when it was mined"}
    assert transactions_of(chain, block.number) == [sent, *whole.tx_hashes]
    assert chain.rpc.ask("txpool_status") == {"pending": "0x0", "queued": "0x0"}


async def test_a_replacement_takes_the_place_of_the_bundle(chain, relay, flashbots, wallets):
    name, target = str(uuid.uuid4()), chain.block_number + 1
    wallet = wallets[0]
    first = arbx.Bundle((wallet.sign(nonce=0, value_wei=1),), target, name)
    second = arbx.Bundle((wallet.sign(nonce=0, value_wei=2),), target, name)
    await flashbots.submit(first)
    await flashbots.submit(second)
    block = relay.build()

    assert block.included == (second.bundle_hash,)
    assert block.missed == ()
    assert balance(chain) == 2


async def test_a_cancelled_bundle_does_not_land(chain, relay, flashbots, wallets):
    bundle = arbx.Bundle((wallets[0].sign(),), chain.block_number + 1, str(uuid.uuid4()))
    cancelled = await flashbots.cancel(await flashbots.submit(bundle))

    assert cancelled.status is SubmissionStatus.CANCELLED
    assert relay.build().included == ()


async def test_only_the_signer_of_a_bundle_cancels_it(chain, relay, flashbots, wallets, build):
    bundle = arbx.Bundle((wallets[0].sign(),), chain.block_number + 1, str(uuid.uuid4()))
    submission = await flashbots.submit(bundle)
    stranger = build(relay.url, key=b"\x12" * 32)
    await stranger.cancel(submission)
    await stranger.close()

    assert relay.build().included == (bundle.bundle_hash,)


async def test_accepts_and_never_includes(chain, relay, flashbots, wallets):
    relay.misbehave(Fault.NEVER_INCLUDES)
    bundle = arbx.Bundle((wallets[0].sign(),), chain.block_number + 1)
    submission = await flashbots.submit(bundle)

    assert submission.status is SubmissionStatus.ACCEPTED
    assert [relay.build().included for _ in range(2)] == [(), ()]


async def test_includes_late(chain, relay, flashbots, wallets):
    relay.misbehave(Fault.INCLUDES_LATE)
    bundle = arbx.Bundle((wallets[0].sign(),), chain.block_number + 1)
    await flashbots.submit(bundle)

    assert [relay.build().included for _ in range(2)] == [(), (bundle.bundle_hash,)]


async def test_a_dropped_connection_may_have_delivered_the_bundle(
    chain, relay, flashbots, wallets
):
    relay.misbehave(Fault.DROPS)
    bundle = arbx.Bundle((wallets[0].sign(),), chain.block_number + 1)
    submission = await flashbots.submit(bundle)

    assert submission.status is SubmissionStatus.UNKNOWN
    assert relay.build().included == (bundle.bundle_hash,)


async def test_re_sending_after_a_dropped_connection_lands_once(chain, relay, flashbots, wallets):
    relay.misbehave(Fault.DROPS)
    bundle = arbx.Bundle((wallets[0].sign(),), chain.block_number + 1)
    await flashbots.submit(bundle)
    relay.behave()
    again = await flashbots.submit(bundle)

    assert again.status is SubmissionStatus.ACCEPTED
    assert relay.heard[0].body == relay.heard[1].body
    assert relay.build().included == (bundle.bundle_hash,)
    assert balance(chain) == 1


async def test_a_private_transaction_lands_when_it_can(chain, relay, flashbots, wallets):
    signed = wallets[0].sign()
    submission = await flashbots.submit_private(signed, max_block=chain.block_number + 3)
    block = relay.build()

    assert submission.status is SubmissionStatus.ACCEPTED
    assert transactions_of(chain, block.number) == [submission.bundle_hash]


async def test_a_private_transaction_must_pay_a_priority_fee(chain, flashbots, wallets):
    signed = wallets[0].sign(priority_fee_wei=0)
    submission = await flashbots.submit_private(signed, max_block=chain.block_number + 3)

    assert submission.status is SubmissionStatus.REJECTED
    assert "priority fee must be above 0" in submission.reason


@pytest.mark.parametrize(
    ("window", "included"),
    [((0, 0), True), ((0, 12), True), ((-12, 0), True), ((1, 12), False), ((-12, -1), False)],
)
async def test_keeps_to_the_window_of_time(chain, relay, flashbots, wallets, window, included):
    head = chain.rpc.ask("eth_getBlockByNumber", "latest", False)
    lands_at = int(head["timestamp"], 16) + 12
    bundle = arbx.Bundle(
        (wallets[0].sign(),),
        chain.block_number + 1,
        min_timestamp=lands_at + window[0],
        max_timestamp=lands_at + window[1],
    )
    await flashbots.submit(bundle)

    assert bool(relay.build().included) == included
