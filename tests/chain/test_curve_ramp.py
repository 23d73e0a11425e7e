"""While A is being ramped it is another one in each block: a state has the A of the block that takes the swap."""

import pytest

import arbx
from arbx.testing.localchain.stableswap import exchange, ramp, stop_ramp
from arbx.testing.localchain.trader import balance
from arbx.testing.localchain.watching import values

PLUGIN = PROVIDER = "curve"
WORD = ("uint256",)
DAY_S, BLOCK_S = 86_400, 12


@pytest.fixture
def pool(mixed):
    return mixed.stableswaps[0]


@pytest.fixture
def ramped(mixed, pool):
    """Return a function that starts a ramp of a day and returns when it began and when it ends."""

    def start(amplification, lasts_s=DAY_S):
        begins_s = now_s(mixed.chain) + BLOCK_S
        set_time(mixed.chain, begins_s)
        mixed.chain.transact([ramp(pool, amplification, begins_s + lasts_s)])
        return begins_s, begins_s + lasts_s

    return start


def now_s(chain):
    return int(chain.rpc.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


def set_time(chain, timestamp_s):
    chain.rpc.ask("evm_setNextBlockTimestamp", timestamp_s)


def mine_at(chain, timestamp_s):
    if timestamp_s > now_s(chain):
        set_time(chain, timestamp_s)
        chain.mine()
    assert now_s(chain) == timestamp_s


def paid_at(mixed, pool, timestamp_s, sold, amount_in):
    """Return what exchange pays in a block of that time."""
    trader, token = mixed.market.trader, pool.tokens[1 - sold].address
    before = balance(mixed.chain, token, trader.address)
    with mixed.chain.undone():
        set_time(mixed.chain, timestamp_s)
        trader.run([exchange(pool, sold, amount_in)])
        assert now_s(mixed.chain) == timestamp_s
        return balance(mixed.chain, token, trader.address) - before


def amounts(pool, state, sold):
    held = state.state.balances[sold]
    return [10 ** pool.tokens[sold].decimals, held // 1000 + 7, held // 9, 3 * held]


async def state_of(watch, pool, **settings):
    seen = await watch.observe(**settings)
    return next((one for one in seen.states if one.pool.address == pool.address), None)


@pytest.mark.parametrize("target", [4_000, 40, 401, 399])
@pytest.mark.parametrize("after_s", [0, 1, 7_001, DAY_S // 2, DAY_S - 13, DAY_S - 12, DAY_S - 5])
async def test_a_swap_in_the_next_block_pays_what_the_state_says(
    mixed, host, watch, pool, ramped, target, after_s
):
    begins_s, _ = ramped(target)
    mine_at(mixed.chain, begins_s + after_s)

    state = await state_of(watch, pool, block_time_s=BLOCK_S)

    assert state.fleeting
    for sold in (0, 1):
        curve = host.price(state, sold, 1 - sold)
        for amount_in in amounts(pool, state, sold):
            paid = paid_at(mixed, pool, begins_s + after_s + BLOCK_S, sold, amount_in)
            assert curve.amount_out(amount_in) == paid


@pytest.mark.parametrize("target", [4_000, 40])
@pytest.mark.parametrize("after_s", [0, 7_001, DAY_S - 1, DAY_S, 2 * DAY_S])
async def test_blocks_without_time_between_them_pay_what_the_pool_quotes_now(
    mixed, host, watch, pool, ramped, target, after_s
):
    begins_s, _ = ramped(target)
    mine_at(mixed.chain, begins_s + after_s)

    state = await state_of(watch, pool, block_time_s=0)

    assert state.fleeting == (after_s < DAY_S)
    quote = "get_dy(int128,int128,uint256)"
    for sold in (0, 1):
        curve = host.price(state, sold, 1 - sold)
        for amount_in in amounts(pool, state, sold):
            call = arbx.Call(pool.address, quote, WORD, (sold, 1 - sold, amount_in))
            assert (curve.amount_out(amount_in),) == mixed.chain.ask(call)


async def test_the_a_of_another_block_pays_another_amount(mixed, host, watch, pool, ramped):
    begins_s, _ = ramped(4_000)
    state = await state_of(watch, pool, block_time_s=0)

    amount_in = state.state.balances[0] // 9
    paid = paid_at(mixed, pool, begins_s + BLOCK_S, 0, amount_in)

    assert host.price(state, 0, 1).amount_out(amount_in) != paid


async def test_the_encoded_swap_passes_in_the_next_block_and_asks_for_no_less(
    mixed, host, watch, pool, ramped
):
    begins_s, _ = ramped(40)
    source, trader = watch.source(block_time_s=BLOCK_S), mixed.market.trader
    (state,) = [s for s in (await watch.observe(source)).states if s.pool.address == pool.address]
    amount_in = state.state.balances[1] // 30
    expected = host.price(state, 1, 0).amount_out(amount_in)

    for wanted, succeeds in ((expected, True), (expected + 1, False)):
        with mixed.chain.undone():
            set_time(mixed.chain, begins_s + BLOCK_S)
            calls = source.swap(state, 1, 0, amount_in, wanted, trader.address)

            assert trader.try_run(calls).succeeded == succeeds


async def test_a_ramp_is_followed_block_by_block_without_an_event(mixed, watch, pool, ramped):
    source = watch.source(block_time_s=BLOCK_S)
    follower = watch.follower(source, await watch.observe(source))
    _, ends_s = ramped(800, lasts_s=5 * BLOCK_S)
    told = []
    for _ in range(8):
        told.append([state.pool.address for state in (await follower.advance()).changed])
        assert values(follower.states.values()) == await watch.read_again(block_time_s=BLOCK_S)
        mixed.chain.mine()

    # five blocks of a ramp: the last of them is the next one of the fourth
    assert told == [[pool.address]] * 5 + [[]] * 3
    assert now_s(mixed.chain) > ends_s
    assert not follower.states[pool.address].fleeting


async def test_swaps_in_a_ramping_pool_are_followed(mixed, watch, pool, ramped):
    source = watch.source(block_time_s=BLOCK_S)
    follower = watch.follower(source, await watch.observe(source))
    ramped(40)
    for sold in (0, 1, 0):
        mixed.market.trader.run([exchange(pool, sold, 10 ** (pool.tokens[sold].decimals + 4))])
        update = await follower.advance()

        assert not update.failures
        assert values(follower.states.values()) == await watch.read_again(block_time_s=BLOCK_S)


async def test_without_the_time_between_blocks_a_ramping_pool_is_left_out_until_it_stops(
    mixed, watch, pool, ramped
):
    source = watch.source()
    follower = watch.follower(source, await watch.observe(source))
    _, ends_s = ramped(40)

    update = await follower.advance()

    assert update.removed == (pool.address,)
    assert source.skipped == {
        pool.address: f"{pool.address} ramps A until {ends_s}: set block_time_s, "
        "the seconds from one block to the next"
    }
    mixed.chain.transact([stop_ramp(pool)])
    (changed,) = (await follower.advance()).changed
    assert changed.pool.address == pool.address
    assert source.skipped == {}
