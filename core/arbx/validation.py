"""Say what pydantic found wrong in a few words that name the key and never repeat a secret."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["Frozen", "explain"]

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
}


class Frozen(BaseModel):
    """Be the base of arbx's settings: nothing unknown is accepted, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def explain(error: ValidationError, place: str) -> str:
    """Return one line for each error: the place, the key, and what is wrong with it."""
    return "\n".join(f"{place}: {key_path(e['loc'])} {complaint(e)}" for e in errors_of(error))


def errors_of(error: ValidationError) -> Sequence[Any]:
    """Return the errors without the values that caused them: a value may be a secret."""
    return error.errors(include_input=False, include_url=False)


def complaint(error: Any) -> str:
    """Return what is wrong, as the end of a sentence that starts with the key."""
    if error["type"] in _WORDS:
        return _WORDS[error["type"]]
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return f"is wrong: {message}"


def key_path(location: Sequence[int | str]) -> str:
    """
    Return the name of a key as TOML would write it.

    >>> key_path(("chain", "rpc", 0))
    'chain.rpc[0]'
    """
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.lstrip(".") or "the whole"
