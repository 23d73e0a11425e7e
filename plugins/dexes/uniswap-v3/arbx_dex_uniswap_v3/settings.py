"""Where a source finds its pools: a preset of a known exchange, a factory, or addresses."""

from typing import ClassVar, Literal

import arbx

__all__ = ["UniswapV3Settings"]


class UniswapV3Settings(arbx.FactorySettings):
    """
    Configure one source of concentrated-liquidity pools.

    A *preset* (uniswap_v3, sushiswap_v3, pancakeswap_v3) brings factory and kind; a fork of one's own names its
    *factory*. Fee and tick spacing are read from each pool.
    """

    package: ClassVar[str] = "arbx_dex_uniswap_v3"
    default_kind: ClassVar[str] = "uniswap_v3"

    kind: Literal["uniswap_v3", "pancakeswap_v3", "sushiswap_v3"] | None = None
    discovery: Literal["events", "addresses"] | None = None
