"""Build from the configuration what trading takes: terms, policy, key store, relays, ledger."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import attrs

from arbx.cli.keystores import picked_store, section_store
from arbx.errors import ConfigError

if TYPE_CHECKING:
    from arbx.chain import Chain
    from arbx.config import Settings
    from arbx.engine import Live, Policy
    from arbx.execution.planner import Terms
    from arbx.execution.simulation import RelaySimulator
    from arbx.execution.submission import Submitter
    from arbx.host import Host
    from arbx.protocols import KeyStore, Relay
    from arbx.provider import Context

__all__ = [
    "base_tokens",
    "live_of",
    "policy_of",
    "relays_of",
    "simulators_of",
    "store_of",
    "terms_of",
    "terms_on",
]


def terms_of(configured: "Settings", chain_id: int) -> "Terms":
    """Return what every plan must keep; raise ConfigError where executor or weth is missing."""
    from arbx.execution.planner import Terms

    wanted = configured.execution
    if wanted.executor is None or wanted.weth is None:
        missing = "executor" if wanted.executor is None else "weth"
        raise ConfigError(
            f'[execution] has no {missing}; add {missing} = "0x…" (`arbx executor deploy` makes '
            "an Executor)"
        )
    return Terms(
        chain_id=chain_id,
        executor=wanted.executor,
        weth=wanted.weth,
        slippage_bps=wanted.slippage_bps,
        builder_share_bps=wanted.builder_share_bps,
    )


async def terms_on(configured: "Settings", chain: "Chain") -> "Terms":
    """Return the terms with the lender, whose fee only the chain knows."""
    from arbx.execution.lenders import read_lender

    terms, wanted = terms_of(configured, chain.chain_id), configured.execution
    if wanted.lender is None:
        if wanted.lender_address is not None:
            raise ConfigError(
                '[execution] has lender_address without lender; add lender = "balancer" or "aave"'
            )
        return terms
    lender = await read_lender(chain, wanted.lender, wanted.lender_address)
    return attrs.evolve(terms, lender=lender)


def policy_of(configured: "Settings") -> "Policy":
    """Return the engine's limits."""
    from arbx.engine import Policy

    wanted = configured.execution
    return Policy(
        priority_fee_wei=wanted.priority_fee_wei,
        min_net_profit_wei=wanted.min_net_profit_wei,
        max_gas_cost_wei=wanted.max_gas_cost_wei,
        blocks=wanted.blocks,
        candidates=wanted.candidates,
        valuation_depth_wei=wanted.valuation_depth_wei,
        rediscover_blocks=configured.search.rediscover_blocks,
    )


def base_tokens(configured: "Settings", weth: str) -> Sequence[str]:
    """Return the tokens to start cycles with; wrapped ether where none is configured."""
    return configured.search.base_tokens or (weth,)


def store_of(configured: "Settings", host: "Host") -> "KeyStore":
    """Build the key store that trades; nothing is decrypted."""
    name = configured.execution.key
    if name is not None:
        return section_store(configured, host, name, key="[execution] key")
    return picked_store(configured, host, None, cure="key = NAME in [execution]")[1]


def relays_of(configured: "Settings", host: "Host") -> "dict[str, Relay]":
    """Build every configured relay; each may have the key stores that its settings name."""
    return {
        name: host.build_relay(use.use, use.settings, _context(configured, host, name))
        for name, use in configured.relays.items()
    }


def _context(configured: "Settings", host: "Host", relay: str) -> "Context":
    import attrs

    def keystores(name: str) -> "KeyStore":
        return section_store(configured, host, name, key=f"[relays.{relay}]")

    return attrs.evolve(configured.context(relay), keystores=keystores)


def live_of(configured: "Settings", host: "Host", store: "KeyStore", stack: ExitStack) -> "Live":
    """Return what it takes to send; *stack* closes the ledger."""
    from arbx.engine import Live
    from arbx.execution.submission import Submitter
    from arbx.ledger import Ledger

    submitter = Submitter(relays_of(configured, host))
    ledger = stack.enter_context(Ledger(configured.ledger.url.reveal()))
    return Live(store, submitter, ledger, simulators_of(configured, submitter))


def simulators_of(configured: "Settings", submitter: "Submitter") -> "tuple[RelaySimulator, ...]":
    """Return the relays that run the signed bytes before they are submitted."""
    from arbx.execution.simulation import RelaySimulator

    names = (name for name in configured.execution.simulators if name != "node")
    wanted = [name.removeprefix("relay:") for name in names]
    for name in wanted:
        if name not in configured.relays:
            known = ", ".join(configured.relays) or "none"
            raise ConfigError(
                f'[execution] simulators has "relay:{name}", and there is no section [relays.{name}]; '
                f"add it, or name one that there is: {known}"
            )
    return tuple(RelaySimulator(submitter, name) for name in wanted)
