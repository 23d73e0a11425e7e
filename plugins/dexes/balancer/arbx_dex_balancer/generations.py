"""
Which rounding which deployed pool contract has.

A generation is named as the contract's ``version()`` names it: pool type, version, day of deployment. An
unknown one is refused, never priced by a wrong formula.
"""

import json
from types import MappingProxyType
from typing import Final

import attrs

import arbx

__all__ = ["DEFAULTS", "GENERATIONS", "Generation", "generation_of", "named_by_version"]


@attrs.frozen
class Generation:
    """
    Say what sets one generation's arithmetic apart.

    *shortcuts*: powUp multiplies for the exponents 1, 2 and 4. *rounds_up*: the invariant is rounded up, in
    the first form. *limits_imbalance*, *keeps_minimum*: the checks that came with V3's pools of 2026; with
    the latter the weighted pool also takes its own balance of the token that enters one unit higher.
    """

    name: str
    vault: int
    family: str
    shortcuts: bool = True
    rounds_up: bool = False
    composable: bool = False
    limits_imbalance: bool = False
    keeps_minimum: bool = False


def _composable(name: str) -> Generation:
    return Generation(name, 2, "stable", composable=True)


_ALL: Final = (
    Generation("WeightedPool v1 (20210418)", 2, "weighted", shortcuts=False),
    Generation("WeightedPool2Tokens v1 (20210418)", 2, "weighted", shortcuts=False),
    Generation("WeightedPool v2 (20220908)", 2, "weighted"),
    Generation("WeightedPool v3 (20230206)", 2, "weighted"),
    Generation("WeightedPool v4 (20230320)", 2, "weighted"),
    Generation("StablePool v1 (20210624)", 2, "stable", rounds_up=True),
    Generation("StablePool v2 (20220609)", 2, "stable"),
    _composable("ComposableStablePool v1 (20220906)"),
    _composable("ComposableStablePool v2 (20221122)"),
    _composable("ComposableStablePool v3 (20230206)"),
    _composable("ComposableStablePool v4 (20230320)"),
    _composable("ComposableStablePool v5 (20230711)"),
    _composable("ComposableStablePool v6 (20240223)"),
    Generation("V3 WeightedPool (20241205)", 3, "weighted"),
    Generation("V3 WeightedPool v2 (20260115)", 3, "weighted", keeps_minimum=True),
    Generation("V3 StablePool (20241205)", 3, "stable"),
    Generation("V3 StablePool v2 (20250324)", 3, "stable"),
    Generation("V3 StablePool v3 (20260116)", 3, "stable", limits_imbalance=True),
)

GENERATIONS: Final = MappingProxyType({generation.name: generation for generation in _ALL})

# What a record without a generation is priced by: the newest of its family.
DEFAULTS: Final = MappingProxyType(
    {
        (2, "weighted", False): GENERATIONS["WeightedPool v4 (20230320)"],
        (2, "stable", False): GENERATIONS["StablePool v2 (20220609)"],
        (2, "stable", True): GENERATIONS["ComposableStablePool v6 (20240223)"],
        (3, "weighted", False): GENERATIONS["V3 WeightedPool v2 (20260115)"],
        (3, "stable", False): GENERATIONS["V3 StablePool v3 (20260116)"],
    }
)


def generation_of(
    name: str | None, vault: int, family: str, *, bpt: bool, where: str
) -> Generation:
    """Return the generation *name*, or the default where a record has none; refuse any other."""
    if name is None:
        return DEFAULTS[vault, family, bpt]
    found = GENERATIONS.get(name)
    if found is None:
        known = ", ".join(other.name for other in _ALL if other.vault == vault)
        raise arbx.InvalidState(where, f"is {name[:60]!r}, an unknown generation; known: {known}")
    if (found.vault, found.family) != (vault, family):
        raise arbx.InvalidState(where, f"is {name!r}, not a {family} pool of V{vault}")
    if bpt and not found.composable:
        raise arbx.InvalidState(where, f"is {name!r}, which has no pool token among its tokens")
    return found


def named_by_version(text: str, vault: int) -> str:
    """
    Return the generation that a pool's ``version()`` names.

    >>> named_by_version('{"name":"WeightedPool","version":4,"deployment":"20230320-weighted-pool-v4"}', 2)
    'WeightedPool v4 (20230320)'
    """
    try:
        told = json.loads(text)
        name, version, day = told["name"], int(told["version"]), str(told["deployment"])[:8]
    except (ValueError, KeyError, TypeError):
        raise arbx.InvalidState(
            "version", f"is {text[:80]!r}, not Balancer's version object"
        ) from None
    if vault == 2:
        return f"{name} v{version} ({day})"
    return f"V3 {name} ({day})" if version == 1 else f"V3 {name} v{version} ({day})"
