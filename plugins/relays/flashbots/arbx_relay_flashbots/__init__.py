"""Take bundles to Flashbots' relay, and to every builder that speaks its protocol."""

from collections.abc import Iterator

import arbx
from arbx_relay_flashbots.relay import Flashbots
from arbx_relay_flashbots.settings import FlashbotsSettings

__all__ = ["Flashbots", "FlashbotsSettings"]


@arbx.hookimpl
def arbx_relays() -> Iterator["arbx.Provider[Flashbots]"]:
    """Offer the relay."""
    yield arbx.Provider(
        "flashbots",
        Flashbots,
        FlashbotsSettings,
        summary="Flashbots' relay, and builders that take eth_sendBundle",
        examples=(
            {"preset": "mainnet", "auth_key": "env:FLASHBOTS_KEY"},
            {
                "url": "https://builder.example",
                "auth_key": "file:auth.key",
                "builders": ["flashbots"],
            },
        ),
    )
