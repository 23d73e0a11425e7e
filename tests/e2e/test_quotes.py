"""What a curve says is what the real contract pays, to the wei."""

import random

import pytest

import arbx
from arbx.chain import observe
from arbx.chain.abi import decode
from arbx.testing.localchain.history import random_history
from arbx.testing.localchain.trader import v2_swap, v3_swap

SWAPS = ("int256", "int256")


def directions(states):
    return [(state, i, 1 - i) for state in states for i in (0, 1)]


def amounts(curve, rng, most, count=6):
    """Return inputs of every size that the pool takes, and the trader has."""
    largest = min(curve.max_in, most)
    sizes = range(1, largest.bit_length() + 1)
    bits = rng.sample(sizes, k=min(count, len(sizes)))
    return [min(largest, rng.randint(2 ** (b - 1), 2**b)) for b in bits]


def holdings(market):
    return {token.address: market.trader.balance(token.address) for token in market.tokens}


def paid(market, state, token_in, amount_in, amount_out):
    """Return what the contract would pay, by asking it for a swap that is not mined."""
    pool, zero_for_one, trader = state.pool, token_in == 0, market.trader
    if pool.kind == "uniswap_v3":
        call = v3_swap(
            pool.address, amount_in, zero_for_one=zero_for_one, recipient=trader.address
        )
        taken_and_paid = decode(SWAPS, trader.answers([call])[0])
        assert taken_and_paid[token_in] == amount_in
        return -taken_and_paid[1 - token_in]
    # a pair says no more than yes or no: yes to this amount, no to one unit more
    token = pool.tokens[token_in].address
    settings = {"zero_for_one": zero_for_one, "recipient": trader.address}
    trader.answers(v2_swap(pool.address, token, amount_in, amount_out=amount_out, **settings))
    with pytest.raises(arbx.ChainError, match=r": K|: UniswapV2: (K|INSUFFICIENT_LIQUIDITY)"):
        trader.answers(
            v2_swap(pool.address, token, amount_in, amount_out=amount_out + 1, **settings)
        )
    return amount_out


@pytest.mark.parametrize("seed", range(2))
async def test_curves_pay_what_the_contracts_pay(market, host, seen, seed):
    rng, checked = random.Random(seed), {"uniswap_v2": 0, "uniswap_v3": 0}
    held = holdings(market)

    for state, i, j in directions(seen.states):
        curve = host.price(state, i, j)
        for amount_in in amounts(curve, rng, held[state.pool.tokens[i].address]):
            said = curve.amount_out(amount_in)
            if said == 0:
                continue
            assert paid(market, state, i, amount_in, said) == said, (state.pool, i, amount_in)
            checked[state.pool.kind] += 1

    assert min(checked.values()) > 100


async def test_curves_are_exact_after_a_random_history(market, host, sources, chain):
    rng = random.Random(17)
    random_history(market, rng, 60)
    held, checked = holdings(market), 0

    for state, i, j in directions((await observe(sources, chain)).states):
        curve = host.price(state, i, j)
        for amount_in in amounts(curve, rng, held[state.pool.tokens[i].address], 3):
            said = curve.amount_out(amount_in)
            if said:
                assert paid(market, state, i, amount_in, said) == said, (state.pool, i, amount_in)
                checked += 1

    assert checked > 100


async def test_least_in_is_least_for_the_contract(market, host, seen):
    rng, checked = random.Random(3), 0

    for state, i, j in directions(seen.states):
        curve = host.price(state, i, j)
        most = curve.amount_out(min(curve.max_in, 10**24)) if curve.max_in else 0
        if most < 10:
            continue
        wanted = rng.randint(1, most)
        least = curve.least_in(wanted)
        assert paid(market, state, i, least, curve.amount_out(least)) >= wanted
        less = curve.amount_out(least - 1)
        assert less < wanted
        if less:
            assert paid(market, state, i, least - 1, less) == less
        checked += 1

    assert checked > 60


async def test_a_v3_pool_stops_at_the_largest_input(market, host, seen):
    checked = 0

    for state, i, j in directions(seen.states):
        if state.pool.kind != "uniswap_v3":
            continue
        curve = host.price(state, i, j)
        if not 0 < curve.max_in < 2**250:
            continue
        call = v3_swap(
            state.pool.address,
            curve.max_in + 1,
            zero_for_one=i == 0,
            recipient=market.trader.address,
        )
        if curve.max_in < market.trader.balance(state.pool.tokens[i].address):
            taken_and_paid = decode(SWAPS, market.trader.answers([call])[0])
            assert taken_and_paid[i] == curve.max_in
            assert -taken_and_paid[j] == curve.amount_out(curve.max_in)
            checked += 1
        with pytest.raises(arbx.InsufficientLiquidity):
            curve.amount_out(curve.max_in + 1)

    assert checked > 5
