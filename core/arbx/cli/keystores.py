"""Pick and build a key store: the one that is named, or the only one; nothing is decrypted."""

from typing import TYPE_CHECKING

from arbx.cli.wishes import wished
from arbx.errors import ConfigError

if TYPE_CHECKING:
    from arbx.config import Settings
    from arbx.host import Host
    from arbx.protocols import KeyStore

__all__ = ["NO_KEY_STORE", "built_store", "picked_store", "section_store"]

NO_KEY_STORE = (
    'no key store is configured; add [keystores.main] with use = "keyfile" and path = "main.json"'
)


def picked_store(
    configured: "Settings", host: "Host", wish: str | None, *, cure: str
) -> "tuple[str, KeyStore]":
    """
    Build what the wish names (a section, or a provider with its settings), or else the only section's.

    The name comes with it; *cure* says how to name one of several.
    """
    if wish is not None:
        return built_store(configured, host, wish)
    if not configured.keystores:
        raise ConfigError(NO_KEY_STORE)
    if len(configured.keystores) > 1:
        raise ConfigError(f"name one key store ({', '.join(configured.keystores)}): {cure}")
    (name,) = configured.keystores
    return built_store(configured, host, name)


def built_store(configured: "Settings", host: "Host", wish: str) -> "tuple[str, KeyStore]":
    """Build the key store of a section, or of a provider with its settings."""
    label, provider, values = wished(configured.keystores, wish, "key store")
    label = label.partition(":")[0]  # what follows may be long, and is nobody's name
    return label, host.build_keystore(provider, values, configured.context(label))


def section_store(configured: "Settings", host: "Host", name: str, *, key: str) -> "KeyStore":
    """Build the key store of a section that the configuration names, at *key*."""
    if name not in configured.keystores:
        known = ", ".join(configured.keystores) or "none"
        raise ConfigError(
            f"{key} names the key store {name!r}, and there is no section [keystores.{name}]; add "
            f"it, or name one that there is: {known}"
        )
    return built_store(configured, host, name)[1]
