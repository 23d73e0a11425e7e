"""Price and read Uniswap V2 pools and their forks, exact to the wei."""

from collections.abc import Iterator

import arbx
from arbx_dex_uniswap_v2.curve import ConstantProduct
from arbx_dex_uniswap_v2.settings import UniswapV2Settings
from arbx_dex_uniswap_v2.source import UniswapV2Source
from arbx_dex_uniswap_v2.state import PairState, curve, dump, parse

__all__ = ["ConstantProduct", "PairState", "UniswapV2Settings", "UniswapV2Source"]

_TOKENS = [
    {"address": "0x04fa0d235c4abf4bcf4787af4cf447de572ef828", "symbol": "UMA", "decimals": 18},
    {"address": "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", "symbol": "WETH", "decimals": 18},
]
_FEES = {"uniswap_v2": (997, 1000), "sushiswap_v2": (997, 1000), "pancakeswap_v2": (9975, 10000)}


@arbx.hookimpl
def arbx_curves() -> Iterator[arbx.CurveModel]:
    """Offer the constant product for Uniswap V2 and its forks; the fee is part of each state."""
    for kind, (fee_num, fee_den) in _FEES.items():
        reserves = {"reserve0": "83280128430830467074835", "reserve1": "70305818292888297928"}
        example = {
            "chain_id": 1,
            "block": 18_120_000,
            "kind": kind,
            "address": "0x001b6450083e531a5a7bf310bd2c1af4247e23d4",
            "tokens": _TOKENS,
            "state": {**reserves, "fee_num": fee_num, "fee_den": fee_den},
        }
        yield arbx.CurveModel(kind, parse=parse, curve=curve, dump=dump, example=example)


@arbx.hookimpl
def arbx_pool_sources() -> Iterator["arbx.Provider[UniswapV2Source]"]:
    """Offer the pairs of a factory, or given pairs."""
    yield arbx.Provider(
        "uniswap-v2",
        UniswapV2Source,
        UniswapV2Settings,
        summary="Uniswap V2, SushiSwap, PancakeSwap and other constant-product pairs",
        examples=({"preset": "uniswap_v2", "discovery": "all_pairs"}, {"preset": "sushiswap_v2"}),
    )
