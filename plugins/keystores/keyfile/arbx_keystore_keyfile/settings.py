"""Where the file is, and where its password."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["KeyfileSettings"]


class KeyfileSettings(BaseModel):
    """The keys of ``[keystores.…]`` with ``use = "keyfile"``."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    path: str = Field(min_length=1, description="the file; relative to the configuration file")
    password: str | None = Field(
        default=None, repr=False, description="env:NAME or file:PATH; without it arbx asks"
    )
    scrypt_n: int = Field(
        default=262_144, ge=4_096, le=2**24, description="how costly a guess is, for new files"
    )

    @field_validator("password")
    @classmethod
    def _is_a_reference(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("env:", "file:")):
            raise ValueError("is not a reference; write env:NAME or file:PATH, never the password")
        return value

    @field_validator("scrypt_n", mode="before")
    @classmethod
    def _is_a_power_of_two(cls, value: object) -> object:
        number = int(value) if isinstance(value, str) and value.isdecimal() else value
        if isinstance(number, int) and number & (number - 1):
            raise ValueError("is no power of two; 262144 takes 0.7 s and 256 MB")
        return number
