"""States from logs are the states that a full read gives, whatever the chain does meanwhile."""

import asyncio

import attrs
import pytest

from arbx.chain import Chain, Follower, observe
from arbx.chain.abi import topic
from arbx.errors import ChainError, ConfigError, PluginError, StaleState
from arbx.model import Call, Pool, PoolState
from arbx.testing.localchain.trader import v2_burn, v2_mint, v2_swap

SYNC = topic("Sync(uint112,uint112)")


class PairSource:
    """The smallest source: reserves of given pairs; it fails where a test wants it to."""

    topics = frozenset({SYNC})

    def __init__(self, market):
        self._pools = [
            Pool(31_337, pool.kind, pool.address, pool.tokens) for pool in market.of("uniswap_v2")
        ]
        self.fails, self.reads, self.fleeting = {}, 0, set()

    def _maybe_fail(self, where):
        if where in self.fails:
            raise self.fails[where]

    async def discover(self, chain, *, block):
        self._maybe_fail("discover")
        return self._pools

    async def states(self, chain, pools, *, block):
        self._maybe_fail("states")
        self.reads += len(pools)
        returns = ("uint112", "uint112", "uint32")
        calls = [Call(pool.address, "getReserves()", returns) for pool in pools]
        answers = await chain.call_many(calls, block=block)
        return [
            PoolState(pool, block, answer[:2], fleeting=pool.address in self.fleeting)
            for pool, answer in zip(pools, answers, strict=True)
            if answer and answer[0]
        ]

    def apply(self, state, log):
        self._maybe_fail("apply")
        reserves = int.from_bytes(log.data[:32], "big"), int.from_bytes(log.data[32:], "big")
        return attrs.evolve(state, state=reserves, block=log.block)

    def swap(self, state, token_in, token_out, amount_in, amount_out, recipient):
        return []


@pytest.fixture
async def chain(market):
    async with await Chain.connect(market.chain.url, first_wait_s=0.01, attempts=2) as connected:
        yield connected


@pytest.fixture
def source(market):
    return PairSource(market)


@pytest.fixture
async def follower(chain, source):
    return Follower({"pairs": source}, chain, await observe({"pairs": source}, chain))


def swap(market, index=0, amount_in=10**15, amount_out=1):
    pool, trader = market.of("uniswap_v2")[index], market.trader
    calls = v2_swap(
        pool.address,
        pool.tokens[0].address,
        amount_in,
        zero_for_one=True,
        amount_out=amount_out,
        recipient=trader.address,
    )
    trader.run(calls)
    return pool.address


def fill_the_empty_pair(market):
    pool = next(pool for pool in market.pools if pool.shape == "empty")
    payments = [(token.address, 10**12) for token in pool.tokens]
    market.trader.run(v2_mint(pool.address, payments, market.trader.address))
    return pool.address


async def read_again(chain, source):
    seen = await observe({"pairs": source}, chain)
    return {state.pool.address: state.state for state in seen.states}


def values(follower):
    return {address: state.state for address, state in follower.states.items()}


async def test_observe_leaves_out_pools_without_a_state(market, chain, source):
    seen = await observe({"pairs": source}, chain)

    assert seen.block.number == market.chain.block_number
    assert len(seen.pools["pairs"]) == len(seen.states) + 1 == len(market.of("uniswap_v2"))


async def test_observe_reads_an_old_block(market, chain, source):
    before = await read_again(chain, source)
    number = market.chain.block_number
    swap(market)

    seen = await observe({"pairs": source}, chain, block=number)

    assert {state.pool.address: state.state for state in seen.states} == before
    assert before != await read_again(chain, source)


async def test_nothing_changes_without_a_block(follower):
    update = await follower.advance()

    assert (update.changed, update.removed, update.reread) == ((), (), False)


async def test_a_swap_changes_its_pool_and_reads_nothing(market, chain, source, follower):
    reads = source.reads
    address = swap(market)

    update = await follower.advance()

    assert [state.pool.address for state in update.changed] == [address]
    assert source.reads == reads
    assert values(follower) == await read_again(chain, source)


async def test_several_blocks_are_caught_up_with_at_once(market, chain, source, follower):
    for index in (0, 1, 2, 1):
        swap(market, index)
    market.chain.mine(3)

    update = await follower.advance()

    assert len(update.changed) == 3
    assert update.block.number == market.chain.block_number == follower.block.number
    assert values(follower) == await read_again(chain, source)


async def test_a_pool_that_gets_its_first_liquidity_is_read(market, chain, source, follower):
    address = fill_the_empty_pair(market)

    update = await follower.advance()

    assert [(s.pool.address, s.state) for s in update.changed] == [(address, (10**12, 10**12))]


async def test_liquidity_that_leaves_is_followed(market, chain, source, follower):
    pool = market.of("uniswap_v2")[3]
    held = market.trader.balance(pool.address)
    market.trader.run(v2_burn(pool.address, held // 3, market.trader.address))

    await follower.advance()

    assert values(follower) == await read_again(chain, source)


async def test_a_replaced_block_is_noticed_by_the_parents_hash(market, chain, source, follower):
    before = market.chain.rpc.ask("evm_snapshot")
    swap(market, 0)
    await follower.advance()
    market.chain.rpc.ask("evm_revert", before)
    swap(market, 1)
    other = swap(market, 2)

    update = await follower.advance()

    assert update.reread
    assert other in {state.pool.address for state in update.changed}
    assert values(follower) == await read_again(chain, source)


async def test_a_shorter_chain_is_noticed(market, chain, source, follower):
    before = market.chain.rpc.ask("evm_snapshot")
    swap(market, 0)
    filled = fill_the_empty_pair(market)
    await follower.advance()
    market.chain.rpc.ask("evm_revert", before)

    update = await follower.advance()

    assert update.reread
    assert update.removed == (filled,)
    assert values(follower) == await read_again(chain, source)


async def test_a_pool_whose_log_the_plugin_chokes_on_is_read(market, chain, source, follower):
    source.fails["apply"] = ValueError("what is this?")
    address = swap(market)

    update = await follower.advance()

    assert [state.pool.address for state in update.changed] == [address]
    assert [str(failure) for failure in update.failures] == [
        "pairs failed in apply: ValueError: what is this?"
    ]
    assert values(follower) == await read_again(chain, source)


async def test_a_stale_state_is_read_again_and_blames_nobody(market, chain, source, follower):
    source.fails["apply"] = StaleState("the event tells a part only")
    reads, address = source.reads, swap(market)

    update = await follower.advance()

    assert [state.pool.address for state in update.changed] == [address]
    assert update.failures == ()
    assert source.reads == reads + 1
    assert values(follower) == await read_again(chain, source)


async def test_a_fleeting_state_is_read_at_every_block(market, chain, source):
    ticking, logged = (pool.address for pool in source._pools[:2])
    source.fleeting.add(ticking)
    follower = Follower({"pairs": source}, chain, await observe({"pairs": source}, chain))
    reads = source.reads
    source.fails["apply"] = ValueError("a fleeting state is not made from logs")
    swap(market, 0)

    update = await follower.advance()

    assert [state.pool.address for state in update.changed] == [ticking]
    assert (update.failures, source.reads) == ((), reads + 1)
    market.chain.mine(2)
    assert (await follower.advance()).changed == ()
    assert follower.states[ticking].block == market.chain.block_number
    assert follower.states[logged].block < market.chain.block_number
    assert source.reads == reads + 2


async def test_a_state_that_is_fleeting_no_more_is_left_alone(market, chain, source):
    source.fleeting.add(source._pools[0].address)
    follower = Follower({"pairs": source}, chain, await observe({"pairs": source}, chain))
    source.fleeting.clear()
    market.chain.mine()
    await follower.advance()
    reads = source.reads
    market.chain.mine()

    await follower.advance()

    assert source.reads == reads


async def test_a_pool_that_can_not_be_read_either_is_dropped(market, source, follower):
    source.fails.update(apply=ValueError("what?"), states=KeyError("oh"))
    address = swap(market)

    update = await follower.advance()

    assert update.removed == (address,)
    assert address not in follower.states
    assert len(update.failures) == 2


async def test_a_dropped_pool_comes_back_with_its_next_log(market, chain, source, follower):
    source.fails.update(apply=ValueError("what?"), states=KeyError("oh"))
    swap(market)
    await follower.advance()
    source.fails.clear()
    address = swap(market)

    update = await follower.advance()

    assert [state.pool.address for state in update.changed] == [address]
    assert values(follower) == await read_again(chain, source)


async def test_a_chain_that_fails_leaves_the_states_of_the_last_block(market, source, follower):
    before, block = values(follower), follower.block
    source.fails.update(apply=ValueError("what?"), states=ChainError("gone"))
    swap(market, 0)

    with pytest.raises(ChainError, match="gone"):
        await follower.advance()
    assert (values(follower), follower.block) == (before, block)


async def test_new_pools_are_found_by_rediscovery(market, chain, source):
    late = source._pools.pop()
    late = source._pools.pop() if late.address not in await read_again(chain, source) else late
    follower = Follower({"pairs": source}, chain, await observe({"pairs": source}, chain))
    source._pools.append(late)

    update = await follower.rediscover()

    assert [state.pool.address for state in update.changed] == [late.address]


async def looked(follower):
    """Let the look that has begun come to its end."""
    await asyncio.wait([follower._newcomers._task])


async def test_new_pools_are_found_in_the_background_and_read_at_the_next_block(
    market, chain, source
):
    late = source._pools.pop(0)
    seen = await observe({"pairs": source}, chain)
    follower = Follower({"pairs": source}, chain, seen, rediscover_blocks=2)
    source._pools.append(late)
    market.chain.mine()
    assert (await follower.advance()).discovered == ()
    market.chain.mine()
    assert (await follower.advance()).discovered == ()
    await looked(follower)
    market.chain.mine()

    update = await follower.advance()

    assert update.discovered == (late,)
    assert [state.pool for state in update.changed] == [late]
    assert follower.owners[late.address] == "pairs"
    assert values(follower) == await read_again(chain, source)
    swap(market, 0)
    assert [s.pool for s in (await follower.advance()).changed] == [late]


async def test_no_block_waits_for_a_look_and_there_is_one_at_a_time(market, chain, source):
    seen = await observe({"pairs": source}, chain)
    follower = Follower({"pairs": source}, chain, seen, rediscover_blocks=1)
    begun = []

    async def hang(chain, *, block):
        begun.append(block)
        await asyncio.sleep(60)

    source.discover = hang
    for _ in range(3):
        address = swap(market)
        async with asyncio.timeout(10):
            update = await follower.advance()
        await asyncio.sleep(0)
        assert [state.pool.address for state in update.changed] == [address]
    await follower.close()

    assert len(begun) == 1
    assert len(asyncio.all_tasks()) == 1


async def test_a_look_that_fails_is_told_once_and_takes_no_pool_away(market, chain, source):
    seen = await observe({"pairs": source}, chain)
    follower = Follower({"pairs": source}, chain, seen, rediscover_blocks=2)
    before = values(follower)
    for error in (KeyError("oh"), ChainError("gone")):
        source.fails["discover"] = error
        market.chain.mine(2)
        await follower.advance()
        await looked(follower)
        market.chain.mine()
        told = (await follower.advance()).failures
        market.chain.mine()

        assert [failure.where for failure in told] == ["discover"]
        assert type(error).__name__ in str(told[0])
        assert values(follower) == before


async def test_pools_that_could_not_be_read_get_another_chance_after_a_look(market, chain, source):
    source.fails["states"] = KeyError("oh")
    seen = await observe({"pairs": source}, chain)
    follower = Follower({"pairs": source}, chain, seen, rediscover_blocks=1)
    source.fails.clear()
    market.chain.mine()
    empty = await follower.advance()
    await looked(follower)
    market.chain.mine()
    update = await follower.advance()

    assert (seen.states, empty.changed) == ((), ())
    assert len(update.changed) == len(market.of("uniswap_v2")) - 1
    assert values(follower) == await read_again(chain, source)


async def test_a_source_that_keeps_failing_is_not_asked_until_the_next_look(market, chain, source):
    asked = []

    class Failing(PairSource):
        async def states(self, chain, pools, *, block):
            asked.append(block)
            return await super().states(chain, pools, block=block)

    failing = Failing(market)
    failing._pools, source._pools = failing._pools[:2], source._pools[2:]
    failing.fleeting = {pool.address for pool in failing._pools}
    sources = {"failing": failing, "pairs": source}
    follower = Follower(sources, chain, await observe(sources, chain), rediscover_blocks=6)
    failing.fails["states"] = KeyError("oh")
    updates = []
    for _ in range(5):
        swap(market, 0)
        updates.append(await follower.advance())
    asked_before = len(asked)
    failing.fails.clear()
    market.chain.mine()
    await follower.advance()
    await looked(follower)
    market.chain.mine()
    back = await follower.advance()

    assert len(updates[0].removed) == 2
    assert asked_before == 1 + 3  # the first was well
    assert ["not asked until" in str(u.failures[-1:]) for u in updates] == [
        False, False, True, False, False,
    ]  # fmt: skip
    assert {state.pool for state in back.changed} == set(failing._pools)
    assert values(follower) == await read_again(chain, PairSource(market))


async def test_a_growing_source_is_asked_for_what_is_new_only(market, chain):
    class Growing(PairSource):
        asked = []

        async def created(self, chain, *, since, block):
            self.asked.append((since, block))
            return self._pools[-1:]

    source = Growing(market)
    late = source._pools.pop(0)
    start = market.chain.mine(100)
    seen = await observe({"pairs": source}, chain)
    follower = Follower({"pairs": source}, chain, seen)
    source._pools.append(late)

    update = await follower.rediscover()

    assert update.discovered == (late,)
    assert source.asked == [(start - 64, start)]


async def test_a_pool_that_is_gone_leaves_at_the_block_that_shows_it(market, chain, source):
    follower = Follower({"pairs": source}, chain, await observe({"pairs": source}, chain))
    gone = swap(market)
    source.fails["apply"] = StaleState("read it")
    market.chain.rpc.ask("anvil_setCode", gone, "0x")
    market.chain.mine()

    update = await follower.advance()

    assert (update.removed, update.failures) == ((gone,), ())


@pytest.mark.parametrize("where", ["discover", "states"])
@pytest.mark.parametrize("error", [KeyError("reserve0"), PluginError("pairs", "x", "no")])
async def test_a_source_that_fails_is_named_and_stops_no_other(market, chain, where, error):
    broken, sound = PairSource(market), PairSource(market)
    broken.fails[where] = error
    broken._pools = broken._pools[:3]

    seen = await observe({"broken": broken, "sound": sound}, chain)

    assert len(seen.failures) == 1
    assert seen.failures[0].plugin in {"broken", "pairs"}
    assert len(seen.states) >= len(market.of("uniswap_v2")) - 4


async def test_what_a_source_leaves_out_is_told_with_the_reason(market, chain):
    class Choosy(PairSource):
        skipped = {"0xa1": "has hooks"}

    seen = await observe({"choosy": Choosy(market), "pairs": PairSource(market)}, chain)

    assert seen.skipped == {"choosy": {"0xa1": "has hooks"}}


@pytest.mark.parametrize("answer", [{"skipped": 7}, {}])
async def test_a_source_that_can_not_tell_what_it_left_out_is_named(market, chain, answer):
    class Confused(PairSource):
        @property
        def skipped(self):
            return answer["skipped"]

    seen = await observe({"confused": Confused(market)}, chain)

    assert "confused failed in skipped: " in str(seen.failures[0])
    assert len(seen.states) > 10


async def test_a_source_that_hangs_is_given_up(market, chain, source):
    async def hang(chain, *, block):
        await asyncio.sleep(60)

    source.discover = hang

    seen = await observe({"pairs": source}, chain, timeout_s=0.05)

    assert "pairs failed in discover: no answer within 0.05 s" in str(seen.failures[0])


@pytest.mark.parametrize("error", [ChainError("node is down"), ConfigError("no such factory")])
async def test_what_is_not_the_sources_fault_is_raised(market, chain, source, error):
    source.fails["discover"] = error

    with pytest.raises(type(error), match=str(error)):
        await observe({"pairs": source}, chain)


async def test_a_pool_that_two_sources_find_belongs_to_the_first(market, chain):
    seen = await observe({"one": PairSource(market), "two": PairSource(market)}, chain)

    assert seen.pools["two"] == ()
    assert len({state.pool.address for state in seen.states}) == len(seen.states)
