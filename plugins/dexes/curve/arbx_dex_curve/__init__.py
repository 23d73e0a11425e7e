"""Price and read Curve pools, exact to the wei."""

from collections.abc import Iterator

import arbx
from arbx_dex_curve import examples
from arbx_dex_curve.cryptomodel import crypto_curve, dump_crypto, parse_crypto
from arbx_dex_curve.models import (
    dump_meta,
    dump_ng,
    dump_plain,
    meta_curve,
    ng_curve,
    parse_meta,
    parse_ng,
    parse_plain,
    plain_curve,
)
from arbx_dex_curve.settings import CurveSettings
from arbx_dex_curve.source import CurveSource

__all__ = ["CurveSettings", "CurveSource"]


@arbx.hookimpl
def arbx_curves() -> Iterator[arbx.CurveModel]:
    """Offer StableSwap, StableSwap-NG, metapools and CryptoSwap."""
    yield arbx.CurveModel(
        "curve_stableswap", parse_plain, plain_curve, dump_plain, examples.STABLESWAP
    )
    yield arbx.CurveModel(
        "curve_stableswap_ng", parse_ng, ng_curve, dump_ng, examples.STABLESWAP_NG
    )
    yield arbx.CurveModel("curve_metapool", parse_meta, meta_curve, dump_meta, examples.METAPOOL)
    yield arbx.CurveModel(
        "curve_cryptoswap", parse_crypto, crypto_curve, dump_crypto, examples.CRYPTOSWAP
    )


@arbx.hookimpl
def arbx_pool_sources() -> Iterator["arbx.Provider[CurveSource]"]:
    """Offer the pools of Curve's factories, or given pools."""
    yield arbx.Provider(
        "curve",
        CurveSource,
        CurveSettings,
        summary="Curve StableSwap, StableSwap-NG, metapools and CryptoSwap",
        examples=({"factories": ["stableswap-ng", "twocrypto-ng", "tricrypto-ng"]},),
    )
