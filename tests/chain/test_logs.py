"""Logs in ranges that nodes accept, in chain order."""

import pytest

from arbx.chain import Chain
from arbx.chain.abi import topic
from arbx.errors import ChainError

SYNC = topic("Sync(uint112,uint112)")
V3_SWAP = topic("Swap(address,address,int256,int256,uint160,uint128,int24)")


def row(block, index=0):
    return {
        "address": "0x" + "AB" * 20,
        "topics": ["0x" + SYNC.hex()],
        "data": "0x",
        "blockNumber": hex(block),
        "logIndex": hex(index),
    }


def capped(limit, seen):
    """Answer one log for each block, and refuse ranges of more than *limit* blocks."""

    def step(request):
        if request["method"] != "eth_getLogs":
            return {"result": "0x1"}
        first, last = (int(request["params"][0][key], 16) for key in ("fromBlock", "toBlock"))
        seen.append((first, last))
        if last - first + 1 > limit:
            return {"error": {"code": -32602, "message": "query exceeds max block range"}}
        return {"result": [row(block) for block in range(last, first - 1, -1)]}

    return step


async def connect(url):
    return await Chain.connect(url, first_wait_s=0.01)


async def test_logs_come_in_chain_order_with_all_topics(market):
    last = market.chain.block_number
    async with await connect(market.chain.url) as chain:
        both = await chain.logs(topics=[SYNC, V3_SWAP], from_block=0, to_block=last)
        swaps = await chain.logs(topics=[V3_SWAP], from_block=0, to_block=last)

    assert [(log.block, log.index) for log in both] == sorted(
        (log.block, log.index) for log in both
    )
    assert len(both) > len(swaps) > 10
    assert {log.topics[0] for log in both} == {SYNC, V3_SWAP}


async def test_logs_are_limited_to_the_addresses(market):
    pool = market.of("uniswap_v2")[0]
    async with await connect(market.chain.url) as chain:
        logs = await chain.logs(
            topics=[SYNC],
            addresses=[pool.address],
            from_block=0,
            to_block=market.chain.block_number,
        )

    assert {log.address for log in logs} == {pool.address}


@pytest.mark.parametrize("limit", [1, 7, 64, 1_000])
async def test_a_refused_range_is_halved_until_it_is_accepted(node, limit):
    seen = []
    node.script = [capped(limit, seen)]

    async with await connect(node.url) as chain:
        logs = await chain.logs(topics=[SYNC], from_block=5, to_block=204)

    assert [log.block for log in logs] == list(range(5, 205))
    assert len(seen) <= 2 * 200 // limit + 30


async def test_a_single_block_that_is_refused_is_an_error(node):
    node.script = [capped(0, [])]

    async with await connect(node.url) as chain:
        with pytest.raises(
            ChainError, match="eth_getLogs was refused: query exceeds max block range"
        ):
            await chain.logs(topics=[SYNC], from_block=0, to_block=1_000)
    assert len(node.requests) < 20


@pytest.mark.parametrize("answer", [7, [7], [{"address": "0x"}], "0x"])
async def test_an_answer_that_holds_no_logs_is_an_error(node, answer):
    node.script = [
        lambda request: {"result": answer if request["method"] == "eth_getLogs" else "0x1"}
    ]

    async with await connect(node.url) as chain:
        with pytest.raises(
            ChainError, match="the answer to eth_getLogs is not what Ethereum nodes give"
        ):
            await chain.logs(topics=[SYNC], from_block=0, to_block=1)


async def test_a_block_that_is_not_there_names_the_newest(market):
    newest = market.chain.block_number
    async with await connect(market.chain.url) as chain:
        with pytest.raises(ChainError, match=f"there is no block 999; the newest is {newest}"):
            await chain.block(999)


async def test_blocks_name_their_parents(market):
    async with await connect(market.chain.url) as chain:
        newest = await chain.block()
        parent = await chain.block(newest.number - 1)

    assert newest.parent_hash == parent.hash
    assert newest.timestamp_s == parent.timestamp_s + 12
