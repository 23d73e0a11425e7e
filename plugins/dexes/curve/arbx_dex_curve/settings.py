"""Where a source finds its pools: given addresses with their generation, factories by name, the MetaRegistry."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

import arbx
from arbx_dex_curve.cryptomodel import CRYPTO
from arbx_dex_curve.generations import META, NG, PLAIN

__all__ = ["CurveSettings", "GivenPool", "address_provider", "factories"]

_PACKAGE = "arbx_dex_curve"
_GENERATIONS = (*PLAIN, *NG, *META, *CRYPTO)


def _supported(generation: str) -> str:
    if generation not in _GENERATIONS:
        raise ValueError(
            f"generation {generation!r} is not supported; choose one of {', '.join(_GENERATIONS)}"
        )
    return generation


Generation = Annotated[str, AfterValidator(_supported)]


def factories() -> Mapping[str, Mapping[str, str]]:
    """Return the known factories: name, then chain id, then address."""
    return arbx.shipped_table(_PACKAGE, "factories.json")


def address_provider() -> str:
    """Return the contract that names Curve's registries, the same on every chain."""
    return str(_known("address_provider"))


def _known(name: str) -> Any:
    return arbx.shipped_table(_PACKAGE, "known.json")[name]


class GivenPool(BaseModel):
    """A pool by address; *generation* names its contract, because old contracts can't be asked for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: arbx.Address
    generation: Generation
    level: Literal["meta", "underlying"] = "underlying"


class CurveSettings(BaseModel):
    """
    Configure one source of Curve pools.

    *factories* are names of known factories (stableswap-ng, twocrypto-ng, tricrypto-ng), whose contracts tell
    their version; *metaregistry* lists all pools of all registries: true for Curve's own, or its address. Older pools
    are given by address and generation, or by the address of the implementation that their factory tells.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pools: tuple[GivenPool, ...] = ()
    factories: tuple[str, ...] = ()
    metaregistry: bool | arbx.Address = False
    implementations: dict[arbx.Address, Generation] = Field(default_factory=dict)
    level: Literal["meta", "underlying"] = "underlying"
    block_time_s: int | None = Field(default=None, ge=0)
    max_pools: int | None = Field(default=None, ge=1)
    dex: str = "curve"

    @model_validator(mode="after")
    def _complete(self) -> "CurveSettings":
        if not self.pools and not self.factories and not self.metaregistry:
            raise ValueError(
                "name pools, factories or the metaregistry: there is nothing to discover"
            )
        unknown = [name for name in self.factories if name not in factories()]
        if unknown:
            raise ValueError(
                f"factory {unknown[0]!r} is unknown; choose one of {', '.join(factories())}"
            )
        return self

    def factory_on(self, name: str, chain_id: int) -> str:
        """Return a factory's address on a chain, or raise ConfigError."""
        cure = "give the pools by address"
        return arbx.known_on(factories()[name], chain_id, f"factory {name!r}", cure)

    def metaregistry_on(self, chain_id: int) -> str | None:
        """Return the MetaRegistry's address on a chain; None where the address provider must be asked."""
        if isinstance(self.metaregistry, str):
            return self.metaregistry
        known: Mapping[str, str] = _known("metaregistry")
        return known.get(str(chain_id))

    def block_time_on(self, chain_id: int) -> int | None:
        """Return the seconds from one block to the next, None where nobody says so."""
        known: Mapping[str, int] = _known("block_time_s")
        return known.get(str(chain_id)) if self.block_time_s is None else self.block_time_s

    def generations_on(self, chain_id: int) -> dict[str, str]:
        """Return the generation of each given pool, and of the well-known ones of a chain, by address."""
        known: Mapping[str, str] = _known("pools").get(str(chain_id), {})
        return {**known, **{pool.address: pool.generation for pool in self.pools}}
