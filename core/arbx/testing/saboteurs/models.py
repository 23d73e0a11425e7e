"""Curve models that break one promise each."""

from typing import Any

import attrs

from arbx.errors import InvalidState
from arbx.fields import Fields
from arbx.provider import CurveModel
from arbx.testing.reference import MODEL, ProductState, dump, parse

__all__ = ["MODEL_SABOTEURS"]


def _fills_in_a_fee(record: Fields) -> ProductState:
    """Invent the fee where the record has none: 0.3 % is not every pool's."""
    state = record.raw("state")
    given = {name: value for name, value in state.items() if value is not None}
    return parse(Fields({"state": {"fee_num": "997", "fee_den": "1000", **given}}))


def _takes_any_sign(record: Fields) -> ProductState:
    """Read integers without a lower bound."""
    state = record.fields("state")
    names = [field.name for field in attrs.fields(ProductState)]
    return ProductState(*(state.integer(name, -(1 << 300), 1 << 300) for name in names))


def _takes_what_int_takes(record: Fields) -> ProductState:
    """Read a number as ``int()`` does: 1.5 becomes 1, True becomes 1."""
    state = record.raw("state")
    tidy = {n: int(v) if isinstance(v, float | bool) else v for n, v in state.items()}
    return parse(Fields({"state": tidy}))


def _blames_the_wrong_field(record: Fields) -> ProductState:
    """Find the missing field, and name another."""
    try:
        return parse(record)
    except InvalidState as error:
        missing = error.why == "is missing"
        raise InvalidState("record" if missing else error.field, error.why) from error


def _forgets_the_fee(state: ProductState) -> dict[str, Any]:
    """Write the usual fee instead of the pool's own."""
    return {**dump(state), "fee_num": "9970", "fee_den": "10000"}


# Promise -> name of the saboteur -> the saboteur.
MODEL_SABOTEURS: dict[str, dict[str, CurveModel]] = {
    "names_its_kind": {"speaks_in_capitals": attrs.evolve(MODEL, kind="Reference Product")},
    "example_prices_every_direction": {"brings_no_example": attrs.evolve(MODEL, example={})},
    "round_trips_through_dump": {"forgets_the_fee": attrs.evolve(MODEL, dump=_forgets_the_fee)},
    "refuses_missing_fields_by_name": {
        "fills_in_a_fee": attrs.evolve(MODEL, parse=_fills_in_a_fee),
        "blames_the_wrong_field": attrs.evolve(MODEL, parse=_blames_the_wrong_field),
    },
    "refuses_negative_fields_by_name": {
        "takes_any_sign": attrs.evolve(MODEL, parse=_takes_any_sign)
    },
    "refuses_mistyped_fields_by_name": {
        "takes_what_int_takes": attrs.evolve(MODEL, parse=_takes_what_int_takes)
    },
}
