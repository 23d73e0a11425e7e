"""Answer as a node does that is some blocks behind, its silence about what it has not yet seen included."""

from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["lagging"]

Row = dict[str, Any]

# where each method has its block
_TAG_AT = {
    "eth_call": 1,
    "eth_feeHistory": 1,
    "eth_getBalance": 1,
    "eth_getBlockByNumber": 0,
    "eth_getCode": 1,
    "eth_getTransactionCount": 1,
    "eth_simulateV1": 1,
}


async def lagging(row: Row, blocks: int, ask: Callable[[Row], Awaitable[Row]]) -> Row:
    """Return what a node would answer that has not the last *blocks* blocks of the one behind *ask*."""
    newest = await ask({"jsonrpc": "2.0", "id": 0, "method": "eth_blockNumber", "params": []})
    head = int(newest["result"], 16) - blocks
    method = row["method"]
    if method == "eth_blockNumber":
        return _result(row, hex(head))
    if method == "eth_getLogs":
        return await _logs(row, head, ask)
    if method == "eth_getTransactionReceipt":
        answer = await ask(row)
        found = answer.get("result")
        return answer if found and int(found["blockNumber"], 16) <= head else _result(row, None)
    if method in _TAG_AT:
        return await _at_block(row, head, ask)
    return await ask(row)


async def _at_block(row: Row, head: int, ask: Callable[[Row], Awaitable[Row]]) -> Row:
    params = list(row["params"])
    place = _TAG_AT[row["method"]]
    tag = params[place] if len(params) > place else "latest"
    if tag == "latest":
        params[place:] = [hex(head), *params[place + 1 :]]
        return await ask({**row, "params": params})
    if int(tag, 16) <= head:
        return await ask(row)
    if row["method"] == "eth_getBlockByNumber":
        return _result(row, None)
    error = {"code": -32000, "message": "header not found"}
    return {"jsonrpc": "2.0", "id": row["id"], "error": error}


async def _logs(row: Row, head: int, ask: Callable[[Row], Awaitable[Row]]) -> Row:
    # geth has long answered a range beyond its head with what it had, without a word
    (query,) = row["params"]
    if int(query["fromBlock"], 16) > head:
        return _result(row, [])
    until = hex(min(head, int(query["toBlock"], 16)))
    return await ask({**row, "params": [{**query, "toBlock": until}]})


def _result(row: Row, result: Any) -> Row:
    return {"jsonrpc": "2.0", "id": row["id"], "result": result}
