"""Refer to secrets as ``env:NAME`` or ``file:PATH``; read them late and print them never."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from arbx.errors import ConfigError

__all__ = ["Secret", "redacted_url", "resolve"]


class Secret:
    """
    Hold a reference to a secret, or a secret text; printing shows no secret.

    >>> Secret("env:RPC_URL"), Secret("https://rpc.example/v3/0123456789abcdef")
    (Secret('env:RPC_URL'), Secret('https://rpc.example/…'))
    """

    __slots__ = ("_base", "_reference")

    def __init__(self, reference: str, base: Path | None = None) -> None:
        self._reference, self._base = reference, base

    def reveal(self) -> str:
        """Return the secret itself, read now; raise ConfigError that names the reference."""
        return resolve(self._reference, self._base)

    def __str__(self) -> str:
        if self._reference.startswith(("env:", "file:")):
            return self._reference
        return redacted_url(self._reference)

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._reference == other._reference

    def __hash__(self) -> int:
        return hash(self._reference)


def resolve(reference: str, base: Path | None = None) -> str:
    """Return what ``env:NAME`` or ``file:PATH`` refers to; any other text is itself the value."""
    scheme, _, rest = reference.partition(":")
    if scheme == "env":
        return _from_environment(rest)
    if scheme == "file":
        return _from_file(rest, base)
    return reference


def redacted_url(url: str) -> str:
    """
    Return a URL without what may be a secret in it: user, password, path and query.

    >>> redacted_url("wss://user:word@rpc.example:8546/v2/key?apikey=1")
    'wss://rpc.example:8546/…'
    >>> redacted_url("not a url")
    '…'
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "…"
    if not parts.scheme or not host:
        return "…"
    shown = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    return f"{shown}/…" if parts.path.strip("/") or parts.query else shown


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ConfigError(f"env:{name}: the environment variable {name!r} is not set; export it")
    return value


def _from_file(name: str, base: Path | None) -> str:
    path = Path(name).expanduser()
    path = path if base is None else base / path
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise ConfigError(f"file:{name}: can't be read: {why}") from None
    if not value:
        raise ConfigError(f"file:{name}: is empty; write the secret into it")
    return value
