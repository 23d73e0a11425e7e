"""Read and write the file: only its owner may, and nothing is overwritten."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import arbx

__all__ = ["address_in", "read_keyfile", "write_keyfile"]

_MOST_BYTES = 100_000


def read_keyfile(path: Path) -> dict[str, Any]:
    """Return the file's JSON object of version 3; raise ConfigError that names the file and the cure."""
    try:
        _check_mode(path)
        text = path.read_bytes()[: _MOST_BYTES + 1]
    except FileNotFoundError:
        raise arbx.ConfigError(
            f"{path}: there is no such key file; `arbx keys new` makes one"
        ) from None
    except OSError as error:
        raise arbx.ConfigError(f"{path}: can't be read: {error.strerror}") from None
    return _checked(path, text)


def address_in(path: Path, content: dict[str, Any]) -> str:
    """Return the address that the file names, in lower case; geth writes it so, others with a checksum."""
    told = content.get("address")
    digits = told.lower().removeprefix("0x") if isinstance(told, str) else ""
    if len(digits) != 40 or set(digits) - set("0123456789abcdef"):
        raise arbx.ConfigError(
            f'{path}: names no address; add "address": "…" (40 hex digits), or import the key anew'
        )
    return f"0x{digits}"


def write_keyfile(path: Path, content: dict[str, Any]) -> None:
    """Write the file whole or not at all, readable by its owner only; never replace one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(part, json.dumps(content, indent=2) + "\n")
        try:
            os.link(part, path)  # unlike a rename, a link never replaces what is there
        finally:
            part.unlink()
    except FileExistsError:
        raise arbx.ConfigError(f"{path}: exists already; a key is never overwritten") from None
    except OSError as error:
        raise arbx.ConfigError(f"{path}: can't be written: {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _check_mode(path: Path) -> None:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise arbx.ConfigError(f"{path}: is not a file")
    mode = stat.S_IMODE(found.st_mode)
    if os.name == "posix" and mode & 0o077:
        raise arbx.ConfigError(
            f"{path}: others than its owner may use it (mode {mode:04o}); chmod 600 {path}"
        )


def _checked(path: Path, text: bytes) -> dict[str, Any]:
    try:
        content = json.loads(text) if len(text) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise arbx.ConfigError(f"{path}: is not a key file: no JSON object")
    # Version 4 is EIP-2335: a validator's BLS key, which signs no transaction.
    if content.get("version") != 3:
        raise arbx.ConfigError(
            f"{path}: version is {content.get('version')!r}, not 3 (Web3 Secret Storage)"
        )
    crypto = content.get("crypto", content.get("Crypto"))
    if not isinstance(crypto, dict):
        raise arbx.ConfigError(f"{path}: crypto is missing: is this a key file?")
    # eth-keyfile never looks at it, and the MAC does not cover it.
    if crypto.get("cipher") != "aes-128-ctr":
        raise arbx.ConfigError(f"{path}: crypto.cipher is not aes-128-ctr, the only one known")
    return content
