"""Where the sources find Balancer's contracts and pools."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

import arbx
from arbx_dex_balancer.generations import GENERATIONS

__all__ = ["BalancerV2Settings", "BalancerV3Settings", "VaultSettings", "contracts"]


def contracts() -> Mapping[str, Any]:
    """Return the known addresses: vaults, and by chain id the factories of V2 and the routers of V3."""
    return arbx.shipped_table("arbx_dex_balancer", "contracts.json")


class VaultSettings(BaseModel):
    """Configure the pools of one Vault: given *pools*, or all that it registered since *from_block*."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: ClassVar[str]

    pools: tuple[arbx.Address, ...] = ()
    from_block: int = Field(default=0, ge=0)
    max_pools: int | None = Field(default=None, ge=1)
    vault: arbx.Address | None = None
    dex: str

    @property
    def vault_address(self) -> str:
        """Return the Vault: the same address on every chain, unless configured."""
        return self.vault or str(contracts()[self.version]["vault"])


class BalancerV2Settings(VaultSettings):
    """
    Configure the pools of a V2 Vault: given *pools*, or all that the Vault registered since *from_block*.

    *factories* names the generation of pools that don't tell their version, by their factory's address.
    """

    version: ClassVar[str] = "v2"

    factories: dict[arbx.Address, str] = Field(default_factory=dict)
    dex: str = "balancer_v2"

    @field_validator("factories")
    @classmethod
    def _known(cls, factories: dict[str, str]) -> dict[str, str]:
        for generation in factories.values():
            if generation not in GENERATIONS:
                raise ValueError(
                    f"{generation!r} is no generation; known: {', '.join(GENERATIONS)}"
                )
        return factories

    def factories_on(self, chain_id: int) -> dict[str, str]:
        """Return the generation of each known factory of a chain, by its address."""
        known: dict[str, str] = contracts()["v2"]["factories"].get(str(chain_id), {})
        return {**known, **self.factories}


class BalancerV3Settings(VaultSettings):
    """Configure the pools of a V3 Vault: given *pools*, or all that the Vault registered since *from_block*."""

    version: ClassVar[str] = "v3"

    router: arbx.Address | None = None
    permit2: arbx.Address | None = None
    dex: str = "balancer_v3"

    @property
    def permit2_address(self) -> str:
        """Return Permit2, which the router pulls through."""
        return self.permit2 or str(contracts()["v3"]["permit2"])

    def router_on(self, chain_id: int) -> str:
        """Return the router's address on a chain, or raise ConfigError."""
        known: Mapping[str, str] = contracts()["v3"]["routers"]
        cure = "set router to its address there"
        return self.router or arbx.known_on(known, chain_id, "a Balancer V3 router", cure)
