"""Read the part of a pool record that every kind shares, with errors that name the field."""

from collections.abc import Mapping
from typing import Any

from arbx.errors import InvalidState
from arbx.fields import Fields
from arbx.model import Pool, Token

__all__ = ["check_tokens", "kind_of", "pool_of", "token_count", "within"]


def pool_of(record: Mapping[str, Any]) -> Pool:
    """Return the pool that a snapshot line describes; its state is the curve model's business."""
    fields = Fields(record)
    tokens = tuple(
        _token(Fields(token, f"tokens[{index}]"))
        for index, token in enumerate(fields.list("tokens"))
    )
    dex = fields.text("dex") if fields.has("dex") else None
    chain_id, kind = fields.uint("chain_id", bits=64), fields.text("kind")
    try:
        return Pool(chain_id, kind, fields.text("address"), tokens, dex)
    except ValueError as error:
        raise _refusal(str(error)) from None


def kind_of(record: Any) -> str:
    """Return the kind of a pool record."""
    kind = record.get("kind") if isinstance(record, Mapping) else None
    return kind if isinstance(kind, str) else Fields(record).text("kind")


def token_count(record: Mapping[str, Any]) -> int:
    """Return how many tokens a record lists; a vector lists none, so that the model must know."""
    tokens = record.get("tokens")
    return len(tokens) if isinstance(tokens, (list, tuple)) else 1_000


def check_tokens(token_in: int, token_out: int, count: int) -> None:
    """Refuse what isn't a pair of different indices below *count*."""
    integers = type(token_in) is type(token_out) is int
    if integers and 0 <= token_in < count and 0 <= token_out < count and token_in != token_out:
        return  # thousands of times a block, so it is asked once and cheaply
    for field, value in (("token_in", token_in), ("token_out", token_out)):
        if type(value) is not int or not 0 <= value < count:
            raise InvalidState(field, f"is {value!r}, not the index of one of {count} tokens")
    raise InvalidState("token_out", f"is {token_out}, the same token as token_in")


def within(error: InvalidState, record: Any) -> InvalidState:
    """Return the error with the name of the pool that it is about."""
    return InvalidState(error.field, f"{error.why}, in {_name_of(record)}")


def _name_of(record: Any) -> str:
    if isinstance(record, Mapping):
        for key in ("address", "id"):
            value = record.get(key)
            if isinstance(value, str):
                return f"pool {value[:80]}" if key == "address" else f"record {value[:80]}"
    return "a record without address"


def _token(fields: Fields) -> Token:
    symbol = fields.text("symbol") if fields.has("symbol") else None
    decimals = fields.integer("decimals", 0, 255) if fields.has("decimals") else None
    try:
        return Token(fields.text("address"), symbol, decimals)
    except ValueError as error:
        raise _refusal(str(error), fields) from None


def _refusal(says: str, fields: Fields | None = None) -> InvalidState:
    # The model's own errors start with the field: "address: '0xAB…' is not a lower-case …".
    field, _, why = says.partition(": ")
    return InvalidState(fields.at(field) if fields else field, why)
