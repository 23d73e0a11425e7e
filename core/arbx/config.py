"""Parse arbx.toml: which plugins, which chain, what to search, which offers to build."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
)

from arbx.errors import ConfigError
from arbx.provider import Context
from arbx.secret import Secret, resolve
from arbx.toml import Document, read_toml
from arbx.validation import Frozen, complaint, errors_of, key_path

__all__ = [
    "AlertUse",
    "Chain",
    "Execution",
    "Ledger",
    "Log",
    "Search",
    "Settings",
    "Use",
    "read_settings",
]


def _secret(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and value:
        return Secret(value, (info.context or {}).get("base"))
    # The value is not repeated: it may be half of a secret.
    raise ValueError('should be a text: "env:NAME", "file:PATH" or the value itself')


def _address(value: Any) -> Any:
    text = value.lower() if isinstance(value, str) else ""
    if not re.fullmatch("0x[0-9a-f]{40}", text):
        raise ValueError("should be an address: 0x and 40 hex digits")
    return text


def _simulators(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name != "node" and not (name.startswith("relay:") and name.removeprefix("relay:")):
            raise ValueError(f"{name!r} should be 'node', or 'relay:NAME' with a section's name")
    if "node" not in names:
        raise ValueError("should have 'node': its simulation sets the plan's limits")
    if len(set(names)) != len(names):
        raise ValueError("should name each simulator once")
    return names


SecretText = Annotated[InstanceOf[Secret], BeforeValidator(_secret)]
Address = Annotated[str, BeforeValidator(_address)]


class Chain(Frozen):
    """Say which chain, and how to reach it: the URLs are tried in their order."""

    chain_id: int = Field(default=1, ge=1, lt=2**64, description="the chain's id; 1 is Ethereum")
    rpc: tuple[SecretText, ...] = Field(
        default=(), description='URLs, as texts or references: ["env:RPC_URL"]'
    )
    timeout_s: float = Field(
        default=20.0, gt=0, le=600, description="how long one request to a node may take"
    )
    cool_down_s: float = Field(
        default=30.0, gt=0, le=3600, description="how long a node that fails is left alone"
    )


class Search(Frozen):
    """Say which cycles to look for."""

    base_tokens: tuple[Address, ...] = Field(
        default=(), description="addresses of the tokens that cycles start and end with"
    )
    max_length: int = Field(default=3, ge=2, le=4, description="the most hops in a cycle")
    rediscover_blocks: int = Field(
        default=300,
        ge=0,
        description="after how many blocks to look for new pools again; 0 is never",
    )


class Log(Frozen):
    """Say how to log."""

    format: Literal["console", "json"] = Field(default="console", description="console or json")
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )


class Ledger(Frozen):
    """Say where the ledger is."""

    url: SecretText = Field(
        default=Secret("sqlite:///ledger.sqlite"),
        description="sqlite:///FILE, or a reference to postgresql://user:password@host/database",
    )


class Execution(Frozen):
    """Say with which contract and key to trade, and within which limits."""

    executor: Address | None = Field(
        default=None, description="the Executor's address; `arbx executor deploy` makes one"
    )
    weth: Address | None = Field(default=None, description="the chain's wrapped ether")
    key: str | None = Field(
        default=None, description="the key store's section; default: the only one"
    )
    lender: Literal["balancer", "aave"] | None = Field(
        default=None, description="who lends where no pool of the cycle does: balancer or aave"
    )
    lender_address: Address | None = Field(
        default=None, description="the lender's address; default: the known one on the chain"
    )
    slippage_bps: int = Field(
        default=1_000, ge=0, le=10_000, description="how much of the net profit may be lost"
    )
    builder_share_bps: int = Field(
        default=0, ge=0, le=10_000, description="the builder's share of the profit after gas"
    )
    priority_fee_wei: int = Field(
        default=10**9, ge=0, description="for each gas, to the block's proposer"
    )
    min_net_profit_wei: int = Field(
        default=1, ge=1, description="after gas and builder payment; what is below is skipped"
    )
    valuation_depth_wei: int = Field(
        default=10**18,
        ge=1,
        description="how deep a pool must be to say what a token is worth in wei",
    )
    simulators: Annotated[tuple[str, ...], AfterValidator(_simulators)] = Field(
        default=("node",),
        description='who must agree before anything is submitted: "node" runs the plan, "relay:NAME" the signed bytes',
    )
    max_gas_cost_wei: int | None = Field(
        default=None, ge=1, description="the most that one transaction's gas may cost"
    )
    blocks: int = Field(default=1, ge=1, le=25, description="how many blocks a bundle aims at")
    candidates: int = Field(
        default=4, ge=1, le=100, description="the most opportunities to simulate in a block"
    )


class Use(BaseModel):
    """Name the provider of one section; the other keys are that provider's settings."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    use: str = Field(min_length=1, description="the name of the provider that a plugin offers")

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return the provider's settings, not yet validated: the provider does that."""
        return dict(self.model_extra or {})


class AlertUse(Use):
    """Name the provider of one alert sink, and say how much of what happens it is told."""

    min_severity: Literal["debug", "info", "warning", "error", "critical"] = Field(
        default="info", description="tell nothing below this severity"
    )
    max_per_minute: int = Field(
        default=60, ge=1, description="tell no more than this in a minute; critical events always"
    )
    send_timeout_s: float = Field(
        default=10.0, gt=0, le=600, description="how long one event may take, retries included"
    )


class Settings(Frozen):
    """Hold the whole configuration; every key has a default, and no plugin is selected by it."""

    plugins: tuple[str, ...] | None = Field(
        default=None, description="the plugins to import; nothing else is imported"
    )
    load_timeout_s: float = Field(
        default=5.0,
        gt=0,
        le=600,
        description="how long the import and each hook of a plugin may take",
    )
    chain: Chain = Chain()
    search: Search = Search()
    log: Log = Log()
    ledger: Ledger = Ledger()
    execution: Execution = Execution()
    sources: Mapping[str, Use] = Field(
        default_factory=dict, description="sources of pools to build, by section"
    )
    keystores: Mapping[str, Use] = Field(
        default_factory=dict, description="key stores to build, by section"
    )
    relays: Mapping[str, Use] = Field(
        default_factory=dict, description="relays to build, by section"
    )
    alerts: Mapping[str, AlertUse] = Field(
        default_factory=dict, description="alert sinks to build, by section"
    )
    _base: Path | None = PrivateAttr(default=None)

    def model_post_init(self, context: Any, /) -> None:
        """Remember the file's folder: ``file:`` references are relative to it."""
        self._base = (context or {}).get("base")

    def context(self, name: str) -> Context:
        """Return the Context that a provider of this configuration is built with."""
        return Context(name, self.chain.chain_id, partial(resolve, base=self._base), self._base)


def read_settings(path: Path) -> Settings:
    """Return the settings of that file; raise ConfigError that names file, line, key and cure."""
    document = read_toml(path)
    base = path.resolve().parent
    try:
        return Settings.model_validate(document.data, context={"base": base})
    except ValidationError as error:
        raise ConfigError("\n".join(_line(document, e) for e in errors_of(error))) from None


def _line(document: Document, error: Any) -> str:
    location = error["loc"]
    return f"{document.place(location)}: {key_path(location)} {complaint(error)}{_cure(error)}"


def _cure(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "; see docs/reference/configuration.md"
    return ""
