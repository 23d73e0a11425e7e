"""Go online for a command: the endpoint, the sources, the states at one block."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import typer

from arbx.cli.common import settings
from arbx.cli.wishes import wished
from arbx.errors import ConfigError, PluginError

if TYPE_CHECKING:
    from arbx.chain import Chain, Observation
    from arbx.config import Settings
    from arbx.host import Host
    from arbx.protocols import PoolSource
    from arbx.provider import Context

__all__ = ["RPC_HELP", "SOURCE_HELP", "chain_for", "observed", "sources_of"]

RPC_HELP = "The node's URL; default: rpc in [chain] of the configuration, the first that is well."
SOURCE_HELP = (
    "A [sources.NAME] of the configuration, or a provider with its settings: "
    "uniswap-v2:factory=0x…,fee_num=997. Repeatable; default: all that are configured."
)


def observed(
    ctx: typer.Context,
    host: "Host",
    rpc: str | None,
    names: Sequence[str],
    block: int | None = None,
) -> "Observation":
    """Discover and read the pools of the named sources; report on stderr who failed and what was left out."""
    import asyncio

    from arbx.cli.skipped import skipped_lines

    seen = asyncio.run(_observed(settings(ctx), host, rpc, names, block))
    for failure in seen.failures:
        typer.echo(f"warning: {failure}", err=True)
    for line in skipped_lines(seen.skipped):
        typer.echo(line, err=True)
    if seen.failures and not seen.states:
        raise typer.Exit(2)
    return seen


@asynccontextmanager
async def chain_for(
    configured: "Settings", rpc: str | None, tell: Callable[..., None] = lambda *_, **__: None
) -> AsyncIterator["Chain"]:
    """Connect to the named or the configured endpoints; raise ConfigError where they serve another chain."""
    from arbx.chain import Chain

    wanted = configured.chain
    async with await Chain.connect(
        *_urls(configured, rpc),
        timeout_s=wanted.timeout_s,
        cool_down_s=wanted.cool_down_s,
        tell=tell,
    ) as chain:
        _check_chain(configured, chain.chain_id)
        yield chain


async def _observed(
    configured: "Settings", host: "Host", rpc: str | None, names: Sequence[str], block: int | None
) -> "Observation":
    import attrs

    from arbx.chain import observe

    async with chain_for(configured, rpc) as chain:
        sources, failures = sources_of(configured, host, names, chain.chain_id)
        seen = await observe(sources, chain, block=block)
    return attrs.evolve(seen, failures=(*failures, *seen.failures))


def sources_of(
    configured: "Settings", host: "Host", names: Sequence[str], chain_id: int
) -> "tuple[dict[str, PoolSource], tuple[PluginError, ...]]":
    """Build the named sources, or all that are configured; a plugin that fails is left out and named."""
    import attrs

    wanted = names or tuple(configured.sources)
    if not wanted:
        raise ConfigError(
            "no pool source is named; add [sources.NAME] to arbx.toml, "
            "or --source uniswap-v2:factory=0x… (offered: "
            + (", ".join(host.sources) or "none")
            + ")"
        )
    built: dict[str, PoolSource] = {}
    failures: list[PluginError] = []
    for wish in wanted:
        name, provider, values = wished(configured.sources, wish, "--source")
        if name in built:
            raise ConfigError(f"--source {name} is named twice; name each source once")
        context = attrs.evolve(configured.context(name), chain_id=chain_id)
        try:
            built[name] = _built(host, provider, values, context)
        except PluginError as failure:
            failures.append(failure)
    return built, tuple(failures)


def _built(
    host: "Host", provider: str, values: Mapping[str, Any], context: "Context"
) -> "PoolSource":
    if provider != "snapshot" or provider in host.sources:
        return host.build_source(provider, values, context)
    # built in: it needs the host to read its file
    from arbx.snapshot import provider as snapshots

    return snapshots(host).build(values, context)


def _urls(configured: "Settings", rpc: str | None) -> Sequence[str]:
    if rpc:
        return [rpc]
    if not configured.chain.rpc:
        raise ConfigError(
            'no endpoint is named; use --rpc URL, or rpc = ["env:RPC_URL"] in [chain]'
        )
    return [url.reveal() for url in configured.chain.rpc]


def _check_chain(configured: "Settings", chain_id: int) -> None:
    # the default of 1 is no statement
    stated = (
        configured.chain.chain_id if "chain_id" in configured.chain.model_fields_set else chain_id
    )
    if stated != chain_id:
        raise ConfigError(
            f"the endpoint serves chain {chain_id}, the configuration says chain_id = {stated}; "
            "correct one of them"
        )
