"""The sources on chains that answer from a table."""

import json

import attrs
import pytest

import arbx
from arbx.testing import FakeChain, PoolSourceTests, Recording
from arbx_dex_balancer import (
    BalancerV2Settings,
    BalancerV2Source,
    BalancerV3Settings,
    BalancerV3Source,
)
from arbx_dex_balancer.events import (
    AMP_STARTED,
    BALANCE_CHANGED,
    BALANCE_MANAGED,
    FEE_CHANGED,
    SWAP,
    V2_TOPICS,
)
from arbx_dex_balancer.reading import CLOCK
from arbx_dex_balancer.source_v2 import POOL_REGISTERED
from arbx_dex_balancer.source_v3 import V3_POOL_REGISTERED

from .conftest import MODELS

ONE = 10**18
BLOCK = 100
VAULT, FACTORY, PROVIDER = "0x" + "ba" * 20, "0x" + "fa" * 20, "0x" + "9a" * 20
NOBODY = "0x" + "00" * 20
A, B = "0x" + "0a" * 20, "0x" + "0b" * 20
WEIGHTED, STABLE, LINEAR, OLD = ("0x" + byte * 20 for byte in ("c1", "c2", "c3", "c4"))
IDS = {pool: bytes.fromhex(pool[2:] + "00" * 12) for pool in (WEIGHTED, STABLE, LINEAR, OLD)}


def version(name, number, day):
    told = {"name": name, "version": number, "deployment": f"{day}-{name.lower()}-v{number}"}
    return (json.dumps(told),)


def word(value):
    return (value % 2**256).to_bytes(32, "big")


def padded(address):
    return word(int(address, 16))


TOKENS = {
    (token, "symbol()"): (symbol,) for token, symbol in ((A, "AAA"), (B, "BBB"), (STABLE, "BPT"))
} | {(token, "decimals()"): (digits,) for token, digits in ((A, 18), (B, 6), (STABLE, 18))}

ANSWERS = TOKENS | {
    **{(pool, "getPoolId()"): (IDS[pool],) for pool in IDS},
    (WEIGHTED, "version()"): version("WeightedPool", 4, "20230320"),
    (STABLE, "version()"): version("ComposableStablePool", 6, "20240223"),
    (LINEAR, "version()"): version("ERC4626LinearPool", 3, "20230206"),
    (FACTORY, "isPoolFromFactory(address)", (OLD,)): (True,),
    (VAULT, "getPoolTokens(bytes32)", (IDS[WEIGHTED],)): ((A, B), (10**24, 2 * 10**12), 1),
    (VAULT, "getPoolTokens(bytes32)", (IDS[OLD],)): ((A, B), (10**22, 10**10), 1),
    (VAULT, "getPoolTokens(bytes32)", (IDS[LINEAR],)): ((A, B), (1, 1), 1),
    (VAULT, "getPoolTokens(bytes32)", (IDS[STABLE],)): (
        (A, B, STABLE), (10**24, 10**12, 2**111), 1,
    ),
    **{(pool, "getSwapFeePercentage()"): (10**15,) for pool in IDS},
    **{(pool, "getPausedState()"): (False, 1, 2) for pool in IDS},
    (WEIGHTED, "getNormalizedWeights()"): ((8 * 10**17, 2 * 10**17),),
    (OLD, "getNormalizedWeights()"): ((5 * 10**17, 5 * 10**17),),
    (STABLE, "getAmplificationParameter()"): (200_000, False, 1000),
    (STABLE, "getActualSupply()"): (19 * 10**23,),
    (STABLE, "getRateProviders()"): ((PROVIDER, NOBODY, NOBODY),),
    (STABLE, "getTokenRateCache(address)"): (11 * 10**17, 11 * 10**17, 3600, 5_000),
    (PROVIDER, "getRate()"): (12 * 10**17,),
    (CLOCK, "getCurrentBlockTimestamp()"): (4_000,),
}  # fmt: skip


def registered(pool, block):
    topics = (POOL_REGISTERED, IDS[pool], padded(pool))
    return arbx.Log(VAULT, topics, word(0), block, 0)


def v2_chain(**changes):
    logs = [registered(pool, block) for block, pool in enumerate(IDS, 1)]
    return FakeChain(ANSWERS | changes.get("answers", {}), logs=logs, block=BLOCK)


def v2_source():
    factories = {FACTORY: "WeightedPool v1 (20210418)"}
    return BalancerV2Source(BalancerV2Settings(vault=VAULT, factories=factories))


def pool_state(address=WEIGHTED, **changes):
    generation = "WeightedPool v4 (20230320)"
    record = {
        "chain_id": 1, "kind": "balancer_weighted", "address": address,
        "tokens": [{"address": A, "decimals": 18}, {"address": B, "decimals": 6}],
        "state": {
            "pool": generation, "pool_id": "0x" + IDS[address].hex(), "swap_fee": 10**15,
            "balances": [10**24, 2 * 10**12], "weights": [8 * 10**17, 2 * 10**17],
        } | changes,
    }  # fmt: skip
    state = MODELS["balancer_weighted"].parse(arbx.Fields(record))
    tokens = (arbx.Token(A, "AAA", 18), arbx.Token(B, "BBB", 6))
    return arbx.PoolState(
        arbx.Pool(1, "balancer_weighted", address, tokens, "balancer_v2"), BLOCK, state
    )


def log(topics, *words, address=VAULT):
    return arbx.Log(address, topics, b"".join(map(word, words)), BLOCK + 1, 0)


SWAPPED = log((SWAP, IDS[WEIGHTED], padded(A), padded(B)), 10**21, 10**9)
JOINED = log(
    (BALANCE_CHANGED, IDS[WEIGHTED], padded(FACTORY)),
    *(96, 192, 288, 2, int(A, 16), int(B, 16), 2, 5 * 10**20, -(10**9), 2, 10**18, 7),
)
MANAGED = log((BALANCE_MANAGED, IDS[WEIGHTED], padded(FACTORY), padded(B)), -(10**10), 10**10 + 5)
FEE = log((FEE_CHANGED,), 3 * 10**15, address=WEIGHTED)
AFTER = {
    "balances": [10**24 + 10**21 + 5 * 10**20 - 10**18, 2 * 10**12 - 2 * 10**9 - 7 + 5],
    "swap_fee": 3 * 10**15,
}


class TestBalancerV2(PoolSourceTests):
    swap_targets = (VAULT, A, B, STABLE)

    def make_source(self):
        return v2_source()

    def make_chain(self):
        return v2_chain()

    def make_models(self):
        return list(MODELS.values())

    def make_recordings(self):
        after = attrs.evolve(pool_state(**AFTER), block=BLOCK + 1)
        return [Recording(pool_state(), (SWAPPED, JOINED, MANAGED, FEE), after)]

    def test_uses_every_topic(self):
        # The others tell that the pool must be read again.
        stale = V2_TOPICS - {SWAP, BALANCE_CHANGED, BALANCE_MANAGED, FEE_CHANGED}
        for topic in stale:
            with pytest.raises(arbx.StaleState, match=WEIGHTED):
                v2_source().apply(pool_state(), log((topic,), 1, address=WEIGHTED))


async def test_lists_what_it_does_not_support_with_the_reason():
    source, chain = v2_source(), v2_chain()
    found = await source.discover(chain, block=BLOCK)

    assert [pool.address for pool in found] == [WEIGHTED, STABLE, OLD]
    assert source.skipped == {
        LINEAR: "is of the generation 'ERC4626LinearPool v3 (20230206)', which is not supported"
    }


async def test_names_the_generation_by_the_factory_where_a_pool_tells_none():
    source, chain = v2_source(), v2_chain()
    pools = await source.discover(chain, block=BLOCK)
    states = {
        state.pool.address: state.state for state in await source.states(chain, pools, block=BLOCK)
    }

    assert states[OLD].generation.name == "WeightedPool v1 (20210418)"
    assert states[OLD].pool_id == "0x" + IDS[OLD].hex()


@pytest.mark.parametrize(("now", "rate"), [(4_000, 11 * 10**17), (5_001, 12 * 10**17)])
async def test_takes_the_rate_that_the_next_swap_will_use(now, rate):
    chain = v2_chain(answers={(CLOCK, "getCurrentBlockTimestamp()"): (now,)})
    source = v2_source()
    (pool,) = [
        pool for pool in await source.discover(chain, block=BLOCK) if pool.address == STABLE
    ]
    (state,) = await source.states(chain, [pool], block=BLOCK)

    assert state.state.rates == (rate, ONE, ONE)
    assert state.state.scaling_factors == (rate, 10**30, ONE)
    assert (state.state.bpt_index, state.state.actual_supply) == (2, 19 * 10**23)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({(STABLE, "getAmplificationParameter()"): (200_000, True, 1000)}, "block to block"),
        ({(STABLE, "getPausedState()"): (True, 1, 2)}, "paused"),
        ({(STABLE, "getActualSupply()"): None}, "not answered"),
        ({(STABLE, "getTokenRateCache(address)"): None}, "unknown for token"),
        ({(CLOCK, "getCurrentBlockTimestamp()"): None}, "no Multicall3"),
        ({(B, "decimals()"): None}, "decimals"),
        ({(STABLE, "getAmplificationParameter()"): (1, False, 1000)}, "state.amp: is 1"),
    ],
)
async def test_leaves_out_a_pool_that_it_can_not_price_with_the_reason(answer, why):
    chain, source = v2_chain(answers=answer), v2_source()
    pools = [p for p in await source.discover(chain, block=BLOCK) if p.address == STABLE]

    assert await source.states(chain, pools, block=BLOCK) == []
    assert why in source.skipped[STABLE]


async def test_reads_a_composable_pool_again_after_each_swap():
    source, chain = v2_source(), v2_chain()
    pools = await source.discover(chain, block=BLOCK)
    states = await source.states(chain, pools, block=BLOCK)
    (state,) = [state for state in states if state.pool.address == STABLE]
    swapped = log((SWAP, IDS[STABLE], padded(A), padded(B)), 5, 5)

    with pytest.raises(arbx.StaleState, match="actual supply"):
        source.apply(state, swapped)
    with pytest.raises(arbx.StaleState, match="amplification"):
        source.apply(state, log((AMP_STARTED,), 1, 2, 3, 4, address=STABLE))


def test_refuses_an_event_whose_data_is_cut_off():
    cut = attrs.evolve(JOINED, data=JOINED.data[:64])

    with pytest.raises(arbx.InvalidState, match="is not 3 arrays"):
        v2_source().apply(pool_state(), cut)


def test_encodes_a_single_swap_with_an_exact_approval():
    approve, swap = v2_source().swap(pool_state(), 0, 1, 10**18, 5, FACTORY)

    assert (approve.target, approve.args) == (A, (VAULT, 10**18))
    assert swap.args[0] == (IDS[WEIGHTED], 0, A, B, 10**18, b"")
    assert swap.args[1:3] == ((FACTORY, False, FACTORY, False), 5)


def test_asks_for_the_pool_id_that_a_swap_needs():
    with pytest.raises(arbx.InvalidState, match=r"state.pool_id: is missing"):
        v2_source().swap(pool_state(pool_id=None), 0, 1, 1, 1, FACTORY)


def test_refuses_settings_that_name_an_unknown_generation():
    with pytest.raises(ValueError, match="is no generation"):
        BalancerV2Settings(factories={FACTORY: "WeightedPool v7"})


POOL3, HOOKED = "0x" + "d1" * 20, "0x" + "d2" * 20
ROUTER, PERMIT2 = "0x" + "0e" * 20, "0x" + "0f" * 20
NO_HOOKS = (False,) * 10
V3_ANSWERS = TOKENS | {
    **{(pool, "version()"): version("StablePool", 2, "20250324") for pool in (POOL3, HOOKED)},
    (VAULT, "getPoolTokenInfo(address)"): (
        (A, B), ((0, NOBODY, False),) * 2, (10**24, 10**12), (10**24, 10**24),
    ),
    (VAULT, "getHooksConfig(address)", (POOL3,)): ((*NO_HOOKS, NOBODY),),
    (VAULT, "getHooksConfig(address)", (HOOKED,)): ((*NO_HOOKS[:3], True, *NO_HOOKS[4:], A),),
    (VAULT, "getPoolTokenRates(address)"): ((1, 10**12), (ONE, ONE)),
    (VAULT, "getCurrentLiveBalances(address)"): ((10**24, 10**24),),
    (VAULT, "getStaticSwapFeePercentage(address)"): (10**14,),
    (VAULT, "isPoolPaused(address)"): (False,),
    (POOL3, "getAmplificationParameter()"): (200_000, False, 1000),
}  # fmt: skip


def v3_chain(answers=()):
    logs = [
        arbx.Log(VAULT, (V3_POOL_REGISTERED, padded(pool), padded(FACTORY)), b"", 1, index)
        for index, pool in enumerate((POOL3, HOOKED))
    ]
    return FakeChain(V3_ANSWERS | dict(answers), logs=logs, block=BLOCK)


def v3_source():
    return BalancerV3Source(BalancerV3Settings(vault=VAULT, router=ROUTER, permit2=PERMIT2))


class TestBalancerV3(PoolSourceTests):
    swap_targets = (A, B, ROUTER, PERMIT2)
    names_recipient = False  # the router pays its caller

    def make_source(self):
        return v3_source()

    def make_chain(self):
        return v3_chain()

    def make_models(self):
        return list(MODELS.values())

    def make_recordings(self):
        return []

    def test_uses_every_topic(self):
        state = arbx.PoolState(attrs.evolve(pool_state().pool, address=POOL3), BLOCK, None)
        for topic in v3_source().topics:
            with pytest.raises(arbx.StaleState, match=POOL3):
                v3_source().apply(state, log((topic, padded(POOL3))))

            assert v3_source().apply(state, log((topic, padded(HOOKED)))) is state


async def test_leaves_out_pools_whose_hooks_change_swaps():
    source = v3_source()
    found = await source.discover(v3_chain(), block=BLOCK)

    assert [pool.address for pool in found] == [POOL3]
    assert source.skipped == {HOOKED: "has hooks that change its swaps"}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({(VAULT, "isPoolPaused(address)"): (True,)}, "is paused"),
        ({(POOL3, "getAmplificationParameter()"): (1, True, 1000)}, "block to block"),
        ({(POOL3, "getAmplificationParameter()"): None}, "state.weights: is missing"),
        ({(VAULT, "getPoolTokenRates(address)"): None}, "answers not all"),
    ],
)
async def test_says_why_a_v3_pool_has_no_state(answer, why):
    source = v3_source()
    pools = await source.discover(v3_chain(), block=BLOCK)

    assert await source.states(v3_chain(answer), pools, block=BLOCK) == []
    assert why in source.skipped[POOL3]


def test_names_the_chain_whose_router_is_not_known():
    settings = BalancerV3Settings()

    assert settings.router_on(1) == "0xae563e3f8219521950555f5962419c8919758ea2"
    with pytest.raises(arbx.ConfigError, match="a Balancer V3 router is not known on chain 5"):
        settings.router_on(5)
