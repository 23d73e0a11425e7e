"""The seeded market with Balancer's Vault and StableSwap pools beside it; the demo does without these."""

from typing import Any

import attrs

from arbx.testing.localchain.balancer import BalancerMarket, seed_balancer
from arbx.testing.localchain.chain import LocalChain
from arbx.testing.localchain.market import SeededMarket
from arbx.testing.localchain.seed import seed_market
from arbx.testing.localchain.stableswap import (
    StableSwapPool,
    deploy_stableswap,
    stableswap_sources,
)

__all__ = ["MixedMarket", "seed_mixed"]


@attrs.frozen
class MixedMarket:
    """Every family of exchanges on one chain."""

    market: SeededMarket
    balancer: BalancerMarket
    stableswaps: tuple[StableSwapPool, ...]

    @property
    def chain(self) -> LocalChain:
        """Return the chain."""
        return self.market.chain

    def sources(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return all pool sources by name: the provider that reads them, and its settings."""
        others = {**self.balancer.sources(), **stableswap_sources(self.stableswaps)}
        return {**self.market.sources(), **others}


def seed_mixed(chain: LocalChain, *, seed: int = 1) -> MixedMarket:
    """Seed the market, the Vault and three StableSwap pools; the same seed gives the same chain."""
    market = seed_market(chain, seed=seed)
    balancer = seed_balancer(market, seed=seed)
    stableswaps = (
        deploy_stableswap(market, ("USDC", "DAI"), (4_000_000, 4_060_000), 400),
        deploy_stableswap(market, ("GUSD", "USDT"), (700_000, 450_000), 150),
        deploy_stableswap(market, ("USDT", "USDC"), (2_000_000, 2_900_000), 1_000),
    )
    return MixedMarket(market, balancer, stableswaps)
