"""Price and read Balancer pools, exact to the wei."""

from collections.abc import Iterator

import arbx
from arbx_dex_balancer.curve import SwapCurve
from arbx_dex_balancer.models import models
from arbx_dex_balancer.settings import BalancerV2Settings, BalancerV3Settings
from arbx_dex_balancer.source_v2 import BalancerV2Source
from arbx_dex_balancer.source_v3 import BalancerV3Source
from arbx_dex_balancer.states import StableState, V3State, WeightedState

__all__ = [
    "BalancerV2Settings",
    "BalancerV2Source",
    "BalancerV3Settings",
    "BalancerV3Source",
    "StableState",
    "SwapCurve",
    "V3State",
    "WeightedState",
]


@arbx.hookimpl
def arbx_curves() -> Iterator[arbx.CurveModel]:
    """Offer the curves of V2's weighted and stable pools and of V3's pools."""
    yield from models()


@arbx.hookimpl
def arbx_pool_sources() -> Iterator[
    "arbx.Provider[BalancerV2Source] | arbx.Provider[BalancerV3Source]"
]:
    """Offer the pools of the V2 and of the V3 Vault."""
    yield arbx.Provider(
        "balancer-v2",
        BalancerV2Source,
        BalancerV2Settings,
        summary="weighted, stable and composable stable pools of Balancer's V2 Vault",
        examples=(
            {"from_block": 12_272_146},
            {"pools": ["0x5c6ee304399dbdb9c8ef030ab642b10820db8f56"]},
        ),
    )
    yield arbx.Provider(
        "balancer-v3",
        BalancerV3Source,
        BalancerV3Settings,
        summary="weighted and stable pools without hooks of Balancer's V3 Vault",
        examples=({"from_block": 21_332_121},),
    )
