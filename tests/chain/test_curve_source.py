"""The Curve source on a StableSwap pool of our own: it reads, prices, follows and swaps as with Curve's."""

import random

import pytest

import arbx
from arbx.chain.abi import calldata, decode
from arbx.testing.localchain.stableswap import (
    GENERATION,
    deploy_stableswap,
    exchange,
    fund,
    new_fee,
)
from arbx.testing.localchain.trader import balance
from arbx.testing.localchain.watching import values

PLUGIN = PROVIDER = "curve"
WORD = ("uint256",)


@pytest.fixture
def pools(mixed):
    return mixed.stableswaps


def ask(mixed, pool, signature, *arguments, returns=WORD):
    return mixed.chain.ask(arbx.Call(pool.address, signature, returns, arguments))[0]


async def test_given_pools_are_found_with_their_coins(pools, seen):
    found = {pool.address: pool for pool in seen.pools[PROVIDER]}

    assert list(found) == [pool.address for pool in pools]
    for pool in pools:
        assert found[pool.address].kind == "curve_stableswap"
        assert found[pool.address].tokens == pool.tokens
    assert {token.decimals for pool in pools for token in pool.tokens} == {2, 6, 18}


async def test_states_are_what_the_contracts_say(mixed, pools, seen):
    states = values(seen.states)

    for pool in pools:
        state = states[pool.address]
        assert state.generation.name == GENERATION
        assert state.balances == tuple(ask(mixed, pool, "balances(uint256)", k) for k in (0, 1))
        assert state.amp == ask(mixed, pool, "A_precise()") == 100 * ask(mixed, pool, "A()")
        assert state.fee_e10 == ask(mixed, pool, "fee()")
        assert state.admin_fee_e10 == ask(mixed, pool, "admin_fee()")
        assert state.rates == tuple(10 ** (36 - token.decimals) for token in pool.tokens)
        assert tuple(
            ask(mixed, pool, "coins(uint256)", k, returns=("address",)).lower() for k in (0, 1)
        ) == tuple(token.address for token in pool.tokens)


def outcomes(mixed, calls):
    """Return what each call of the trader would answer, or its error."""
    trader, sender = mixed.market.trader, mixed.chain.accounts[0]
    rows = [
        ({"from": sender, "to": trader.address, "data": "0x" + data.hex()}, "latest")
        for data in (calldata(trader.bundle([call])) for call in calls)
    ]
    return [
        outcome
        if isinstance(outcome, arbx.ChainError)
        else decode(WORD, decode(("bytes[]",), bytes.fromhex(outcome[2:]))[0][0])[0]
        for outcome in mixed.chain.rpc.outcomes("eth_call", rows)
    ]


def check_exchanges(mixed, host, pools, states, rng, count):
    """Compare curve, exchange and get_dy for inputs of every size; return how many paid."""
    asked, quotes, expected = [], [], []
    by_address = {pool.address: pool for pool in pools}
    for state, i in ((state, i) for state in states for i in (0, 1)):
        pool, curve = by_address[state.pool.address], host.price(state, i, 1 - i)
        largest = min(curve.max_in, mixed.market.trader.balance(pool.tokens[i].address))
        bits = range(1, largest.bit_length() + 1)
        for chosen in rng.sample(bits, k=min(count, len(bits))):
            amount_in = min(largest, rng.randint(1 << chosen - 1, 1 << chosen))
            asked.append(exchange(pool, i, amount_in))
            dy = arbx.Call(
                pool.address, "get_dy(int128,int128,uint256)", WORD, (i, 1 - i, amount_in)
            )
            quotes.append(dy)
            expected.append(said(curve, amount_in))
    told = outcomes(mixed, asked)
    for amount, answer, quote in zip(expected, told, outcomes(mixed, quotes), strict=True):
        if isinstance(answer, arbx.ChainError):  # nothing to be had, or beyond 256 bits
            assert amount in {0, None}, answer
        else:
            assert amount == answer == quote
    return sum(not isinstance(answer, arbx.ChainError) and answer > 0 for answer in told)


def said(curve, amount_in):
    try:
        return curve.amount_out(amount_in)
    except arbx.WouldRevert:
        return None


async def test_curves_pay_what_exchange_pays(mixed, host, pools, seen):
    assert check_exchanges(mixed, host, pools, seen.states, random.Random(1), 60) > 200


@pytest.mark.parametrize("amplification", [1, 20, 5_000])
@pytest.mark.parametrize("dollars", [(1_000_000, 1_000_000), (900_000, 3_000), (50, 4_000_000)])
async def test_curves_are_exact_in_unbalanced_pools(mixed, host, watch, amplification, dollars):
    pool = deploy_stableswap(mixed.market, ("USDC", "DAI"), dollars, amplification)
    given = [{"address": pool.address, "generation": GENERATION}]
    seen = await watch.observe(pools=given)

    rng = random.Random(amplification)
    assert check_exchanges(mixed, host, [pool], seen.states, rng, 50) > 50


async def test_the_encoded_swap_pays_the_recipient(mixed, source, host, seen):
    recipient, trader = mixed.chain.accounts[7], mixed.market.trader
    for state, i in ((state, i) for state in seen.states for i in (0, 1)):
        amount_in = state.state.balances[i] // 20
        expected = host.price(state, i, 1 - i).amount_out(amount_in)
        token = state.pool.tokens[1 - i].address
        before = balance(mixed.chain, token, recipient)
        with mixed.chain.undone():
            trader.run(source.swap(state, i, 1 - i, amount_in, expected, recipient))
            assert balance(mixed.chain, token, recipient) - before == expected > 0
        with pytest.raises(arbx.ChainError, match="pays less than asked for"):
            trader.run(source.swap(state, i, 1 - i, amount_in, expected + 1, recipient))


def random_exchange(mixed, pool, rng):
    i = rng.randrange(2)
    held = ask(mixed, pool, "balances(uint256)", i)
    return exchange(pool, i, rng.randint(1, max(1, held >> rng.randint(2, 20))))


def random_event(mixed, pool, rng):
    what = rng.choice(["exchange", "exchange", "exchange", "fund", "fee"])
    if what == "fund":
        return fund(pool, [rng.randint(0, 10 ** (t.decimals + 4)) for t in pool.tokens])
    if what == "fee":
        return new_fee(pool, rng.randint(0, 50_000_000), rng.randint(0, 10**10))
    return random_exchange(mixed, pool, rng)


async def test_exchanges_are_followed_without_reading(mixed, watch, pools, source, seen, chain):
    rng, before = random.Random(3), mixed.chain.block_number
    for _ in range(30):
        mixed.market.trader.run([random_exchange(mixed, rng.choice(pools), rng)])
    logs = await chain.logs(
        topics=sorted(source.topics), from_block=before + 1, to_block=mixed.chain.block_number
    )
    states = {state.pool.address: state for state in seen.states}

    assert len(logs) == 30
    for log in logs:
        states[log.address] = source.apply(states[log.address], log)
    assert values(states.values()) == await watch.read_again()
    assert values(states.values()) != values(seen.states)


@pytest.mark.parametrize("seed", range(4))
async def test_states_from_logs_are_the_states_read(mixed, host, watch, pools, source, seen, seed):
    follower, rng = watch.follower(source, seen), random.Random(seed)

    for _ in range(3):
        for _ in range(8):
            mixed.market.trader.run([random_event(mixed, rng.choice(pools), rng)])
        update = await follower.advance()
        assert update.failures == ()
        assert not update.reread
        assert values(follower.states.values()) == await watch.read_again()
    states = list(follower.states.values())
    assert check_exchanges(mixed, host, pools, states, rng, 20) > 60


async def logs_of(mixed, source, chain, call):
    mixed.market.trader.run([call])
    newest = mixed.chain.block_number
    return await chain.logs(topics=sorted(source.topics), from_block=newest, to_block=newest)


@pytest.mark.parametrize("what", ["fund", "fee"])
async def test_what_an_event_tells_in_part_only_is_stale(mixed, pools, source, seen, chain, what):
    call = fund(pools[0], [10**9, 0]) if what == "fund" else new_fee(pools[0], 1, 1)

    (log,) = await logs_of(mixed, source, chain, call)

    with pytest.raises(arbx.StaleState, match="a part only"):
        source.apply(seen.states[0], log)


async def test_an_exchange_that_the_known_state_does_not_explain_is_stale(
    mixed, pools, source, seen, chain
):
    mixed.market.trader.run(
        [new_fee(pools[0], 90_000_000, 0)]
    )  # missed, as after a gap in the logs

    (log,) = await logs_of(mixed, source, chain, exchange(pools[0], 0, 10**10))

    with pytest.raises(arbx.StaleState, match="not what the known state pays"):
        source.apply(seen.states[0], log)
