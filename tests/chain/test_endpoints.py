"""Several endpoints: the first that is well answers, and none answers what it can't know."""

import asyncio
import time

import pytest

from arbx.chain import Chain
from arbx.chain.abi import selector
from arbx.chain.refusal import RefusedError
from arbx.chain.survey import survey
from arbx.errors import ChainError, ConfigError
from arbx.model import Call
from arbx.testing.localchain.proxy import Proxy, Trouble

FAILS = [
    Trouble.REFUSES,
    Trouble.DROPS,
    Trouble.BUSY,
    Trouble.BROKEN,
    Trouble.LOCKED,
    Trouble.GARBAGE,
]


@pytest.fixture
def first(market):
    with Proxy(market.chain.url, seed=1) as served:
        yield served


@pytest.fixture
def second(market):
    with Proxy(market.chain.url, seed=2) as served:
        yield served


@pytest.fixture
def events():
    return []


@pytest.fixture
def connect(first, second, events):
    def connected(*urls, **settings):
        quick = {"first_wait_s": 0.01, "timeout_s": 5, "cool_down_s": 0.2}
        return Chain.connect(
            *(urls or (first.url, second.url)),
            tell=lambda event, /, **fields: events.append((event, fields)),
            **quick | settings,
        )

    return connected


def supply(token):
    return Call(token.address, "totalSupply()", ("uint256",))


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


async def test_only_the_first_is_asked_while_it_is_well(market, connect, first, second):
    async with await connect() as chain:
        second.methods.clear()
        await chain.call_many([supply(market.weth)])

    assert second.methods == []
    assert first.methods == ["eth_chainId", "eth_blockNumber", "eth_call"]


@pytest.mark.parametrize("trouble", FAILS)
async def test_the_next_one_answers_while_the_first_fails(market, connect, first, events, trouble):
    async with await connect() as chain:
        first.misbehave(trouble)
        answers = [await chain.call_many([supply(market.tokens[1])]) for _ in range(4)]

    assert answers == [[market.chain.ask(supply(market.tokens[1]))]] * 4
    assert [name for name, _ in events] == ["rpc_endpoint_failed"]
    assert events[0][1]["endpoint"] == first.url


async def test_the_first_gets_its_place_back_after_a_while(market, connect, first, second, events):
    async with await connect() as chain:
        first.misbehave(Trouble.REFUSES)
        for _ in range(3):
            await chain.block_number()
        first.behave()
        await asyncio.sleep(0.25)
        await chain.block_number()  # the trial runs beside it
        await until(lambda: len(events) == 2)
        second.methods.clear()
        await chain.block_number()

    assert second.methods == []
    (_, failed), (name, recovered) = events
    assert (name, recovered["endpoint"]) == ("rpc_endpoint_recovered", first.url)
    assert 0.2 <= recovered["down_s"] < 10
    assert failed["endpoint"] == first.url


async def test_one_that_hangs_costs_its_time_once(connect, first, events):
    async with await connect(timeout_s=1, cool_down_s=60) as chain:
        first.misbehave(Trouble.HANGS)
        started = time.monotonic()
        for _ in range(20):
            await chain.block_number()
        took_s = time.monotonic() - started

    assert took_s < 2 * 1
    assert "no answer within 1 s" in events[0][1]["reason"]


async def test_a_trial_holds_up_no_request(connect, first, events):
    async with await connect(timeout_s=1.5, cool_down_s=0.01) as chain:
        first.misbehave(Trouble.HANGS)
        await chain.block_number()
        await asyncio.sleep(0.05)
        started = time.monotonic()
        for _ in range(5):
            await chain.block_number()
        took_s = time.monotonic() - started

    assert took_s < 1
    assert [name for name, _ in events] == ["rpc_endpoint_failed"]


async def test_all_are_asked_while_none_is_well(market, connect, first, second, events):
    async with await connect(cool_down_s=60) as chain:
        for proxy in (first, second):
            proxy.misbehave(Trouble.BROKEN)
        with pytest.raises(
            ChainError, match=r"none of 2 endpoints answers: .*503.* \| .*503"
        ) as told:
            await chain.block_number()
        second.behave()
        answer = await chain.block_number()

    assert answer == market.chain.block_number
    assert first.url in str(told.value)
    assert [name for name, _ in events][-1] == "rpc_endpoint_recovered"


async def test_a_revert_is_an_answer(market, connect, second):
    row = {"to": market.weth.address, "data": "0x" + selector("transfer(address,uint256)").hex()}
    async with await connect() as chain:
        second.methods.clear()
        with pytest.raises(RefusedError, match="revert"):
            await chain.gas_estimate({**row, "from": market.chain.accounts[0]})

    assert second.methods == []


async def test_no_event_and_no_error_shows_the_secrets_of_the_urls(connect, first, second, events):
    urls = [f"{proxy.url}/v3/very-secret" for proxy in (first, second)]
    async with await connect(*urls) as chain:
        for proxy in (first, second):
            proxy.misbehave(Trouble.BUSY)
        with pytest.raises(ChainError) as told:
            await chain.block_number()

    assert len(events) == 2
    assert "secret" not in str(events) + str(told.value) + repr(chain._endpoints)


async def test_two_urls_of_one_provider_are_told_apart(connect, first):
    async with await connect(f"{first.url}/a", f"{first.url}/b") as chain:
        names = [endpoint.name for endpoint in chain.endpoints]

    assert names == [f"{first.url} (rpc[0])", f"{first.url} (rpc[1])"]


class TestConnecting:
    async def test_another_chain_is_refused_by_name(self, connect, first, second):
        second.misbehave(Trouble.OTHER_CHAIN)

        with pytest.raises(
            ConfigError, match=f"{second.url} serves chain 5, {first.url} chain 31337: .*correct"
        ):
            await connect()

    async def test_one_that_is_away_does_not_hold_up_the_other(self, connect, first, events):
        first.misbehave(Trouble.REFUSES)
        async with await connect() as chain:
            assert chain.chain_id == 31_337
            assert await chain.block_number() > 0
        assert [name for name, _ in events] == ["rpc_endpoint_failed"]

    async def test_one_that_comes_back_as_another_chain_is_never_asked(
        self, market, connect, first, events
    ):
        first.misbehave(Trouble.REFUSES)
        async with await connect(cool_down_s=0.05) as chain:
            first.behave()
            first.misbehave(Trouble.OTHER_CHAIN)
            for _ in range(5):
                assert await chain.call_many([supply(market.weth)]) != [None]
                await asyncio.sleep(0.1)
        assert set(first.methods) == {"eth_chainId"}
        assert [name for name, _ in events] == ["rpc_endpoint_failed"]

    async def test_one_that_died_and_comes_back_as_another_chain_is_never_asked_again(
        self, market, connect, first, events
    ):
        async with await connect(cool_down_s=0.05) as chain:
            first.misbehave(Trouble.REFUSES)
            for _ in range(3):
                await chain.block_number()
            first.behave()
            first.misbehave(Trouble.OTHER_CHAIN)
            first.methods.clear()
            for _ in range(5):
                assert await chain.call_many([supply(market.weth)]) != [None]
                await asyncio.sleep(0.1)
        assert set(first.methods) == {"eth_chainId"}
        assert [name for name, _ in events] == ["rpc_endpoint_failed"]

    async def test_when_none_answers_each_is_named(self, connect, first, second):
        for proxy in (first, second):
            proxy.misbehave(Trouble.REFUSES)

        with pytest.raises(ChainError, match=f"{first.url}.*{second.url}"):
            await connect()

    async def test_no_url_at_all_is_an_error_with_the_cure(self):
        with pytest.raises(ConfigError, match="no RPC URL is given; give one like"):
            await Chain.connect()


class TestLagging:
    """The second endpoint is behind when it is needed."""

    async def test_the_newest_block_is_never_older_than_one_that_was_shown(
        self, market, connect, first, second
    ):
        async with await connect() as chain:
            newest = await chain.block()
            first.misbehave(Trouble.REFUSES)
            second.misbehave(Trouble.LAGS, blocks=1)
            with pytest.raises(
                ChainError, match=f"{second.url} lags: it has no block {newest.number}"
            ):
                await chain.block()
            market.chain.mine(1)

            assert await chain.block_number() == newest.number

    async def test_waits_for_the_other_to_catch_up(self, connect, first, second):
        async with await connect(first_wait_s=0.1) as chain:
            newest = await chain.block()
            first.misbehave(Trouble.REFUSES)
            second.misbehave(Trouble.LAGS, blocks=1)
            asked = asyncio.create_task(chain.block())
            await asyncio.sleep(0.3)
            second.behave()

            assert await asked == newest

    async def test_logs_are_never_the_shorter_ones(self, market, connect, first, second):
        topic = bytes.fromhex("1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1")
        pool = market.of("uniswap_v2")[0]
        market.chain.transact([Call(pool.address, "sync()")])
        async with await connect() as chain:
            newest = await chain.block()
            asked = {"topics": [topic], "from_block": newest.number, "to_block": newest.number}
            expected = await chain.logs(**asked)
            first.misbehave(Trouble.REFUSES)
            second.misbehave(Trouble.LAGS, blocks=1)
            with pytest.raises(ChainError, match="lags"):
                await chain.logs(**asked)
            second.behave()

            assert await chain.logs(**asked) == expected
            assert len(expected) == 1

    async def test_a_receipt_is_not_missing_because_the_node_lags(
        self, market, connect, first, second
    ):
        (mined,) = market.chain.transact([Call(market.weth.address, "deposit()")])
        async with await connect() as chain:
            await chain.block()
            first.misbehave(Trouble.REFUSES)
            second.misbehave(Trouble.LAGS, blocks=1)
            with pytest.raises(ChainError, match="lags"):
                await chain.receipts([mined.hash])

    async def test_the_preferred_one_gives_way_while_it_lags(self, market, connect, first, second):
        async with await connect() as chain:
            newest = await chain.block()
            first.misbehave(Trouble.LAGS, blocks=1)

            assert await chain.block() == newest
            assert await chain.call_many([supply(market.weth)], block=newest.number) != [None]
            assert "eth_call" in second.methods

    async def test_a_chain_that_became_shorter_is_believed_when_all_say_so(self, market, connect):
        market.chain.mine(3)
        async with await connect() as chain:
            before = await chain.block()
            market.chain.rpc.ask("anvil_rollback", 2)
            after = await chain.block()

            assert after.number == before.number - 2
            assert await chain.block_number() == after.number

    async def test_another_branch_is_not_read(self, market, connect, first):
        snapshot = market.chain.rpc.ask("evm_snapshot")
        market.chain.mine()
        async with await connect() as chain:
            shown = await chain.block()
            market.chain.rpc.ask("evm_revert", snapshot)
            market.chain.transact([supply(market.weth)])
            first.misbehave(Trouble.REFUSES)  # the other has never had the block that was shown

            with pytest.raises(ChainError, match=f"has another block {shown.number}"):
                await chain.call_many([supply(market.weth)], block=shown.number)


async def test_a_block_that_one_lacks_is_read_from_the_other(market, connect, first, second):
    async with await connect() as chain:
        first.misbehave(Trouble.LAGS, blocks=1)
        newest = market.chain.block_number

        assert (await chain.block(newest)).number == newest
        assert await chain.call_many([supply(market.weth)], block=newest) != [None]


async def test_a_thousand_requests_all_succeed_while_a_third_fails(
    market, connect, first, second, record_property
):
    async with await connect(cool_down_s=0.1) as chain:
        number = await chain.block_number()
        for proxy, trouble in ((first, Trouble.BROKEN), (second, Trouble.DROPS)):
            proxy.misbehave(trouble, share=0.3)
        lane = asyncio.Semaphore(8)

        async def one(i):
            async with lane:
                token = market.tokens[i % len(market.tokens)]
                return i, await chain.call_many([supply(token)], block=number)

        started = time.monotonic()
        answers = await asyncio.gather(*map(one, range(1_000)))
        record_property("seconds", time.monotonic() - started)

    expected = [[market.chain.ask(supply(token))] for token in market.tokens]
    assert all(answer == expected[i % len(expected)] for i, answer in answers)
    assert len(first.methods) + len(second.methods) > 1_300


async def test_the_survey_says_who_lags_and_who_is_away(market, connect, first, second):
    async with await connect() as chain:
        second.misbehave(Trouble.LAGS, blocks=3)
        here, behind = await survey(chain.endpoints)
        first.misbehave(Trouble.REFUSES)
        away, _ = await survey(chain.endpoints)

    assert here.block == behind.block + 3 == market.chain.block_number
    assert here.chain_id == 31_337
    assert 0 < here.latency_s < 5
    assert "can't be reached" in away.trouble
