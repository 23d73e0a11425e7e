"""Where a source finds its pairs: a preset of a known exchange, a factory, or addresses."""

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

__all__ = ["Address", "UniswapV2Settings", "presets"]

Kind = Literal["uniswap_v2", "sushiswap_v2", "pancakeswap_v2"]
Address = Annotated[
    str,
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    StringConstraints(pattern=r"^0x[0-9a-f]{40}$"),
]


@cache
def presets() -> dict[str, Any]:
    """Return the known exchanges by name: kind, fee and factory by chain id."""
    text = files("arbx_dex_uniswap_v2").joinpath("factories.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


class UniswapV2Settings(BaseModel):
    """
    Configure one source of constant-product pairs.

    A *preset* (uniswap_v2, sushiswap_v2, pancakeswap_v2) brings factory, fee and kind; a fork of one's own
    names its *factory*, *fee_num* and *fee_den*, because no default could be right.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: str | None = None
    factory: Address | None = None
    pools: tuple[Address, ...] = ()
    fee_num: int | None = Field(default=None, ge=1)
    fee_den: int | None = Field(default=None, ge=1)
    kind: Kind | None = None
    dex: str | None = None
    discovery: Literal["events", "all_pairs", "addresses"] | None = None
    from_block: int = Field(default=0, ge=0)
    max_pools: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _complete(self) -> "UniswapV2Settings":
        if self.preset is not None and self.preset not in presets():
            known = ", ".join(sorted(presets()))
            raise ValueError(f"preset {self.preset!r} is unknown; choose one of {known}")
        if self.preset is None and (self.fee_num is None or self.fee_den is None):
            raise ValueError("name a preset, or fee_num and fee_den (997 and 1000 keep 99.7 %)")
        num, den = self.fee
        if num > den:
            raise ValueError(f"fee_num = {num} is above fee_den = {den}: a pair keeps at most all")
        if self.mode == "addresses" and not self.pools:
            raise ValueError("name a preset, a factory, or pools: there is nothing to discover")
        if self.mode != "addresses" and self.preset is None and self.factory is None:
            raise ValueError(f"discovery {self.mode!r} needs a factory or a preset")
        return self

    @property
    def mode(self) -> str:
        """Return how pairs are found: as configured, else by addresses where there are any."""
        if self.discovery is not None:
            return self.discovery
        return "events" if not self.pools and (self.factory or self.preset) else "addresses"

    @property
    def fee(self) -> tuple[int, int]:
        """Return (fee_num, fee_den), the part of the input that the pair keeps counting."""
        preset = presets().get(self.preset or "", {})
        return (
            self.fee_num if self.fee_num is not None else preset["fee_num"],
            self.fee_den if self.fee_den is not None else preset["fee_den"],
        )

    @property
    def curve_kind(self) -> str:
        """Return the kind of curve that prices the pairs."""
        return self.kind or presets().get(self.preset or "", {}).get("kind", "uniswap_v2")

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
