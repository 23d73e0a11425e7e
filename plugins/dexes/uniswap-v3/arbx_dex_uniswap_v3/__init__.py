"""Price and read Uniswap V3 pools and their forks, exact to the wei."""

from collections.abc import Iterator

import arbx
from arbx_dex_uniswap_v3.curve import ConcentratedLiquidity, curve
from arbx_dex_uniswap_v3.settings import UniswapV3Settings
from arbx_dex_uniswap_v3.source import UniswapV3Source
from arbx_dex_uniswap_v3.state import PoolPrice, Tick, dump, parse

__all__ = ["ConcentratedLiquidity", "PoolPrice", "Tick", "UniswapV3Settings", "UniswapV3Source"]

_KINDS = ("uniswap_v3", "pancakeswap_v3", "sushiswap_v3")
_EXAMPLE = {
    "chain_id": 1,
    "block": 18_120_000,
    "address": "0x00dce1deb188ee420ea8be0cf95888521fbc13a3",
    "tokens": [
        {
            "address": "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
            "symbol": "WETH",
            "decimals": 18,
        },
        {"address": "0xed1167b6dc64e8a366db86f2e952a482d0981ebd", "symbol": "LBR", "decimals": 18},
    ],
    "state": {
        "fee": 10_000,
        "tick_spacing": 200,
        "sqrt_price_x96": "2951129598777661232406054438494",
        "tick": 72_355,
        "liquidity": "3791734960592596606015",
        "ticks": [
            [63_000, "2372753732118846341583"],
            [63_200, "1138024622276644454093"],
            [65_600, "2418768456230934126962"],
            [65_800, "11531623597320130670"],
            [68_200, "63658572397826577266"],
            [68_600, "171283309687191447694"],
            [71_400, "-11531623597320130670"],
            [72_000, "-2372753732118846341583"],
            [73_000, "-563207649117673066236"],
            [74_200, "-63658572397826577266"],
            [74_800, "-171283309687191447694"],
            [76_200, "-2993585429389905514819"],
        ],
    },
}


@arbx.hookimpl
def arbx_curves() -> Iterator[arbx.CurveModel]:
    """Offer concentrated liquidity for Uniswap V3 and its forks; fee and spacing are part of each state."""
    for kind in _KINDS:
        example = {**_EXAMPLE, "kind": kind}
        yield arbx.CurveModel(kind, parse=parse, curve=curve, dump=dump, example=example)


@arbx.hookimpl
def arbx_pool_sources() -> Iterator["arbx.Provider[UniswapV3Source]"]:
    """Offer the pools of a factory, or given pools."""
    yield arbx.Provider(
        "uniswap-v3",
        UniswapV3Source,
        UniswapV3Settings,
        summary="Uniswap V3, PancakeSwap V3, SushiSwap V3 and other concentrated-liquidity pools",
        examples=(
            {"preset": "uniswap_v3", "from_block": 12_369_621},
            {"preset": "pancakeswap_v3"},
        ),
    )
