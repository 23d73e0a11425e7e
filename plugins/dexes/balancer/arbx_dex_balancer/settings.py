"""Where the sources find Balancer's contracts and pools."""

import json
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

import arbx
from arbx_dex_balancer.generations import GENERATIONS

__all__ = ["Address", "BalancerV2Settings", "BalancerV3Settings", "contracts"]

Address = Annotated[
    str,
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    StringConstraints(pattern=r"^0x[0-9a-f]{40}$"),
]


@cache
def contracts() -> dict[str, Any]:
    """Return the known addresses: vaults, and by chain id the factories of V2 and the routers of V3."""
    text = files("arbx_dex_balancer").joinpath("contracts.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    pools: tuple[Address, ...] = ()
    from_block: int = Field(default=0, ge=0)
    max_pools: int | None = Field(default=None, ge=1)


class BalancerV2Settings(_Settings):
    """
    Configure the pools of a V2 Vault: given *pools*, or all that the Vault registered since *from_block*.

    *factories* names the generation of pools that don't tell their version, by their factory's address.
    """

    vault: Address | None = None
    factories: dict[Address, str] = Field(default_factory=dict)
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

    @property
    def vault_address(self) -> str:
        """Return the Vault: the same address on every chain, unless configured."""
        return self.vault or str(contracts()["v2"]["vault"])

    def factories_on(self, chain_id: int) -> dict[str, str]:
        """Return the generation of each known factory of a chain, by its address."""
        known: dict[str, str] = contracts()["v2"]["factories"].get(str(chain_id), {})
        return {**known, **self.factories}


class BalancerV3Settings(_Settings):
    """Configure the pools of a V3 Vault: given *pools*, or all that the Vault registered since *from_block*."""

    vault: Address | None = None
    router: Address | None = None
    permit2: Address | None = None
    dex: str = "balancer_v3"

    @property
    def vault_address(self) -> str:
        """Return the Vault: the same address on every chain, unless configured."""
        return self.vault or str(contracts()["v3"]["vault"])

    @property
    def permit2_address(self) -> str:
        """Return Permit2, which the router pulls through."""
        return self.permit2 or str(contracts()["v3"]["permit2"])

    def router_on(self, chain_id: int) -> str:
        """Return the router's address on a chain, or raise ConfigError."""
        known: dict[str, str] = contracts()["v3"]["routers"]
        found = self.router or known.get(str(chain_id))
        if found is None:
            raise arbx.ConfigError(
                f"no Balancer V3 router is known on chain {chain_id} (only on {', '.join(known)}); "
                "set router to its address there"
            )
        return found
