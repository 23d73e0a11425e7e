"""Know arbx's own plugins by name, so that messages can say which one to install or select."""

from typing import NamedTuple

__all__ = ["FIRST_PARTY", "FirstParty", "bringing"]


class FirstParty(NamedTuple):
    """Name one of arbx's own plugins: its distribution and the kinds of pools that it prices."""

    distribution: str
    kinds: tuple[str, ...]


# Names only: the core imports no plugin. These are also what offline commands select by default.
FIRST_PARTY = {
    "uniswap-v2": FirstParty(
        "arbx-dex-uniswap-v2", ("uniswap_v2", "sushiswap_v2", "pancakeswap_v2")
    ),
    "uniswap-v3": FirstParty(
        "arbx-dex-uniswap-v3", ("uniswap_v3", "sushiswap_v3", "pancakeswap_v3")
    ),
    "curve": FirstParty(
        "arbx-dex-curve",
        ("curve_stableswap", "curve_stableswap_ng", "curve_metapool", "curve_cryptoswap"),
    ),
    "balancer": FirstParty(
        "arbx-dex-balancer",
        ("balancer_weighted", "balancer_stable", "balancer_v2_late", "balancer_v3"),
    ),
    "flashbots": FirstParty("arbx-relay-flashbots", ()),
    "keyfile": FirstParty("arbx-keystore-keyfile", ()),
    "console": FirstParty("arbx-alert-console", ()),
    "webhook": FirstParty("arbx-alert-webhook", ()),
}


def bringing(kind: str) -> str | None:
    """Return the name of the first-party plugin that prices *kind*, if there is one."""
    return next((name for name, known in FIRST_PARTY.items() if kind in known.kinds), None)
