"""Which relay, and the reference to the key that the relay knows us by."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = ["FlashbotsSettings", "presets"]

_REFERENCES = ("env:", "file:")


@cache
def presets() -> dict[str, Any]:
    """Return the known relays by name: chain id and URL."""
    text = files("arbx_relay_flashbots").joinpath("presets.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


class FlashbotsSettings(BaseModel):
    """
    Configure one relay: a *preset* (mainnet, sepolia), or the *url* of any that speaks the protocol.

    *auth_key* refers to the key that signs requests, or *auth_keystore* names the key store that does. It owns no
    funds; it is the name under which the relay remembers us, and only the same key can cancel.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    preset: str | None = None
    url: str | None = None
    auth_key: str | None = None
    auth_keystore: str | None = Field(default=None, min_length=1)
    timeout_s: float = Field(default=2.0, gt=0, le=60)
    builders: tuple[str, ...] = ()

    @field_validator("preset")
    @classmethod
    def _known(cls, preset: str | None) -> str | None:
        if preset is not None and preset not in presets():
            known = ", ".join(sorted(presets()))
            raise ValueError(f"preset {preset!r} is unknown; choose one of {known}, or give a url")
        return preset

    @field_validator("url")
    @classmethod
    def _http(cls, url: str | None) -> str | None:
        # The value is not repeated: the path of a URL is often a token.
        if url is not None and not url.startswith((*_REFERENCES, "http://", "https://")):
            raise ValueError('should be "https://…", or a reference: "env:NAME", "file:PATH"')
        return url

    @field_validator("auth_key")
    @classmethod
    def _referred_to(cls, reference: str | None) -> str | None:
        if reference is not None and not reference.startswith(_REFERENCES):
            raise ValueError(
                'should be a reference, never the key itself: "env:NAME" or "file:PATH"'
            )
        return reference

    @model_validator(mode="after")
    def _complete(self) -> "FlashbotsSettings":
        if (self.preset is None) == (self.url is None):
            known = ", ".join(sorted(presets()))
            raise ValueError(f"name either a preset ({known}) or a url")
        if self.auth_key is not None and self.auth_keystore is not None:
            raise ValueError("name either auth_key or auth_keystore: only one of them can sign")
        return self

    @property
    def chain_id(self) -> int | None:
        """Return the chain that the preset is for; None for a relay by URL."""
        return None if self.preset is None else int(presets()[self.preset]["chain_id"])

    @property
    def target(self) -> str:
        """Return the relay's URL, or the reference to it."""
        return self.url or str(presets()[self.preset or ""]["url"])
