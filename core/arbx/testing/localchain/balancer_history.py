"""Let random things happen to Balancer's pools: swaps, joins, exits, new fees, new rates."""

import random
from collections.abc import Sequence

from arbx.model import Call
from arbx.testing.localchain.balancer import BalancerMarket
from arbx.testing.localchain.trader import balance
from arbx.testing.localchain.vault import BalancerPool, exit_pool, join, swap

__all__ = ["pool_balances", "random_balancer_action", "random_balancer_history", "set_fee"]

_WHAT = ("swap", "swap", "swap", "swap", "join", "exit", "fee", "rate")


def random_balancer_history(
    stood: BalancerMarket, rng: random.Random, actions: int, pools: Sequence[BalancerPool] = ()
) -> int:
    """Do random things to random pools, one a block; return how many of them the contracts accepted."""
    accepted = 0
    for _ in range(actions):
        calls, sender = random_balancer_action(stood, rng.choice(pools or stood.pools), rng)
        receipts = stood.market.chain.transact_any(calls, sender=sender)
        accepted += all(receipt.succeeded for receipt in receipts)
    return accepted


def random_balancer_action(
    stood: BalancerMarket, pool: BalancerPool, rng: random.Random
) -> tuple[list[Call], str]:
    """Return one thing that may happen to a pool now and who does it; the contract may still refuse it."""
    owner, what = stood.market.chain.accounts[0], rng.choice(_WHAT)
    if what == "fee":
        return [set_fee(pool, rng.randint(10**13, 10**17))], owner
    if what == "rate" and pool.kind == "balancer_stable":
        return _new_rate(stood, pool, rng), owner
    call = {"join": _join, "exit": _exit}.get(what, _swap)(stood, pool, rng)
    return [stood.market.trader.bundle([call])], owner


def set_fee(pool: BalancerPool, fee_e18: int) -> Call:
    """Change the swap fee; only the pool's owner may, and that is the chain's first account."""
    return Call(pool.address, "setSwapFeePercentage(uint256)", (), (fee_e18,))


def pool_balances(stood: BalancerMarket, pool: BalancerPool) -> list[int]:
    """Return what the Vault holds for a pool, in the order of its registered tokens."""
    answer = ("address[]", "uint256[]", "uint256")
    question = Call(stood.vault, "getPoolTokens(bytes32)", answer, (pool.key,))
    return list(stood.market.chain.ask(question)[1])


def _swap(stood: BalancerMarket, pool: BalancerPool, rng: random.Random) -> Call:
    sold, bought = rng.sample(range(len(pool.tokens)), 2)
    chain, trader = stood.market.chain, stood.market.trader.address
    # A fifth of a balance; of the pool's own token the Vault holds what nobody was given: take the trader's.
    held = (
        balance(chain, pool.address, trader)
        if sold == pool.own
        else pool_balances(stood, pool)[sold]
    )
    amount_in = _up_to(rng, held // 5)
    return swap(stood.vault, pool, (sold, bought), amount_in, trader)


def _join(stood: BalancerMarket, pool: BalancerPool, rng: random.Random) -> Call:
    held = pool_balances(stood, pool)
    amounts = [_up_to(rng, amount // 10) for k, amount in enumerate(held) if k != pool.own]
    return join(stood.vault, pool, stood.market.trader.address, amounts)


def _exit(stood: BalancerMarket, pool: BalancerPool, rng: random.Random) -> Call:
    trader = stood.market.trader.address
    shares = balance(stood.market.chain, pool.address, trader)
    return exit_pool(stood.vault, pool, trader, _up_to(rng, shares // 4))


def _new_rate(stood: BalancerMarket, pool: BalancerPool, rng: random.Random) -> list[Call]:
    calls = [
        Call(stood.rate_provider, "set_rate(uint256)", (), (rng.randint(10**18, 13 * 10**17),))
    ]
    return calls + [
        Call(pool.address, "updateTokenRateCache(address)", (), (token.address,))
        for token in pool.traded
        if token.symbol == "WSTETH"
    ]


def _up_to(rng: random.Random, most: int) -> int:
    """Return an amount from 1 to *most*, small ones as often as large ones."""
    return min(max(most, 1), max(1, most >> rng.randint(0, max(0, most.bit_length() - 1))))
