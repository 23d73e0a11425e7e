"""What the seeded market is made of, as data."""

from typing import NamedTuple

__all__ = ["TOKENS", "V2_POOLS", "V3_POOLS", "PlannedPair", "PlannedPool", "PlannedToken"]


class PlannedToken(NamedTuple):
    """A token and what one of it is worth, in millionths of a dollar."""

    symbol: str
    name: str
    decimals: int
    price_e6: int


class PlannedPair(NamedTuple):
    """A V2 pair: the factory it is from, and the dollars on each side (0: left empty)."""

    factory: int
    tokens: tuple[str, str]
    side_usd: int


class PlannedPool(NamedTuple):
    """A V3 pool; *shape* names the positions it gets."""

    tokens: tuple[str, str]
    fee_pips: int
    side_usd: int
    shape: str


TOKENS = (
    PlannedToken("WETH", "Wrapped Ether", 18, 2_000_000_000),
    PlannedToken("USDC", "USD Coin", 6, 1_000_000),
    PlannedToken("USDT", "Tether USD", 6, 1_000_000),
    PlannedToken("DAI", "Dai Stablecoin", 18, 1_000_000),
    PlannedToken("WBTC", "Wrapped BTC", 8, 30_000_000_000),
    PlannedToken("WSTETH", "Wrapped staked Ether", 18, 2_300_000_000),
    PlannedToken("LINK", "ChainLink Token", 18, 15_000_000),
    PlannedToken("UNI", "Uniswap", 18, 6_000_000),
    PlannedToken("AAVE", "Aave Token", 18, 90_000_000),
    PlannedToken("MKR", "Maker", 18, 1_500_000_000),
    PlannedToken("SHIB", "Shiba", 18, 10),
    PlannedToken("GUSD", "Gemini dollar", 2, 1_000_000),
    PlannedToken("GEM", "Gem, which has no decimals", 0, 250_000_000),
    PlannedToken("TWELVE", "Twelve decimals", 12, 40_000_000),
)

V2_POOLS = (
    PlannedPair(0, ("WETH", "USDC"), 20_000_000),
    PlannedPair(0, ("WETH", "USDT"), 15_000_000),
    PlannedPair(0, ("WETH", "DAI"), 8_000_000),
    PlannedPair(0, ("WETH", "WBTC"), 10_000_000),
    PlannedPair(0, ("WETH", "LINK"), 3_000_000),
    PlannedPair(0, ("WETH", "UNI"), 2_000_000),
    PlannedPair(0, ("WETH", "AAVE"), 1_500_000),
    PlannedPair(0, ("WETH", "MKR"), 2_500_000),
    PlannedPair(0, ("WETH", "SHIB"), 4_000_000),
    PlannedPair(0, ("WETH", "GUSD"), 300_000),
    PlannedPair(0, ("WETH", "GEM"), 600_000),
    PlannedPair(0, ("WETH", "TWELVE"), 400_000),
    PlannedPair(0, ("USDC", "USDT"), 5_000_000),
    PlannedPair(0, ("USDC", "LINK"), 900_000),
    PlannedPair(0, ("WBTC", "USDC"), 1_200_000),
    PlannedPair(1, ("WETH", "USDC"), 9_000_000),
    PlannedPair(1, ("WETH", "USDT"), 6_000_000),
    PlannedPair(1, ("WETH", "DAI"), 5_000_000),
    PlannedPair(1, ("WETH", "WBTC"), 7_000_000),
    PlannedPair(1, ("WETH", "LINK"), 1_000_000),
    PlannedPair(1, ("WETH", "AAVE"), 800_000),
    PlannedPair(1, ("WETH", "SHIB"), 700_000),
    PlannedPair(1, ("USDC", "DAI"), 2_000_000),
    PlannedPair(1, ("USDC", "GEM"), 250_000),
    PlannedPair(1, ("WSTETH", "WETH"), 600_000),
    PlannedPair(1, ("MKR", "UNI"), 0),
)

V3_POOLS = (
    PlannedPool(("WETH", "USDC"), 500, 30_000_000, "layers"),
    PlannedPool(("WETH", "USDC"), 3000, 15_000_000, "layers"),
    PlannedPool(("WETH", "USDC"), 10_000, 1_000_000, "wide"),
    PlannedPool(("WETH", "USDT"), 500, 12_000_000, "layers"),
    PlannedPool(("WETH", "USDT"), 3000, 6_000_000, "layers"),
    PlannedPool(("WETH", "DAI"), 3000, 4_000_000, "layers"),
    PlannedPool(("WBTC", "WETH"), 500, 9_000_000, "layers"),
    PlannedPool(("WBTC", "WETH"), 3000, 8_000_000, "layers"),
    PlannedPool(("WBTC", "USDC"), 3000, 3_000_000, "narrow"),
    PlannedPool(("WSTETH", "WETH"), 100, 5_000_000, "narrow"),
    PlannedPool(("WSTETH", "WETH"), 500, 2_000_000, "layers"),
    PlannedPool(("LINK", "WETH"), 3000, 2_500_000, "layers"),
    PlannedPool(("UNI", "WETH"), 3000, 2_000_000, "layers"),
    PlannedPool(("AAVE", "WETH"), 3000, 1_000_000, "layers"),
    PlannedPool(("MKR", "WETH"), 3000, 1_500_000, "wide"),
    PlannedPool(("SHIB", "WETH"), 10_000, 1_000_000, "layers"),
    PlannedPool(("GEM", "WETH"), 10_000, 400_000, "wide"),
    PlannedPool(("GUSD", "USDC"), 500, 500_000, "narrow"),
    PlannedPool(("USDC", "USDT"), 100, 8_000_000, "narrow"),
    PlannedPool(("DAI", "USDC"), 100, 6_000_000, "layers"),
    PlannedPool(("DAI", "USDC"), 500, 3_000_000, "gap"),
    PlannedPool(("TWELVE", "USDC"), 3000, 300_000, "gap"),
    PlannedPool(("LINK", "USDC"), 3000, 0, "bare"),
    PlannedPool(("UNI", "AAVE"), 3000, 0, "uninitialised"),
)
