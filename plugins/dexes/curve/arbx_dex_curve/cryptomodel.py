"""The curve model of CryptoSwap: records to states, states to curves and back."""

from typing import Any

from gmpy2 import mpz

import arbx
from arbx_dex_curve.cryptocurve import CryptoCurve, ProvenCryptoCurve
from arbx_dex_curve.cryptoswap import CryptoState, virtual_balances
from arbx_dex_curve.models import directed
from arbx_dex_curve.reading import check_count, tokens_of
from arbx_dex_curve.rooterror import root_error
from arbx_dex_curve.tricrypto import TRICRYPTO, TriMath
from arbx_dex_curve.twocrypto import V2_0, V2_1, TwoMath

__all__ = ["CRYPTO", "crypto_curve", "dump_crypto", "parse_crypto"]

_FEE_DENOMINATOR = 10**10
_DEFAULTS = {2: "CurveTwocryptoOptimized v2.1.0", 3: "CurveTricryptoOptimized v2.0.0"}

CRYPTO: dict[str, TwoMath | TriMath] = {
    "CurveTwocryptoOptimized v2.0.0": V2_0,
    "CurveTwocryptoOptimized v2.1.0": V2_1,
    "CurveTricryptoOptimized v2.0.0": TRICRYPTO,
    "CurveTricryptoOptimizedWETH v2.0.0": TRICRYPTO,
}


def parse_crypto(record: arbx.Fields) -> CryptoState:
    """Read a CryptoSwap pool; without ``pool`` the newest supported generation of its number of coins."""
    fields = record.fields("state")
    balances = fields.uints("balances", lo=1)
    name = _generation(fields, len(balances))
    math, coins = CRYPTO[name], len(balances)
    if coins != math.coins:
        raise arbx.InvalidState(
            fields.at("balances"), f"has {coins} entries; {name} has {math.coins}"
        )
    if fields.has("n") and fields.uint("n", bits=32) != coins:
        raise arbx.InvalidState(fields.at("n"), f"is {fields.uint('n')} for {coins} balances")
    check_count(fields, "balances", coins, tokens_of(record))
    return CryptoState(
        generation=name,
        math=math,
        a=fields.integer("A", math.min_a, math.max_a),
        gamma=fields.integer("gamma", math.min_gamma, math.max_gamma),
        d=fields.integer("D", 10**17, 10**33),
        price_scale=fields.uints("price_scale", coins - 1, lo=1),
        mid_fee_e10=fields.integer("mid_fee", 0, _FEE_DENOMINATOR),
        out_fee_e10=fields.integer("out_fee", 0, _FEE_DENOMINATOR),
        fee_gamma=fields.integer("fee_gamma", 1, 10**18),
        balances=balances,
        precisions=fields.uints("precisions", coins, bits=64, lo=1),
        virtual_price_e18=_maybe(fields, "virtual_price"),
        lp_total_supply=_maybe(fields, "lp_total_supply"),
    )


def _generation(fields: arbx.Fields, coins: int) -> str:
    label = fields.text("pool") if fields.has("pool") else _DEFAULTS.get(coins, "")
    name = " ".join(label.split()[:2])
    if name not in CRYPTO:
        raise arbx.InvalidState(
            fields.at("pool"),
            f"{label or f'{coins} coins'!r} is no supported contract generation; supported: "
            + ", ".join(CRYPTO),
        )
    return name


def _maybe(fields: arbx.Fields, name: str) -> int | None:
    return fields.uint(name, lo=1) if fields.has(name) else None


def crypto_curve(state: CryptoState, token_in: int, token_out: int) -> arbx.Curve:
    """Price one direction of a CryptoSwap pool, with lines where the error of its root is known."""
    i, j = directed(len(state.balances), token_in, token_out)
    proven = _has_lines(state, i, j)
    return ProvenCryptoCurve(state, i, j) if proven else CryptoCurve(state, i, j)


def _has_lines(state: CryptoState, i: int, j: int) -> bool:
    try:
        xp = virtual_balances(state)
    except arbx.WouldRevert:
        return False
    others = [value for k, value in enumerate(xp) if k not in (i, j)]
    pool = (mpz(state.a), mpz(state.gamma), mpz(state.d))
    return root_error(state.math, *pool, xp[i], others) is not None


def dump_crypto(state: CryptoState) -> dict[str, Any]:
    """Write what parse_crypto reads."""
    written: dict[str, Any] = {
        "pool": state.generation,
        "n": len(state.balances),
        "A": str(state.a),
        "gamma": str(state.gamma),
        "D": str(state.d),
        "price_scale": [str(price) for price in state.price_scale],
        "mid_fee": str(state.mid_fee_e10),
        "out_fee": str(state.out_fee_e10),
        "fee_gamma": str(state.fee_gamma),
        "balances": [str(balance) for balance in state.balances],
        "precisions": [str(precision) for precision in state.precisions],
    }
    if state.virtual_price_e18 is not None:
        written["virtual_price"] = str(state.virtual_price_e18)
    if state.lp_total_supply is not None:
        written["lp_total_supply"] = str(state.lp_total_supply)
    return written
