"""Many calls at one block, on a chain that has Multicall3 and on nodes that make it hard."""

import pytest

from arbx.chain import Chain
from arbx.chain.multicall import MULTICALL3
from arbx.errors import ChainError
from arbx.model import Call

REVERT = {"error": {"code": 3, "message": "execution reverted", "data": "0x"}}
SEVEN = {"result": "0x" + bytes(31).hex() + "07"}
NOTHING = {"result": "0x"}


def supply(token):
    return Call(token.address, "totalSupply()", ("uint256",))


async def connect(url, **settings):
    return await Chain.connect(url, **{"first_wait_s": 0.01, **settings})


@pytest.fixture
def calls(market):
    balances = [
        Call(token.address, "balanceOf(address)", ("uint256",), (pool.address,))
        for pool in market.pools
        for token in market.tokens
    ]
    reverting = Call(
        market.v3_factory,
        "createPool(address,address,uint24)",
        ("address",),
        ("0x" + "11" * 20,) * 2 + (7,),
    )
    missing = Call(market.weth.address, "token0()", ("address",))
    nobody = Call("0x" + "99" * 20, "totalSupply()", ("uint256",))
    return [*balances, reverting, missing, nobody, *map(supply, market.tokens)]


async def test_answers_come_in_order_and_reverts_are_none(market, calls):
    async with await connect(market.chain.url) as chain:
        answers = await chain.call_many(calls)

    assert len(answers) == len(calls) > 700
    assert answers[-len(market.tokens) - 3 : -len(market.tokens)] == [None, None, None]
    for call, answer in list(zip(calls, answers, strict=True))[::29]:
        if call.returns == ("uint256",) and answer is not None:
            assert answer == market.chain.ask(call)


async def test_a_call_is_made_at_its_block(market):
    token, before = market.tokens[1], market.chain.block_number
    old = market.chain.ask(supply(token))
    market.chain.transact(
        [Call(token.address, "mint(address,uint256)", (), (market.trader.address, 5))]
    )

    async with await connect(market.chain.url) as chain:
        assert await chain.call_many([supply(token)], block=before) == [old]
        assert await chain.call_many([supply(token)]) == [(old[0] + 5,)]
        assert await chain.block_number() == before + 1


async def test_without_multicall_the_answers_are_the_same(market, calls):
    async with await connect(market.chain.url) as chain:
        through_multicall = await chain.call_many(calls)
        market.chain.rpc.ask("anvil_setCode", MULTICALL3, "0x")
        in_batches = await chain.call_many(calls)

    assert in_batches == through_multicall


async def test_blocks_before_multicall_was_deployed_are_read_too(market):
    async with await connect(market.chain.url) as chain:
        assert await chain.call_many([supply(market.tokens[1])], block=1) == [(0,)]
        assert await chain.call_many([supply(market.tokens[1])], block=0) == [None]


async def test_a_call_that_starves_in_the_bundle_is_made_alone(market):
    # INVALID burns all the gas that Multicall3 gives; what follows it starves, but reverts to nobody's harm.
    burner, token = "0x" + "77" * 20, market.tokens[1]
    market.chain.rpc.ask("anvil_setCode", burner, "0xfe")
    calls = [*[Call(burner, "burn()")] * 12, *[supply(token)] * 3]

    async with await connect(market.chain.url) as chain:
        answers = await chain.call_many(calls)

    assert answers == [*[None] * 12, *[market.chain.ask(supply(token))] * 3]


def halves(limit):
    """Refuse bundles of more than *limit* bytes, answer the rest as a chain without Multicall3."""

    def step(request):
        if isinstance(request, list):
            return None
        if request["method"] != "eth_call":
            return {"result": "0x1"}
        call = request["params"][0]
        if call["to"] == MULTICALL3:
            large = len(call["data"]) > limit
            return {"error": {"code": -32000, "message": "out of gas"}} if large else NOTHING
        return SEVEN

    return step


class ByRequest:
    """Answer a batch request by request, and everything else by the step."""

    def __init__(self, step, *, batches=True):
        self.step, self.batches = step, batches

    def __call__(self, request):
        if isinstance(request, list):
            return (
                None if self.batches else {"error": {"code": -32600, "message": "no batches here"}}
            )
        return self.step(request)


@pytest.mark.parametrize("batches", [True, False])
async def test_a_bundle_that_is_too_large_is_halved(node, batches):
    node.script = [ByRequest(halves(3_000), batches=batches)]
    calls = [Call("0x" + f"{i:040x}", "totalSupply()", ("uint256",)) for i in range(50)]

    async with await connect(node.url) as chain:
        assert await chain.call_many(calls) == [(7,)] * 50
    sizes = [
        len(request["params"][0]["data"])
        for request in node.requests
        if isinstance(request, dict)
        and request["method"] == "eth_call"
        and request["params"][0]["to"] == MULTICALL3
    ]
    assert max(sizes) > 3_000 > min(sizes)


async def test_a_node_without_the_block_says_so_once_and_for_all(node):
    node.script = [
        ByRequest(
            lambda request: (
                {"error": {"code": -32000, "message": "missing trie node"}}
                if request["method"] == "eth_call"
                else {"result": "0x1"}
            )
        )
    ]

    async with await connect(node.url) as chain:
        with pytest.raises(ChainError, match="eth_call was refused: missing trie node"):
            await chain.call_many(
                [Call("0x" + "11" * 20, "totalSupply()", ("uint256",))] * 64, block=1
            )
    assert len(node.requests) < 20


async def test_no_calls_are_no_requests(node):
    async with await connect(node.url) as chain:
        assert await chain.call_many([]) == []
    assert len(node.requests) == 1


async def test_ether_goes_with_a_call_that_sends_it(market):
    deposit = Call(market.weth.address, "deposit()", value_wei=1)

    async with await connect(market.chain.url) as chain:
        market.chain.rpc.ask("anvil_setBalance", "0x" + "00" * 20, hex(10**18))
        assert await chain.call_many([deposit, supply(market.weth)]) == [
            (),
            market.chain.ask(supply(market.weth)),
        ]


async def test_an_argument_that_does_not_fit_names_the_call(market):
    async with await connect(market.chain.url) as chain:
        with pytest.raises(ValueError, match=r"balanceOf\(address\) on 0x"):
            await chain.call_many(
                [Call(market.weth.address, "balanceOf(address)", ("uint256",), (-1,))]
            )
