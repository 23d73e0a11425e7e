"""The hooks. Each takes no arguments, does no I/O, runs once at start-up and yields small frozen offers."""

from collections.abc import Iterator

import pluggy

from arbx.protocols import AlertSink, KeyStore, PoolSource, Relay
from arbx.provider import CurveModel, Provider

__all__ = ["HOOKS", "hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("arbx")
hookimpl = pluggy.HookimplMarker("arbx")


@hookspec
def arbx_pool_sources() -> Iterator[Provider[PoolSource]]:  # type: ignore[empty-body]  # a specification
    """
    Offer sources of pools.

    ::

        @arbx.hookimpl
        def arbx_pool_sources():
            yield arbx.Provider("uniswap-v2", UniswapV2Source, UniswapV2Settings)
    """


@hookspec
def arbx_curves() -> Iterator[CurveModel]:  # type: ignore[empty-body]  # a specification
    """
    Offer curve models, one for each kind of pool.

    ::

        @arbx.hookimpl
        def arbx_curves():
            yield arbx.CurveModel("uniswap_v2", parse=parse, curve=curve, dump=dump, example=EXAMPLE)
    """


@hookspec
def arbx_keystores() -> Iterator[Provider[KeyStore]]:  # type: ignore[empty-body]  # a specification
    """
    Offer key stores.

    ::

        @arbx.hookimpl
        def arbx_keystores():
            yield arbx.Provider("keyfile", Keyfile, KeyfileSettings)
    """


@hookspec
def arbx_relays() -> Iterator[Provider[Relay]]:  # type: ignore[empty-body]  # a specification
    """
    Offer relays.

    ::

        @arbx.hookimpl
        def arbx_relays():
            yield arbx.Provider("flashbots", Flashbots, FlashbotsSettings)
    """


@hookspec
def arbx_alert_sinks() -> Iterator[Provider[AlertSink]]:  # type: ignore[empty-body]  # a specification
    """
    Offer alert sinks.

    ::

        @arbx.hookimpl
        def arbx_alert_sinks():
            yield arbx.Provider("console", build=lambda settings: Console())
    """


HOOKS = {
    "arbx_pool_sources": Provider,
    "arbx_curves": CurveModel,
    "arbx_keystores": Provider,
    "arbx_relays": Provider,
    "arbx_alert_sinks": Provider,
}
