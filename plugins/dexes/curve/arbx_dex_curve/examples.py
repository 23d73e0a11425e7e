"""A complete record of each kind, for the kit, the documentation and the reader."""

from collections.abc import Mapping
from typing import Any

__all__ = ["CRYPTOSWAP", "METAPOOL", "STABLESWAP", "STABLESWAP_NG"]

_DAI = {"address": "0x6b175474e89094c44da98b954eedeac495271d0f", "symbol": "DAI", "decimals": 18}
_USDC = {"address": "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", "symbol": "USDC", "decimals": 6}
_USDT = {"address": "0xdac17f958d2ee523a2206206994597c13d831ec7", "symbol": "USDT", "decimals": 6}
_GUSD = {"address": "0x056fd409e1d7a124bd7017459dfea2f387b6d5cd", "symbol": "GUSD", "decimals": 2}
_CRV3 = {"address": "0x6c3f90f043a72fa612cbac8115ee7e52bde6e490", "symbol": "3Crv", "decimals": 18}
_WETH = {"address": "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", "symbol": "WETH", "decimals": 18}
_WBTC = {"address": "0x2260fac5e5542a773aa44fbcfedf7c193bc2c599", "symbol": "WBTC", "decimals": 8}

_THREE_POOL: dict[str, Any] = {
    "pool": "StableSwap3Pool.vy (vyper 0.2.4)",
    "n": 3,
    "a_precise": "2000",
    "a_precision": 1,
    "fee": "1000000",
    "admin_fee": "5000000000",
    "balances": ["165432109876543210987654321", "171234567890123", "98765432109876"],
    "rates": ["1000000000000000000", "1" + "0" * 30, "1" + "0" * 30],
}

# Invented balances in the contracts' own units, and a constant fee where lines are to be tight at every input.
STABLESWAP: Mapping[str, Any] = {
    "chain_id": 1,
    "block": None,
    "kind": "curve_stableswap",
    "dex": "curve",
    "address": "0xbebc44782c7db0a1a60cb6fe97d0b483032ff1c7",
    "tokens": [_DAI, _USDC, _USDT],
    "state": _THREE_POOL,
}

STABLESWAP_NG: Mapping[str, Any] = {
    "chain_id": 1,
    "block": None,
    "kind": "curve_stableswap_ng",
    "dex": "curve",
    "address": "0x00000000000000000000000000000000000000a1",
    "tokens": [_USDC, _USDT],
    "state": {
        "pool": "CurveStableSwapNG v7.0.0 (vyper 0.3.10)",
        "n": 2,
        "asset_types": [0, 0],
        "a_precise": "20000",
        "a_precision": 100,
        "fee": "1000000",
        "offpeg_fee_multiplier": "10000000000",
        "admin_fee": "5000000000",
        "balances": ["43219876543210", "38765432109876"],
        "rates": ["1" + "0" * 30, "1" + "0" * 30],
    },
}

METAPOOL: Mapping[str, Any] = {
    "chain_id": 1,
    "block": None,
    "kind": "curve_metapool",
    "dex": "curve",
    "address": "0x4f062658eaaf2c1ccf8c8e36d6824cdf41167956",
    "tokens": [_GUSD, _CRV3],
    "state": {
        "pool": "StableSwapGUSD.vy (vyper 0.2.5)",
        "level": "meta",
        "n": 2,
        "a_precise": "100000",
        "a_precision": 100,
        "fee": "4000000",
        "admin_fee": "5000000000",
        "balances": ["414215934", "4136113142241251695139979"],
        "rate0": "1" + "0" * 34,
        "base_virtual_price_cached": "1025000478588541779",
        "base_cache_updated": 1700175424,
        "block_timestamp": 1700175500,
        "base": {"virtual_price": "1025000478588541888"},
    },
}

CRYPTOSWAP: Mapping[str, Any] = {
    "chain_id": 1,
    "block": None,
    "kind": "curve_cryptoswap",
    "dex": "curve",
    "address": "0x00000000000000000000000000000000000000c3",
    "tokens": [_USDC, _WBTC, _WETH],
    "state": {
        "pool": "CurveTricryptoOptimizedWETH v2.0.0 (vyper 0.3.9)",
        "n": 3,
        "A": "1707629",
        "gamma": "145000000000000",
        "D": "29999999999779999999826323",
        "price_scale": ["42000000000000000000000", "2200000000000000000000"],
        "mid_fee": "3000000",
        "out_fee": "3000000",
        "fee_gamma": "500000000000000",
        "balances": ["10000000000000", "23809523809", "4545454545454545454545"],
        "precisions": ["1000000000000", "10000000000", "1"],
    },
}
