"""
A chain on this machine with the real contracts, for tests and demonstrations.

It needs Node's packages (``npm ci --ignore-scripts`` beside arbx's package.json) and no network.
"""

from arbx.testing.localchain.balancer import BalancerMarket, seed_balancer
from arbx.testing.localchain.chain import LocalChain, Receipt
from arbx.testing.localchain.market import SeededMarket, SeededPool
from arbx.testing.localchain.mixed import MixedMarket, seed_mixed
from arbx.testing.localchain.seed import seed_market
from arbx.testing.localchain.trader import Trader

__all__ = [
    "BalancerMarket",
    "LocalChain",
    "MixedMarket",
    "Receipt",
    "SeededMarket",
    "SeededPool",
    "Trader",
    "seed_balancer",
    "seed_market",
    "seed_mixed",
]
