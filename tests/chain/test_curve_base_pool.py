"""A base pool of the template's generation mints and pays what a contract at the same invariant does."""

import random

import attrs
import pytest

import arbx
from arbx.testing.localchain.stableswap import GENERATION, deploy_stableswap

PLUGIN = PROVIDER = "curve"
WORD = ("uint256",)
SUPPLY = 3_141_592 * 10**18


@pytest.fixture
def shares(mixed):
    return mixed.chain.deploy("StableShares")


@pytest.fixture
def base_pool(host):
    """Return a function that makes what exchange_underlying uses below a metapool, from a pool's state."""
    module = pytest.importorskip("arbx_dex_curve.basepool")

    def make(state):
        common = attrs.asdict(state, recurse=False)
        return module.BasePool(
            module.BaseState(**common, lp_total_supply=SUPPLY, virtual_price_e18=10**18)
        )

    return make


def outcomes(mixed, calls):
    """Return what each call answers, None where it reverts."""
    found = []
    for call in calls:
        try:
            found.append(mixed.chain.ask(call)[0])
        except arbx.ChainError:
            found.append(None)
    return found


def question(shares, name, pool, amount, coin):
    signature = f"{name}(address,uint256,uint256,uint256)"
    return arbx.Call(shares, signature, WORD, (pool.address, SUPPLY, amount, coin))


@pytest.mark.parametrize("symbols", [("USDC", "DAI"), ("GUSD", "USDT"), ("DAI", "GUSD")])
@pytest.mark.parametrize("dollars", [(1_000_000, 1_000_000), (900_000, 30_000)])
@pytest.mark.parametrize("amplification", [20, 1_500])
async def test_deposits_and_withdrawals_are_the_contracts(
    mixed, watch, shares, base_pool, symbols, dollars, amplification
):
    pool = deploy_stableswap(mixed.market, symbols, dollars, amplification)
    given = [{"address": pool.address, "generation": GENERATION}]
    (state,) = (await watch.observe(pools=given)).states
    below, rng, asked = base_pool(state.state), random.Random(amplification), []
    for coin in (0, 1):
        held = state.state.balances[coin]
        for _ in range(25):
            asked.append(("minted", "deposit", max(1, held >> rng.randint(0, 40)), coin))
            asked.append(("paid", "withdraw", max(1, SUPPLY >> rng.randint(1, 70)), coin))

    told = outcomes(mixed, [question(shares, row[0], pool, *row[2:]) for row in asked])

    answered = 0
    for (_, name, amount, coin), answer in zip(asked, told, strict=True):
        expected = int(getattr(below, name)(amount, coin))
        # where the contract reverts, nothing is to be had
        assert expected == (answer or 0), (name, amount, coin)
        answered += answer is not None
    assert answered > 60
