"""``arbx keys``: make, import, list and try the keys that sign; a private key is never printed."""

import getpass
import os
import sys
from typing import TYPE_CHECKING, Annotated, cast

import typer

from arbx.cli.common import host_for, settings
from arbx.cli.keystores import NO_KEY_STORE, built_store, picked_store
from arbx.errors import ArbxError, ConfigError

if TYPE_CHECKING:
    from arbx.protocols import KeyStore, KeyWriter

__all__ = ["app"]

app = typer.Typer(
    help="Make, import, list and try the keys that sign.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help="A [keystores.NAME] of the configuration, or a provider with its settings: "
        "keyfile:path=main.json,password=env:WORD. Default: the only one that is configured.",
    ),
]


@app.command()
def new(ctx: typer.Context, name: Name = None) -> None:
    """Make a new key and print its address."""
    label, store = _store(ctx, name)
    typer.echo(_writer(label, store).create())


@app.command("import")
def import_(
    ctx: typer.Context,
    name: Name = None,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="WHERE",
            help="Where the private key is: prompt, env:NAME, file:PATH, or fd:N (fd:0 is standard input).",
        ),
    ] = "prompt",
) -> None:
    """Import a private key, as 64 hex digits, and print its address."""
    label, store = _store(ctx, name)
    writer = _writer(label, store)
    typer.echo(writer.adopt(_private_key(source)))


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the configured key stores with their addresses, decrypting nothing."""
    from arbx.cli.columns import columns

    configured, host = settings(ctx), host_for(ctx, offline=True)
    rows, complaints = [("NAME", "USE", "ADDRESS")], []
    for name, use in configured.keystores.items():
        try:
            address = built_store(configured, host, name)[1].address
        except ArbxError as error:
            address = "?"
            complaints.append(f"warning: {name}: {error}")
        rows.append((name, use.use, address))
    if len(rows) == 1:
        raise ConfigError(NO_KEY_STORE)
    typer.echo(columns(rows))
    for complaint in complaints:
        typer.echo(complaint, err=True)
    raise typer.Exit(1 if complaints else 0)


@app.command()
def address(ctx: typer.Context, name: Name = None) -> None:
    """Print the address of one key store, decrypting nothing."""
    typer.echo(_store(ctx, name)[1].address)


@app.command("test")
def try_(ctx: typer.Context, name: Name = None) -> None:
    """Unlock one key store, sign a message and a transaction that is never sent, and check both."""
    import asyncio

    from arbx.cli.keytest import try_out

    label, store = _store(ctx, name)
    chain_id = settings(ctx).chain.chain_id
    found = asyncio.run(try_out(store, chain_id))
    typer.echo(f"{label}: {store.address} signs for chain {chain_id}")
    typer.echo(
        f"  unlocked and signed in {found.first_s:.2f} s, again in {found.again_s * 1e3:.1f} ms"
    )
    if found.problems:
        for problem in found.problems:
            typer.echo(f"  {problem}", err=True)
        raise typer.Exit(1)


def _store(ctx: typer.Context, name: str | None) -> "tuple[str, KeyStore]":
    host = host_for(ctx, offline=True)
    return picked_store(settings(ctx), host, name, cure="give its NAME")


def _writer(label: str, store: "KeyStore") -> "KeyWriter":
    # Looked up on the class: isinstance() would run `address` before Python 3.12.
    if not all(hasattr(type(store), method) for method in ("create", "adopt")):
        raise ConfigError(f"key store {label!r} keeps no new keys; make the key where it lives")
    return cast("KeyWriter", store)


def _private_key(source: str) -> bytes:
    text = _read(source).strip()
    digits = text[2:] if text[:2] in {"0x", "0X"} else text
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ConfigError("what was read is no private key: 64 hex digits, with or without 0x")
    return key


def _read(source: str) -> str:
    from arbx.secret import resolve

    if source == "prompt":
        if not sys.stdin.isatty():
            raise ConfigError("--from prompt: there is no terminal; use --from env:NAME or fd:0")
        return getpass.getpass("Private key (not shown): ")
    if source.startswith(("env:", "file:")):
        return resolve(source)
    scheme, _, number = source.partition(":")
    if scheme == "fd" and number.isdecimal() and len(number) < 6:
        return _from_descriptor(int(number))
    # Not repeated: it may be the key itself, which belongs on no command line.
    raise ConfigError(
        "--from: is not prompt, env:NAME, file:PATH or fd:N; a key on the command line is seen by "
        "everybody who lists processes, and stays in the shell's history: make a new one"
    )


def _from_descriptor(number: int) -> str:
    try:
        with os.fdopen(number, "rb", closefd=False) as file:
            return file.read(1_000).decode("ascii", errors="replace")
    except OSError as error:
        raise ConfigError(f"--from fd:{number}: can't be read: {error.strerror}") from None
