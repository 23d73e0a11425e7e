"""
Record what the real UniswapV2Pair (npm @uniswap/v2-core 1.0.1) pays at most, in a local EVM.

``python plugins/dexes/uniswap-v2/tests/record.py`` writes recorded.json beside it: for each input the greatest output
that the pair's own check of k lets out, found by bisection. Needs node_modules (``npm ci --ignore-scripts``), pyrevm.
"""

import json
import pathlib

import eth_abi
from eth_utils.crypto import keccak
from pyrevm import EVM

from arbx.testing.localchain.artifacts import creation_code

ME = "0x" + "11" * 20
PAIRS = [(10 * 10**18, 10 * 10**18), (5_000, 7 * 10**30), (2**111, 12_345_678_901)]
AMOUNTS = [1, 7, 10**4, 10**9, 10**18, 10**27, 2**111]


class Chain:
    def __init__(self):
        self.evm = EVM()

    def deploy(self, name, types=(), values=()):
        code = bytes.fromhex(creation_code(name)[2:]) + eth_abi.encode(types, values)
        return self.evm.deploy(ME, code)

    def call(self, to, signature, *values, returns=()):
        types = signature[signature.index("(") + 1 : -1]
        data = keccak(text=signature)[:4]
        data += eth_abi.encode(types.split(",") if types else [], values)
        return eth_abi.decode(returns, self.evm.message_call(ME, to, calldata=data))


def pair_of(chain, reserves):
    tokens = sorted(
        (chain.deploy("Token", ["string", "string", "uint8"], [n, n, 18]) for n in "AB"),
        key=lambda address: int(address, 16),
    )
    factory = chain.deploy("UniswapV2Factory", ["address"], [ME])
    (pair,) = chain.call(factory, "createPair(address,address)", *tokens, returns=["address"])
    for token, reserve in zip(tokens, reserves, strict=True):
        chain.call(token, "mint(address,uint256)", pair, reserve)
    chain.call(pair, "mint(address)", ME)
    return tokens, pair


def pays(chain, token, pair, amount_in, amount_out):
    before = chain.evm.snapshot()
    try:
        chain.call(token, "mint(address,uint256)", pair, amount_in)
        chain.call(pair, "swap(uint256,uint256,address,bytes)", 0, amount_out, ME, b"")
    except RuntimeError:
        return False
    else:
        return True
    finally:
        chain.evm.revert(before)


def most(chain, token, pair, amount_in, reserve_out):
    if not pays(chain, token, pair, amount_in, 1):
        return None
    low, high = 1, reserve_out
    while high - low > 1:
        middle = (low + high) // 2
        if pays(chain, token, pair, amount_in, middle):
            low = middle
        else:
            high = middle
    return low


def main():
    recorded = []
    for reserves in PAIRS:
        chain = Chain()
        (token_in, _), pair = pair_of(chain, reserves)
        for amount_in in AMOUNTS:
            paid = most(chain, token_in, pair, amount_in, reserves[1])
            recorded.append([*map(str, reserves), str(amount_in), paid and str(paid)])
    path = pathlib.Path(__file__).with_name("recorded.json")
    path.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
