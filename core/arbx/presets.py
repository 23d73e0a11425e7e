"""What the settings of pool sources share: addresses, what a plugin knows by chain, exchanges with a factory."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from arbx.errors import ConfigError
from arbx.public import public
from arbx.validation import Frozen

__all__ = ["Address", "FactorySettings", "known_on", "shipped_table"]

T = TypeVar("T")

# A contract's address as it is written in settings, in any case; lower-case afterwards, as everywhere in arbx.
Address = Annotated[
    str,
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    StringConstraints(pattern=r"^0x[0-9a-f]{40}$"),
]


@cache
def shipped_table(package: str, name: str) -> Mapping[str, Any]:
    """Return a JSON object that a plugin's package brings as a file."""
    table: dict[str, Any] = json.loads(files(package).joinpath(name).read_text("utf-8"))
    return table


def known_on(known: Mapping[str, T], chain_id: int, what: str, cure: str) -> T:
    """
    Return what is known on a chain; raise ConfigError that names the chains where *what* is known, and the *cure*.

    >>> known_on({"1": "0x…"}, 56, "preset 'frob_v2'", "set factory to its address there")
    Traceback (most recent call last):
    arbx.api.ConfigError: preset 'frob_v2' is not known on chain 56 (only on 1); set factory to its address there
    """
    if str(chain_id) not in known:
        chains = ", ".join(known) or "no chain"
        raise ConfigError(f"{what} is not known on chain {chain_id} (only on {chains}); {cure}")
    return known[str(chain_id)]


@public
class FactorySettings(Frozen):
    """
    Say where the pools of an exchange are: its *preset*, its *factory*, or the *pools* themselves.

    For subclasses: the package's ``factories.json`` holds the presets, ``{name: {"kind": …, "factories": {chain id:
    address}}}``; *default_kind* prices the pools of a factory without one. Narrow *kind* and *discovery* to the
    values that make sense.
    """

    package: ClassVar[str]
    default_kind: ClassVar[str]

    preset: str | None = None
    factory: Address | None = None
    pools: tuple[Address, ...] = ()
    kind: str | None = None
    dex: str | None = None
    discovery: str | None = None
    from_block: int = Field(default=0, ge=0)
    max_pools: int | None = Field(default=None, ge=1)

    @classmethod
    def presets(cls) -> Mapping[str, Any]:
        """Return the known exchanges by name."""
        return shipped_table(cls.package, "factories.json")

    @model_validator(mode="after")
    def _findable(self) -> "FactorySettings":
        if self.preset is not None and self.preset not in self.presets():
            known = ", ".join(sorted(self.presets()))
            raise ValueError(f"preset {self.preset!r} is unknown; choose one of {known}")
        if self.mode == "addresses" and not self.pools:
            raise ValueError("name a preset, a factory, or pools: there is nothing to discover")
        if self.mode != "addresses" and self.preset is None and self.factory is None:
            raise ValueError(f"discovery {self.mode!r} needs a factory or a preset")
        return self

    @property
    def known(self) -> Mapping[str, Any]:
        """Return what the preset brings; nothing without one."""
        found: Mapping[str, Any] = self.presets()[self.preset] if self.preset else {}
        return found

    @property
    def mode(self) -> str:
        """Return how pools are found: as configured, else by addresses where there are any."""
        if self.discovery is not None:
            return self.discovery
        return "events" if not self.pools and (self.factory or self.preset) else "addresses"

    @property
    def curve_kind(self) -> str:
        """Return the kind of curve that prices the pools."""
        return self.kind or str(self.known.get("kind", self.default_kind))

    def factory_on(self, chain_id: int) -> str:
        """Return the factory's address on a chain, or raise ConfigError."""
        if self.factory is not None:
            return self.factory
        factories: Mapping[str, str] = self.known["factories"]
        what = f"the factory of preset {self.preset!r}"
        return known_on(factories, chain_id, what, "set factory to its address there")
