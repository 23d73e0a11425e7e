"""What a node says of accounts is read strictly."""

import pytest

from arbx.chain import Chain
from arbx.errors import ChainError

ADDRESS = "0x" + "0a" * 20


@pytest.mark.usefixtures("local_market")
async def test_accounts_and_fees_are_read(market):
    local = market.chain
    async with await Chain.connect(local.url) as chain:
        balance = await chain.balance_wei(local.accounts[3])
        code = await chain.code(market.weth.address)
        row = {"from": local.accounts[3], "to": ADDRESS, "value": "0x1"}
        gas = await chain.gas_estimate(row)
        promised = await chain.next_base_fee_wei()
    number = local.mine()
    block = local.rpc.ask("eth_getBlockByNumber", hex(number), False)

    assert balance == int(local.rpc.ask("eth_getBalance", local.accounts[3], "latest"), 16) > 0
    assert len(code) > 1000
    assert gas == 21_000
    assert promised == int(block["baseFeePerGas"], 16)


@pytest.mark.parametrize(
    ("read", "result"),
    [
        (lambda chain: chain.balance_wei(ADDRESS), "much"),
        (lambda chain: chain.code(ADDRESS), "0xgg"),
        (lambda chain: chain.gas_estimate({}), None),
        (lambda chain: chain.next_base_fee_wei(), {"oldestBlock": "0x1"}),
        (lambda chain: chain.next_base_fee_wei(), {"baseFeePerGas": []}),
    ],
)
async def test_an_answer_of_another_shape_is_an_error(node, read, result):
    async with await Chain.connect(node.url) as chain:
        node.script = [lambda request: {"result": result}]

        with pytest.raises(ChainError, match="not what Ethereum nodes give"):
            await read(chain)
