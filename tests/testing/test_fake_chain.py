"""The table that stands for a chain."""

from arbx.model import Call, Log
from arbx.testing import FakeChain

POOL, TOKEN = "0x" + "a1" * 20, "0x" + "01" * 20


async def test_answers_by_arguments_first_then_by_signature() -> None:
    chain = FakeChain(
        {(TOKEN, "balanceOf(address)"): (1,), (TOKEN, "balanceOf(address)", (POOL,)): (2,)}
    )
    calls = [Call(TOKEN, "balanceOf(address)", ("uint256",), (who,)) for who in (POOL, TOKEN)]

    assert await chain.call_many(calls) == [(2,), (1,)]
    assert chain.asked == calls


async def test_a_function_answers_for_the_block_and_the_arguments() -> None:
    chain = FakeChain({(POOL, "at(uint256)"): lambda block, index: (block + index,)}, block=7)
    call = Call(POOL, "at(uint256)", ("uint256",), (100,))

    assert await chain.call_many([call]) == [(107,)]
    assert await chain.call_many([call], block=3) == [(103,)]


async def test_what_the_table_does_not_hold_reverts() -> None:
    assert await FakeChain({}).call_many([Call(POOL, "token0()", ("address",))]) == [None]


async def test_logs_are_filtered_and_in_chain_order() -> None:
    def log(address: str, topic: int, block: int, index: int) -> Log:
        return Log(address, (bytes([topic]) * 32,), b"", block, index)

    first, second, other = log(POOL, 1, 5, 0), log(POOL, 1, 5, 3), log(TOKEN, 1, 6, 0)
    chain = FakeChain({}, logs=[other, second, first, log(POOL, 2, 5, 1)], block=9, chain_id=8453)
    topics = [bytes([1]) * 32]

    assert (chain.chain_id, await chain.block_number()) == (8453, 9)
    assert await chain.logs(topics=topics, from_block=0, to_block=9) == [first, second, other]
    assert await chain.logs(topics=topics, addresses=[POOL], from_block=6, to_block=9) == []
