"""What the seeded market has, once it stands."""

from typing import Any

import attrs

from arbx.model import Token
from arbx.testing.localchain.chain import LocalChain
from arbx.testing.localchain.trader import Trader

__all__ = ["MULTICALL3", "SeededMarket", "SeededPool"]

MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"


@attrs.frozen
class SeededPool:
    """One pool; *ranges* are its V3 positions as (lower tick, upper tick, liquidity)."""

    kind: str
    address: str
    factory: str
    tokens: tuple[Token, Token]
    fee_pips: int
    shape: str
    ranges: tuple[tuple[int, int, int], ...] = ()


@attrs.frozen
class SeededMarket:
    """The market: who trades on it, what is traded, and where."""

    chain: LocalChain
    trader: Trader
    tokens: tuple[Token, ...]
    pools: tuple[SeededPool, ...]
    v2_factories: tuple[str, str]
    v3_factory: str

    @property
    def weth(self) -> Token:
        """Return wrapped ether, the token to start cycles with."""
        return self.token("WETH")

    def sources(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return the market's pool sources by name: the provider that reads them, and its settings."""
        fee = {"fee_num": 997, "fee_den": 1000}
        first, second = self.v2_factories
        return {
            "first_v2": ("uniswap-v2", {"factory": first, "dex": "first_v2", **fee}),
            "second_v2": ("uniswap-v2", {"factory": second, "dex": "second_v2", **fee}),
            "only_v3": ("uniswap-v3", {"factory": self.v3_factory, "dex": "only_v3"}),
        }

    def token(self, symbol: str) -> Token:
        """Return the token with this symbol."""
        return next(token for token in self.tokens if token.symbol == symbol)

    def of(self, kind: str) -> tuple[SeededPool, ...]:
        """Return the pools of one kind."""
        return tuple(pool for pool in self.pools if pool.kind == kind)
