"""
Record swaps of the real UniswapV3Pool (npm @uniswap/v3-core 1.0.1) in a local EVM.

``python plugins/dexes/uniswap-v3/tests/record.py`` writes recorded.json beside it: a pool's state and, from that same
state each time, what the contract took and paid. Needs node_modules (``npm ci --ignore-scripts``) and pyrevm.
"""

import json
import pathlib

import eth_abi
from eth_utils.crypto import keccak
from pyrevm import EVM

from arbx.testing.localchain.artifacts import creation_code
from arbx_dex_uniswap_v3.tickmath import MAX_SQRT_RATIO, MIN_SQRT_RATIO

ME = "0x" + "11" * 20
POSITIONS = [  # lower, upper, liquidity: wide, narrow, a gap with nothing, far away
    (-120_000, 12_000, 3 * 10**15),
    (-600, 600, 10**18),
    (-60, 60, 7 * 10**19),
    (540, 3_600, 123_456_789_012_345),
    (24_000, 24_060, 10**16),
    (24_060, 90_000, 10**12),
]
PRICE = 79_623_317_895_830_914_510_639_640_423  # between the ticks 60 and 120
AMOUNTS = [1, 2, 999, 10**6, 10**12, 10**14, 10**16, 10**18, 3 * 10**20, 10**24]


class Chain:
    def __init__(self):
        self.evm = EVM()
        self.evm.set_balance(ME, 10**30)

    def deploy(self, name, types=(), values=()):
        code = bytes.fromhex(creation_code(name)[2:]) + eth_abi.encode(types, values)
        return self.evm.deploy(ME, code)

    def call(self, to, signature, *values, returns=()):
        types = signature[signature.index("(") + 1 : -1]
        data = keccak(text=signature)[:4]
        data += eth_abi.encode(types.split(",") if types else [], values)
        return eth_abi.decode(returns, self.evm.message_call(ME, to, calldata=data))

    def through(self, trader, to, signature, *values, returns=()):
        types = signature[signature.index("(") + 1 : -1].split(",")
        data = keccak(text=signature)[:4] + eth_abi.encode(types, values)
        call = keccak(text="run((address,uint256,bytes)[])")[:4]
        call += eth_abi.encode(["(address,uint256,bytes)[]"], [[(to, 0, data)]])
        (answers,) = eth_abi.decode(["bytes[]"], self.evm.message_call(ME, trader, calldata=call))
        return eth_abi.decode(returns, answers[0])


def main():
    chain = Chain()
    tokens = sorted(
        (chain.deploy("Token", ["string", "string", "uint8"], [n, n, 18]) for n in "AB"),
        key=lambda address: int(address, 16),
    )
    trader = chain.deploy("Trader")
    for token in tokens:
        chain.call(token, "mint(address,uint256)", trader, 2**200)
    factory = chain.deploy("UniswapV3Factory")
    (pool,) = chain.call(
        factory, "createPool(address,address,uint24)", *tokens, 3000, returns=["address"]
    )
    chain.call(pool, "initialize(uint160)", PRICE)
    for lower, upper, liquidity in POSITIONS:
        signature = "mint(address,int24,int24,uint128,bytes)"
        chain.through(trader, pool, signature, trader, lower, upper, liquidity, b"")
    path = pathlib.Path(__file__).with_name("recorded.json")
    recorded = {"state": state(chain, pool), "swaps": swaps(chain, trader, pool)}
    path.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


def state(chain, pool):
    slot0 = chain.call(pool, "slot0()", returns=["uint160", "int24"])
    (liquidity,) = chain.call(pool, "liquidity()", returns=["uint128"])
    ends = sorted({end for lower, upper, _ in POSITIONS for end in (lower, upper)})
    ticks = [
        (end, *chain.call(pool, "ticks(int24)", end, returns=["uint128", "int128"]))
        for end in ends
    ]
    return {
        "fee": 3000,
        "tick_spacing": 60,
        "sqrt_price_x96": str(slot0[0]),
        "tick": slot0[1],
        "liquidity": str(liquidity),
        "ticks": [[at, str(net), str(gross)] for at, gross, net in ticks],
    }


def swaps(chain, trader, pool):
    swapped = []
    for zero_for_one in (True, False):
        for amount in AMOUNTS:
            limit = int(MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1)
            before = chain.evm.snapshot()
            signature = "swap(address,bool,int256,uint160,bytes)"
            amounts = chain.through(
                trader, pool, signature, trader, zero_for_one, amount, limit, b"",
                returns=["int256", "int256"],
            )  # fmt: skip
            chain.evm.revert(before)
            taken, paid = amounts if zero_for_one else amounts[::-1]
            swapped.append([int(zero_for_one), str(amount), str(taken), str(-paid)])
    return swapped


if __name__ == "__main__":
    main()
