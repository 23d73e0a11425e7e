"""The Balancer source on the real Vault: it finds, reads, prices and follows what the contracts have."""

import random

import pytest
from eth_utils.crypto import keccak

import arbx
from arbx.chain.abi import calldata, decode, topic
from arbx.testing.localchain import LocalChain, seed_mixed
from arbx.testing.localchain.balancer_history import (
    pool_balances,
    random_balancer_history,
    set_fee,
)
from arbx.testing.localchain.vault import exit_pool, join, swap
from arbx.testing.localchain.watching import values

PLUGIN = "balancer"
PROVIDER = "balancer-v2"
DAY_S = 86_400
REGISTERED = topic("PoolRegistered(bytes32,address,uint8)")


@pytest.fixture
def stood(mixed):
    return mixed.balancer


def ask(stood, target, signature, returns, *arguments):
    return stood.market.chain.ask(arbx.Call(target, signature, returns, arguments))


@pytest.mark.usefixtures("local_mixed")  # skips where anvil isn't
def test_two_mixed_markets_are_the_same_and_another_seed_is_not():
    hashes = []
    for seed in (5, 5, 6):
        with LocalChain() as chain:
            seed_mixed(chain, seed=seed)
            hashes.append(chain.rpc.ask("eth_getBlockByNumber", "latest", False)["hash"])

    assert hashes[0] == hashes[1] != hashes[2]


def test_the_packages_contracts_say_which_generation_they_are(stood):
    versions = {ask(stood, p.address, "version()", ("string",))[0] for p in stood.pools}

    assert versions == {
        '{"name":"WeightedPool","version":3,"deployment":"20230206-weighted-pool-v3"}',
        '{"name":"ComposableStablePool","version":3,'
        '"deployment":"20230206-composable-stable-pool-v3"}',
    }


async def test_all_pools_are_found_by_the_vaults_events(stood, seen):
    found = {pool.address: pool for pool in seen.pools[PROVIDER]}

    assert list(found) == [pool.address for pool in stood.pools]
    for planned in stood.pools:
        assert found[planned.address].kind == planned.kind
        assert [t.address for t in found[planned.address].tokens] == [
            t.address for t in planned.tokens
        ]
        assert [t.decimals for t in found[planned.address].tokens] == [
            t.decimals for t in planned.tokens
        ]


async def test_given_pools_are_the_pools_found(watch, stood, seen):
    given = [pool.address for pool in stood.pools[3:7]]
    again = await watch.observe(pools=given)

    assert again.pools[PROVIDER] == seen.pools[PROVIDER][3:7]
    assert values(again.states) == {a: values(seen.states)[a] for a in given}


async def test_before_the_vault_there_is_nothing(chain, source):
    assert await source.discover(chain, block=1) == []


async def test_states_are_what_the_contracts_say(stood, seen):
    states = values(seen.states)

    assert states.keys() == {pool.address for pool in stood.pools}
    for pool in stood.pools:
        state = states[pool.address]
        assert list(state.balances) == pool_balances(stood, pool)
        assert (state.swap_fee,) == ask(
            stood, pool.address, "getSwapFeePercentage()", ("uint256",)
        )
        assert state.pool_id == pool.pool_id
        if pool.kind == "balancer_weighted":
            assert state.weights == pool.weights_e18
        else:
            assert state.amp == pool.amplification * 1000
            scaling = ask(stood, pool.address, "getScalingFactors()", ("uint256[]",))[0]
            assert list(state.scaling_factors) == list(scaling)
            assert state.bpt_index == pool.own
            assert (state.actual_supply,) == ask(
                stood, pool.address, "getActualSupply()", ("uint256",)
            )


def directions(states):
    return [
        (state, i, j)
        for state in states
        for i in range(len(state.pool.tokens))
        for j in range(len(state.pool.tokens))
        if i != j
    ]


def answers_of(stood, swaps):
    """Return what the Vault would pay for each swap, or its error."""
    trader, sender = stood.market.trader, stood.market.chain.accounts[0]
    rows = [
        ({"from": sender, "to": trader.address, "data": data(trader.bundle([call]))}, "latest")
        for call in swaps
    ]
    outcomes = stood.market.chain.rpc.outcomes("eth_call", rows)
    return [
        outcome
        if isinstance(outcome, arbx.ChainError)
        else decode(("uint256",), decode(("bytes[]",), bytes.fromhex(outcome[2:]))[0][0])[0]
        for outcome in outcomes
    ]


def data(call):
    return "0x" + calldata(call).hex()


def swaps_of_every_size(host, stood, states, rng, count):
    """Yield a swap that the trader can pay, and what the curve says of it."""
    pools, trader = {pool.address: pool for pool in stood.pools}, stood.market.trader
    for state, i, j in directions(states):
        curve, pool = host.price(state, i, j), pools[state.pool.address]
        largest = min(curve.max_in, trader.balance(pool.tokens[i].address))
        bits = range(1, largest.bit_length() + 1)
        for chosen in rng.sample(bits, k=min(count, len(bits))):
            amount_in = min(largest, rng.randint(1 << chosen - 1, 1 << chosen))
            yield (
                swap(stood.vault, pool, (i, j), amount_in, trader.address),
                said(curve, amount_in),
            )


def said(curve, amount_in):
    try:
        return curve.amount_out(amount_in)
    except arbx.WouldRevert:
        return None


def check_swaps(stood, pairs):
    """Compare each swap; return how many paid."""
    pairs, paying = list(pairs), 0
    for (call, expected), answer in zip(
        pairs, answers_of(stood, [call for call, _ in pairs]), strict=True
    ):
        # the Vault reverts where the curve answers 0 only because nothing could be bought
        refused = isinstance(answer, arbx.ChainError)
        assert expected in {None, 0} if refused else answer == expected, (
            call.args[0],
            expected,
            answer,
        )
        paying += not refused and answer > 0
    return paying


async def test_curves_pay_what_the_vault_pays(host, stood, seen):
    rng = random.Random(4)

    assert check_swaps(stood, swaps_of_every_size(host, stood, seen.states, rng, 25)) > 800


@pytest.mark.parametrize("seed", range(3))
async def test_curves_are_exact_after_a_random_history(host, watch, stood, source, seed):
    rng = random.Random(seed)
    assert random_balancer_history(stood, rng, 60) >= 30

    states = (await watch.observe(source)).states
    assert check_swaps(stood, swaps_of_every_size(host, stood, states, rng, 12)) > 400


@pytest.mark.parametrize("seed", [1, 17, 35])
async def test_curves_are_exact_far_from_balance(host, watch, stood, source, seed):
    rng, trader = random.Random(seed), stood.market.trader
    for pool in stood.of("balancer_stable"):
        for _ in range(rng.randint(1, 6)):
            sold, bought = rng.sample(range(len(pool.tokens)), 2)
            held = trader.balance(pool.tokens[sold].address)  # up to millions of times the pool
            amount_in = max(1, held >> rng.randint(0, 60))
            trader.try_run([swap(stood.vault, pool, (sold, bought), amount_in, trader.address)])
    states = (await watch.observe(source)).states
    states = [state for state in states if state.pool.kind == "balancer_stable"]

    assert check_swaps(stood, swaps_of_every_size(host, stood, states, rng, 20)) > 20


async def test_one_unit_more_than_the_largest_input_is_refused(host, stood, seen):
    pools, trader = {pool.address: pool for pool in stood.pools}, stood.market.trader.address
    weighted = [row for row in directions(seen.states) if row[0].pool.kind == "balancer_weighted"]
    swaps, expected = [], []
    for state, i, j in weighted:
        curve, pool = host.price(state, i, j), pools[state.pool.address]
        expected += [curve.amount_out(curve.max_in), None]
        swaps += [
            swap(stood.vault, pool, (i, j), amount, trader)
            for amount in (curve.max_in, curve.max_in + 1)
        ]
    answers = answers_of(stood, swaps)

    assert answers[0::2] == expected[0::2]
    assert all("BAL#304" in str(answer) for answer in answers[1::2])  # MAX_IN_RATIO


async def test_the_encoded_swap_pays_the_recipient(host, stood, source, seen):
    trader, checked = stood.market.trader, 0
    for state, i, j in directions(seen.states):
        curve, token = host.price(state, i, j), state.pool.tokens[j].address
        amount_in = min(curve.max_in, state.state.balances[i] // 10)
        amount_in = min(amount_in, trader.balance(state.pool.tokens[i].address))
        expected = said(curve, amount_in)
        if not expected:
            continue
        before = trader.balance(token)
        calls = source.swap(state, i, j, amount_in, expected, trader.address)
        with stood.market.chain.undone():
            trader.run(calls)
            assert trader.balance(token) - before == expected
        with pytest.raises(arbx.ChainError, match="BAL#507"):  # SWAP_LIMIT
            trader.run(source.swap(state, i, j, amount_in, expected + 1, trader.address))
        checked += 1

    assert checked >= 40


@pytest.mark.parametrize("kind", ["balancer_weighted", "balancer_stable"])
@pytest.mark.parametrize("seed", range(3))
async def test_states_from_logs_are_the_states_read(watch, stood, source, seen, kind, seed):
    follower, rng = watch.follower(source, seen), random.Random(seed)

    for _ in range(3):
        done = random_balancer_history(stood, rng, 15, stood.of(kind))
        update = await follower.advance()
        assert done >= 7
        assert not update.failures
        assert values(follower.states.values()) == await watch.read_again()


async def changed_by(stood, source, seen, chain, calls, pool, *, sender=None):
    """Return the pool's state as apply makes it from the logs of these calls."""
    before = stood.market.chain.block_number
    stood.market.chain.transact(calls, sender=sender)
    state = next(state for state in seen.states if state.pool.address == pool.address)
    logs = await chain.logs(
        topics=sorted(source.topics),
        from_block=before + 1,
        to_block=stood.market.chain.block_number,
    )
    for log in logs:
        state = source.apply(state, log)
    return state.state, len(logs)


@pytest.mark.parametrize("what", ["swap", "join", "exit", "fee"])
async def test_each_event_of_a_weighted_pool_tells_the_whole_change(
    watch, stood, source, seen, chain, what
):
    pool, trader = stood.of("balancer_weighted")[6], stood.market.trader
    held = pool_balances(stood, pool)
    calls = {
        "swap": trader.bundle([swap(stood.vault, pool, (0, 3), held[0] // 7, trader.address)]),
        "join": trader.bundle(
            [join(stood.vault, pool, trader.address, [amount // 9 for amount in held])]
        ),
        "exit": trader.bundle([exit_pool(stood.vault, pool, trader.address, 10**18)]),
        "fee": set_fee(pool, 7 * 10**15),
    }

    state, logs = await changed_by(stood, source, seen, chain, [calls[what]], pool)

    assert logs >= 1
    assert state != values(seen.states)[pool.address]
    assert state == (await watch.read_again())[pool.address]


async def test_a_protocol_fee_on_swaps_changes_no_price(host, watch, stood, source, seen):
    # ProtocolFeesCollector.setSwapFeePercentage; V2's pools pay it in their own token when they are joined
    (collector,) = ask(stood, stood.vault, "getProtocolFeesCollector()", ("address",))
    grant_and_call(stood, collector, "setSwapFeePercentage(uint256)", 5 * 10**17)
    follower, rng = watch.follower(source, seen), random.Random(21)

    assert random_balancer_history(stood, rng, 40) >= 20
    update = await follower.advance()

    assert not update.failures
    assert values(follower.states.values()) == await watch.read_again()
    states = list(follower.states.values())
    assert check_swaps(stood, swaps_of_every_size(host, stood, states, rng, 8)) > 300


def grant_and_call(stood, target, signature, *arguments):
    """Give the first account the role that a function wants, then call it."""
    admin = stood.market.chain.accounts[0]
    selector = keccak(text=signature)[:4]
    (action,) = ask(stood, target, "getActionId(bytes4)", ("bytes32",), selector)
    stood.market.chain.transact(
        [
            arbx.Call(stood.authorizer, "grantRole(bytes32,address)", (), (action, admin)),
            arbx.Call(target, signature, (), arguments),
        ]
    )


def now_s(stood):
    block = stood.market.chain.rpc.ask("eth_getBlockByNumber", "latest", False)
    return int(block["timestamp"], 16)


def later(stood, seconds):
    """Mine a block so much later."""
    stood.market.chain.rpc.ask("evm_setNextBlockTimestamp", now_s(stood) + seconds)
    stood.market.chain.mine()


async def test_a_paused_pool_has_no_state(watch, stood, source, seen):
    pool = stood.of("balancer_weighted")[0]
    follower = watch.follower(source, seen)
    grant_and_call(stood, pool.address, "pause()")

    update = await follower.advance()

    assert update.removed == (pool.address,)
    assert not update.failures
    assert "paused" in source.skipped[pool.address]


async def test_a_ramping_amplification_is_refused_until_it_ends(watch, stood, source, seen):
    pool = stood.of("balancer_stable")[0]
    follower = watch.follower(source, seen)
    ends = now_s(stood) + 3 * DAY_S
    start = "startAmplificationParameterUpdate(uint256,uint256)"
    stood.market.chain.transact([arbx.Call(pool.address, start, (), (700, ends))])

    update = await follower.advance()

    assert update.removed == (pool.address,)
    assert "amp" in source.skipped[pool.address]
    stop = "stopAmplificationParameterUpdate()"
    stood.market.chain.transact([arbx.Call(pool.address, stop)])
    await follower.advance()
    assert values(follower.states.values()) == await watch.read_again()
    assert pool.address in follower.states


async def test_an_expired_rate_is_read_as_the_next_swap_will_use_it(host, watch, stood, source):
    pool = stood.of("balancer_stable")[1]
    stood.market.chain.transact(
        [arbx.Call(stood.rate_provider, "set_rate(uint256)", (), (1_234_567_890_123_456_789,))]
    )
    cached = values((await watch.observe(source)).states)[pool.address]
    later(stood, 2 * 3_600)

    seen = await watch.observe(source)

    fresh = values(seen.states)[pool.address]
    place = next(k for k, token in enumerate(pool.tokens) if token.symbol == "WSTETH")
    assert cached.rates[place] == 1_150_000_000_000_000_000
    assert fresh.rates[place] == 1_234_567_890_123_456_789
    states = [state for state in seen.states if state.pool.address == pool.address]
    assert check_swaps(stood, swaps_of_every_size(host, stood, states, random.Random(9), 20)) > 60


async def test_a_rate_that_moves_without_an_event_is_followed(watch, stood, source, seen):
    pool, follower = stood.of("balancer_stable")[1], watch.follower(source, seen)
    assert {state.pool.address for state in seen.states if state.fleeting} == {pool.address}
    stood.market.chain.transact(
        [arbx.Call(stood.rate_provider, "set_rate(uint256)", (), (1_234_567_890_123_456_789,))]
    )
    assert (await follower.advance()).changed == ()  # the cached rate still holds
    later(stood, 2 * 3_600)

    update = await follower.advance()

    assert [state.pool.address for state in update.changed] == [pool.address]
    assert values(follower.states.values()) == await watch.read_again()


async def test_what_is_no_pool_is_named_and_left_out(watch, stood):
    source = watch.source(pools=[stood.pools[0].address, stood.market.weth.address])

    seen = await watch.observe(source)

    assert [pool.address for pool in seen.pools[PROVIDER]] == [stood.pools[0].address]
    assert "no Balancer V2 pool" in source.skipped[stood.market.weth.address]


async def test_a_log_of_another_pool_changes_nothing(stood, source, seen, chain):
    swapped, other = stood.of("balancer_weighted")[:2]
    trader = stood.market.trader
    call = swap(stood.vault, swapped, (0, 1), 10**15, trader.address)

    state, logs = await changed_by(stood, source, seen, chain, [trader.bundle([call])], other)

    assert logs == 1
    assert state == values(seen.states)[other.address]


async def test_only_what_was_registered_since_is_found_again(mixed, watch, stood, chain, source):
    block = mixed.chain.block_number
    logs = await chain.logs(
        topics=[REGISTERED], addresses=[stood.vault], from_block=0, to_block=block
    )
    last = max(log.block for log in logs)
    known = await source.discover(chain, block=block)
    late = {"0x" + log.topics[2][12:].hex() for log in logs if log.block == last}
    found = await source.created(chain, since=last, block=block)

    assert {pool.address for pool in found} == late < {pool.address for pool in known}
    assert await source.created(chain, since=0, block=block) == known
    few = watch.source(max_pools=2)
    assert await few.created(chain, since=last, block=block) == known[:2]
