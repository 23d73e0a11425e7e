"""Where a source finds its pools: given addresses with their generation, or factories by name."""

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
from arbx_dex_curve.cryptomodel import CRYPTO
from arbx_dex_curve.generations import META, NG, PLAIN

__all__ = ["Address", "CurveSettings", "GivenPool", "factories"]

Address = Annotated[
    str,
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    StringConstraints(pattern=r"^0x[0-9a-f]{40}$"),
]


@cache
def factories() -> dict[str, dict[str, str]]:
    """Return the known factories: name, then chain id, then address."""
    text = files("arbx_dex_curve").joinpath("factories.json").read_text("utf-8")
    table: dict[str, dict[str, str]] = json.loads(text)
    return table


class GivenPool(BaseModel):
    """A pool by address; *generation* names its contract, because old contracts can't be asked for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Address
    generation: str
    level: Literal["meta", "underlying"] = "underlying"

    @model_validator(mode="after")
    def _known(self) -> "GivenPool":
        known = (*PLAIN, *NG, *META, *CRYPTO)
        if self.generation not in known:
            raise ValueError(
                f"generation {self.generation!r} is not supported; choose one of {', '.join(known)}"
            )
        return self


class CurveSettings(BaseModel):
    """
    Configure one source of Curve pools.

    *factories* are names of known factories (stableswap-ng, twocrypto-ng, tricrypto-ng), whose contracts tell
    their version; older pools are given by address and generation.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pools: tuple[GivenPool, ...] = ()
    factories: tuple[str, ...] = ()
    level: Literal["meta", "underlying"] = "underlying"
    max_pools: int | None = Field(default=None, ge=1)
    dex: str = "curve"

    @model_validator(mode="after")
    def _complete(self) -> "CurveSettings":
        if not self.pools and not self.factories:
            raise ValueError("name pools or factories: there is nothing to discover")
        unknown = [name for name in self.factories if name not in factories()]
        if unknown:
            raise ValueError(
                f"factory {unknown[0]!r} is unknown; choose one of {', '.join(factories())}"
            )
        return self

    def factory_on(self, name: str, chain_id: int) -> str:
        """Return a factory's address on a chain, or raise ConfigError."""
        known: dict[str, Any] = factories()[name]
        if str(chain_id) not in known:
            raise arbx.ConfigError(
                f"factory {name!r} is not known on chain {chain_id} (only on {', '.join(known)}); "
                "give the pools by address"
            )
        return str(known[str(chain_id)])
