"""Where a source finds its pools: a preset of a known exchange, a factory, or addresses."""

import json
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

import arbx

__all__ = ["Address", "UniswapV3Settings", "presets"]

Kind = Literal["uniswap_v3", "pancakeswap_v3", "sushiswap_v3"]
Address = Annotated[
    str,
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    StringConstraints(pattern=r"^0x[0-9a-f]{40}$"),
]


@cache
def presets() -> dict[str, Any]:
    """Return the known exchanges by name: kind, and factory by chain id."""
    text = files("arbx_dex_uniswap_v3").joinpath("factories.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


class UniswapV3Settings(BaseModel):
    """
    Configure one source of concentrated-liquidity pools.

    A *preset* (uniswap_v3, sushiswap_v3, pancakeswap_v3) brings factory and kind; a fork of one's own names its
    *factory*. Fee and tick spacing are read from each pool.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: str | None = None
    factory: Address | None = None
    pools: tuple[Address, ...] = ()
    kind: Kind | None = None
    dex: str | None = None
    discovery: Literal["events", "addresses"] | None = None
    from_block: int = Field(default=0, ge=0)
    max_pools: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _complete(self) -> "UniswapV3Settings":
        if self.preset is not None and self.preset not in presets():
            known = ", ".join(sorted(presets()))
            raise ValueError(f"preset {self.preset!r} is unknown; choose one of {known}")
        if self.mode == "addresses" and not self.pools:
            raise ValueError("name a preset, a factory, or pools: there is nothing to discover")
        if self.mode == "events" and self.preset is None and self.factory is None:
            raise ValueError("discovery 'events' needs a factory or a preset")
        return self

    @property
    def mode(self) -> str:
        """Return how pools are found: as configured, else by addresses where there are any."""
        if self.discovery is not None:
            return self.discovery
        return "events" if not self.pools and (self.factory or self.preset) else "addresses"

    @property
    def curve_kind(self) -> str:
        """Return the kind of curve that prices the pools."""
        return self.kind or presets().get(self.preset or "", {}).get("kind", "uniswap_v3")

    def factory_on(self, chain_id: int) -> str:
        """Return the factory's address on a chain, or raise ConfigError."""
        if self.factory is not None:
            return self.factory
        known: dict[str, str] = presets()[self.preset or ""]["factories"]
        if str(chain_id) not in known:
            raise arbx.ConfigError(
                f"preset {self.preset!r} has no factory on chain {chain_id} (only on "
                f"{', '.join(known)}); set factory to its address there"
            )
        return known[str(chain_id)]
