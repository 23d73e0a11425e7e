"""Where a webhook is, how it is signed, and how patient to be."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["WebhookSettings"]


class WebhookSettings(BaseModel):
    """The keys of ``[alerts.…]`` with ``use = "webhook"``."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: str = Field(
        min_length=1,
        repr=False,
        description="where to post: env:NAME, file:PATH or the URL itself",
    )
    secret: str | None = Field(
        default=None, repr=False, description="what to sign with: env:NAME or file:PATH"
    )
    timeout_s: float = Field(default=5.0, gt=0, le=60, description="how long an attempt may take")
    attempts: int = Field(default=3, ge=1, le=10, description="how often to try")

    @field_validator("secret")
    @classmethod
    def _is_a_reference(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("env:", "file:")):
            raise ValueError("is not a reference; write env:NAME or file:PATH")
        return value
