# pragma version 0.4.3
# pragma evm-version cancun
# SPDX-License-Identifier: MIT
"""
@title Trader
@notice Run any calls in one transaction and pay whatever a V3 pool asks for in its callback.
@dev For test chains only: anyone may spend what it holds.
"""

from ethereum.ercs import IERC20

interface Pool:
    def token0() -> address: view
    def token1() -> address: view

struct Step:
    target: address
    value_wei: uint256
    data: Bytes[1024]


@external
@payable
def __default__():
    """
    @notice Take ether, as WETH9 pays it.
    """
    pass


@external
@payable
def run(steps: DynArray[Step, 64]) -> DynArray[Bytes[128], 64]:
    """
    @notice Make the calls in order; a failure reverts them all with the reason of the first.
    @return What each call answered.
    """
    answers: DynArray[Bytes[128], 64] = []
    for step: Step in steps:
        answers.append(
            raw_call(step.target, step.data, value=step.value_wei, max_outsize=128)
        )
    return answers


@external
def uniswapV3MintCallback(amount0: uint256, amount1: uint256, data: Bytes[1024]):
    self._pay(convert(amount0, int256), convert(amount1, int256))


@external
def uniswapV3SwapCallback(amount0: int256, amount1: int256, data: Bytes[1024]):
    self._pay(amount0, amount1)


@external
def pancakeV3MintCallback(amount0: uint256, amount1: uint256, data: Bytes[1024]):
    self._pay(convert(amount0, int256), convert(amount1, int256))


@external
def pancakeV3SwapCallback(amount0: int256, amount1: int256, data: Bytes[1024]):
    self._pay(amount0, amount1)


def _pay(amount0: int256, amount1: int256):
    if amount0 > 0:
        extcall IERC20(staticcall Pool(msg.sender).token0()).transfer(
            msg.sender, convert(amount0, uint256), default_return_value=True
        )
    if amount1 > 0:
        extcall IERC20(staticcall Pool(msg.sender).token1()).transfer(
            msg.sender, convert(amount1, uint256), default_return_value=True
        )
