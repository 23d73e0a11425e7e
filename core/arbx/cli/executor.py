"""``arbx executor``: deploy the contract that executes, look at it, and withdraw from it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from arbx.cli.common import host_for, settings
from arbx.cli.keystores import picked_store
from arbx.cli.online import RPC_HELP, chain_for
from arbx.errors import ConfigError

if TYPE_CHECKING:
    from arbx.chain import Chain, Receipt
    from arbx.execution.executor.ownership import Holdings
    from arbx.protocols import KeyStore

__all__ = ["app"]

app = typer.Typer(
    help="Deploy the contract that executes, look at it, and withdraw from it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_TIMEOUT_S = 300.0

Rpc = Annotated[str | None, typer.Option(metavar="URL", help=RPC_HELP)]
Key = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The owner's key store: a [keystores.NAME] of the configuration, or a provider with "
        "its settings. Default: the only one that is configured.",
    ),
]
Live = Annotated[
    bool, typer.Option("--live", help="Sign and send it; without this nothing is sent.")
]
PriorityFee = Annotated[
    int, typer.Option(min=0, metavar="WEI", help="What the block's proposer gets for each gas.")
]


@app.command()
def deploy(
    ctx: typer.Context,
    weth: Annotated[str, typer.Option(metavar="ADDRESS", help="The chain's wrapped ether.")],
    owner: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Whom it obeys, forever. Default: the key's address."
        ),
    ] = None,
    key: Key = None,
    rpc: Rpc = None,
    priority_fee_wei: PriorityFee = 10**9,
    live: Live = False,
) -> None:
    """Deploy an Executor, which obeys its owner forever."""
    import asyncio

    from arbx.execution.executor import creation_data
    from arbx.execution.executor.ownership import created_address

    wrapped, store = _address(weth, "--weth"), _store(ctx, key)
    master = _address(owner, "--owner") if owner else store.address.lower()

    async def run() -> None:
        async with chain_for(settings(ctx), rpc) as chain:
            if not await chain.code(wrapped):
                raise ConfigError(f"--weth {wrapped} is no contract on chain {chain.chain_id}")
            data = creation_data(master, wrapped)
            transaction, receipt = await _sent(chain, store, None, data, priority_fee_wei, live)
            address = created_address(store.address, transaction["nonce"])
            typer.echo(f"{'deployed' if receipt else 'would be deployed'} at {address}")
            typer.echo(f"owner {master}, wrapped ether {wrapped}, chain {chain.chain_id}")
            _say_cost(transaction, receipt)

    asyncio.run(run())


@app.command()
def show(
    ctx: typer.Context,
    address: Annotated[
        str | None,
        typer.Argument(metavar="[ADDRESS]", help="The Executor. Default: the configured one."),
    ] = None,
    token: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="Show the balance of this token too. Repeatable."),
    ] = None,
    rpc: Rpc = None,
) -> None:
    """Show an Executor's owner, whether its code is this arbx's own, and what it holds."""
    import asyncio

    from arbx.execution.executor.ownership import holdings

    executor = _address(address, "ADDRESS") if address else _configured(ctx)
    tokens = [_address(each, "--token") for each in token or ()]

    async def read() -> "Holdings":
        async with chain_for(settings(ctx), rpc) as chain:
            return await holdings(chain, executor, tokens)

    found = asyncio.run(read())
    for line in _lines(found):
        typer.echo(line)
    if not found.genuine:
        typer.echo("warning: its code is not this arbx's Executor; don't send it tokens", err=True)
        raise typer.Exit(1)


def _configured(ctx: typer.Context) -> str:
    executor = settings(ctx).execution.executor
    if executor is None:
        raise ConfigError('name the Executor: its ADDRESS, or executor = "0x…" in [execution]')
    return executor


@app.command()
def withdraw(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The Executor.")],
    token: Annotated[str, typer.Option(metavar="ADDRESS", help='A token, or "ether".')],
    amount: Annotated[
        str, typer.Option(metavar="AMOUNT", help='In the smallest unit, or "all".')
    ] = "all",
    to: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The receiver. Default: the owner.")
    ] = None,
    key: Key = None,
    rpc: Rpc = None,
    priority_fee_wei: PriorityFee = 10**9,
    live: Live = False,
) -> None:
    """Withdraw a token or ether from an Executor; only its owner can."""
    import asyncio

    from arbx.chain.abi import calldata
    from arbx.execution.executor import ETHER, EVERYTHING, withdraw_call
    from arbx.execution.executor.ownership import holdings

    executor, store = _address(address, "ADDRESS"), _store(ctx, key)
    what = ETHER if token == "ether" else _address(token, "--token")  # noqa: S105  # not a secret
    much = EVERYTHING if amount == "all" else _amount(amount)
    receiver = _address(to, "--to") if to else store.address.lower()
    call = withdraw_call(executor, what, much, receiver)

    async def run() -> None:
        async with chain_for(settings(ctx), rpc) as chain:
            found = await holdings(chain, executor)
            if found.owner != store.address.lower():
                raise ConfigError(
                    f"{executor} belongs to {found.owner}, and the key is {store.address.lower()}; "
                    "choose the owner's with --key"
                )
            transaction, receipt = await _sent(
                chain, store, executor, calldata(call), priority_fee_wei, live
            )
            typer.echo(
                f"{'withdrew' if receipt else 'would withdraw'} {amount} of {token} to {receiver}"
            )
            _say_cost(transaction, receipt)

    asyncio.run(run())


async def _sent(
    chain: "Chain",
    store: "KeyStore",
    to: str | None,
    data: bytes,
    priority_fee_wei: int,
    live: bool,
) -> "tuple[dict[str, Any], Receipt | None]":
    """Prepare the transaction, and send it if it is to be."""
    from arbx.execution.executor.ownership import prepared, send_and_wait

    transaction = await prepared(chain, store.address, to, data, priority_fee_wei=priority_fee_wei)
    if not live:
        return transaction, None
    return transaction, await send_and_wait(chain, store, transaction, timeout_s=_TIMEOUT_S)


def _say_cost(transaction: "dict[str, Any]", receipt: "Receipt | None") -> None:
    if receipt is None:
        most = transaction["gas"] * transaction["maxFeePerGas"]
        typer.echo(f"at most {most} wei for gas; nothing was sent: add --live to send it")
    else:
        typer.echo(
            f"{receipt.gas_cost_wei} wei for gas, in block {receipt.block}: {receipt.tx_hash}"
        )


def _lines(found: "Holdings") -> list[str]:
    return [
        f"executor {found.address}",
        f"owner    {found.owner}",
        f"weth     {found.weth}",
        f"code     {'this arbx’s own' if found.genuine else 'unknown'}",
        f"ether    {found.ether_wei} wei",
        *(f"token    {token} {amount}" for token, amount in found.tokens.items()),
    ]


def _store(ctx: typer.Context, name: str | None) -> "KeyStore":
    host = host_for(ctx, offline=True)
    return picked_store(settings(ctx), host, name, cure="choose the owner's with --key NAME")[1]


def _address(text: str, option: str) -> str:
    address = text.lower()
    digits = address.removeprefix("0x")
    if len(address) != 42 or len(digits) != 40 or not set(digits) <= set("0123456789abcdef"):
        raise ConfigError(f"{option} {text!r} is not an address: 0x and 40 hex digits")
    return address


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) >= 2**256 - 1:
        raise ConfigError(f'--amount {text!r} is neither a whole number nor "all"')
    return int(text)
