"""``arbx doctor``: check what trading needs, and say what to fix."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from arbx.cli.common import host_for, settings
from arbx.cli.online import RPC_HELP, chain_for

if TYPE_CHECKING:
    from arbx.chain import Chain
    from arbx.config import Settings
    from arbx.engine.preflight import Finding
    from arbx.host import Host

__all__ = ["doctor"]


def doctor(
    ctx: typer.Context,
    rpc: Annotated[str | None, typer.Option(metavar="URL", help=RPC_HELP)] = None,
    sign: Annotated[
        bool, typer.Option("--sign", help="Unlock the key, too, and try what it signs.")
    ] = False,
) -> None:
    """Check nodes, clock, key, Executor, relays and ledger; the exit code is 1 where one is wrong."""
    import asyncio

    configured, host = settings(ctx), host_for(ctx, offline=False)
    findings = asyncio.run(_examined(configured, host, rpc, sign=sign))
    for finding in findings:
        typer.echo(f"{'ok   ' if finding.right else 'WRONG'} {finding.what}: {finding.text}")
    if not all(finding.right for finding in findings):
        raise typer.Exit(1)


async def _examined(
    configured: "Settings", host: "Host", rpc: str | None, *, sign: bool
) -> "list[Finding]":
    from arbx.engine.preflight import Finding, clock_finding, node_findings
    from arbx.errors import ArbxError

    findings = [_try("ledger", lambda: _ledger(configured))]
    findings += await _relays(configured, host)
    findings.append(_try("key", lambda: _key(configured, host)))
    if sign and findings[-1].right:
        findings.append(await _signature(configured, host))
    try:
        async with chain_for(configured, rpc) as chain:
            findings += await node_findings(chain)
            for what, look in (
                ("clock", clock_finding),
                ("executor", _executor(configured, host)),
                ("gas money", _gas_money(configured, host)),
                ("lender", _lender(configured)),
            ):
                findings.append(await _tried(what, look, chain))
    except ArbxError as error:
        findings.append(Finding("node", False, str(error)))
    return findings


def _try(what: str, look: Callable[[], str]) -> "Finding":
    from arbx.engine.preflight import Finding
    from arbx.errors import ArbxError

    try:
        return Finding(what, True, look())
    except ArbxError as error:
        return Finding(what, False, str(error))


async def _tried(
    what: str, look: "Callable[[Chain], Awaitable[Finding]]", chain: "Chain"
) -> "Finding":
    from arbx.engine.preflight import Finding
    from arbx.errors import ArbxError

    try:
        return await look(chain)
    except ArbxError as error:
        return Finding(what, False, str(error))


def _ledger(configured: "Settings") -> str:
    from arbx.ledger import Ledger

    with Ledger(configured.ledger.url.reveal()) as book:
        return f"{book.name} can be opened"


async def _relays(configured: "Settings", host: "Host") -> "list[Finding]":
    from arbx.cli.trading import relays_of, simulators_of
    from arbx.engine.preflight import Finding, relay_findings
    from arbx.errors import ArbxError
    from arbx.execution.submission import Submitter

    try:
        built = relays_of(configured, host)
        submitter = Submitter(built)
        simulators_of(configured, submitter)
    except ArbxError as error:
        return [Finding("relays", False, str(error))]
    try:
        return list(await relay_findings(built))
    finally:
        await submitter.close()


def _key(configured: "Settings", host: "Host") -> str:
    from arbx.cli.trading import store_of

    return f"{store_of(configured, host).address.lower()}; --sign tries what it signs"


async def _signature(configured: "Settings", host: "Host") -> "Finding":
    from arbx.cli.keytest import try_out
    from arbx.cli.trading import store_of
    from arbx.engine.preflight import Finding
    from arbx.errors import ArbxError

    chain_id = configured.chain.chain_id
    try:
        found = await try_out(store_of(configured, host), chain_id)
    except ArbxError as error:
        return Finding("signature", False, str(error))
    said = f"signs for chain {chain_id} in {found.again_s * 1e3:.1f} ms"
    return Finding("signature", not found.problems, "; ".join(found.problems) or said)


def _executor(configured: "Settings", host: "Host") -> "Callable[[Chain], Awaitable[Finding]]":
    async def look(chain: "Chain") -> "Finding":
        from arbx.cli.trading import store_of, terms_of
        from arbx.engine.preflight import Finding, check_executor

        terms = terms_of(configured, chain.chain_id)
        signer = store_of(configured, host).address.lower()
        await check_executor(chain, terms, signer)
        return Finding("executor", True, f"{terms.executor} obeys {signer}")

    return look


def _lender(configured: "Settings") -> "Callable[[Chain], Awaitable[Finding]]":
    async def look(chain: "Chain") -> "Finding":
        from arbx.cli.trading import terms_on
        from arbx.engine.preflight import Finding

        lender = (await terms_on(configured, chain)).lender
        if lender is None:
            return Finding(
                "lender", True, "none is configured; pools of the cycle lend, where they can"
            )
        charges = f"charges {lender.fee_e18 / 10**16:g} %"
        return Finding("lender", True, f"{lender.kind} at {lender.address} {charges}")

    return look


def _gas_money(configured: "Settings", host: "Host") -> "Callable[[Chain], Awaitable[Finding]]":
    async def look(chain: "Chain") -> "Finding":
        from arbx.cli.trading import store_of
        from arbx.engine.preflight import Finding

        address = store_of(configured, host).address.lower()
        balance = await chain.balance_wei(address)
        # what half a million gas, a long cycle's, costs now
        fee = await chain.next_base_fee_wei() + configured.execution.priority_fee_wei
        needed = 500_000 * fee
        cure = "" if balance >= needed else f"; send it ether: an execution may cost {needed} wei"
        return Finding("gas money", balance >= needed, f"{address} has {balance} wei{cure}")

    return look
