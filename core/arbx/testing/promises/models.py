"""What a curve model promises: to read its records strictly and to give back what it read."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from typing import Any

import attrs

from arbx.errors import InvalidState
from arbx.fields import Fields
from arbx.kernel.types import Curve
from arbx.provider import CurveModel
from arbx.testing.case import Broken, NotBrought

__all__ = [
    "MODEL_PROMISES",
    "ModelCase",
    "ModelPromise",
    "directions",
    "example_prices_every_direction",
    "names_its_kind",
    "refuses_missing_fields_by_name",
    "refuses_mistyped_fields_by_name",
    "refuses_negative_fields_by_name",
    "round_trips_through_dump",
]

_BELOW_EVERY_INTEGER = -(1 << 257)
_WRONG_NUMBERS: tuple[object, ...] = (1.5, True, "12x", "", [], {})
_WRONG_TEXTS: tuple[object, ...] = (7, True, [], {})
_WRONG_LISTS: tuple[object, ...] = (7, "12", {})


@attrs.frozen
class ModelCase:
    """
    One model under test.

    *optional* fields may be missing, *signed* ones may be negative; None where the author was not
    asked: then every field may be missing, and only what no EVM integer can be must be refused.
    """

    model: CurveModel
    optional: frozenset[str] | None = None
    signed: frozenset[str] | None = None

    def broken(self, what: str) -> Broken:
        """Return the failure, with the kind in front."""
        return Broken(f"{self.model.kind or '(no kind)'}: {what}")

    def example(self) -> dict[str, Any]:
        """Return a copy of the example as it comes out of JSON."""
        if not self.model.example:
            raise NotBrought(f"{self.model.kind}: brings no example")
        copied: dict[str, Any] = json.loads(json.dumps(dict(self.model.example)))
        return copied


ModelPromise = Callable[[ModelCase], None]


def directions(model: CurveModel) -> Iterator[tuple[str, Curve]]:
    """Yield the curve of every ordered pair of tokens of the model's example, by name."""
    record = dict(model.example)
    state = model.parse(Fields(record))
    for token_in, token_out in permutations(range(_tokens(record)), 2):
        yield f"{token_in} -> {token_out}", model.curve(state, token_in, token_out)


def names_its_kind(case: ModelCase) -> None:
    """Promise a kind in lower-case words, the same in the example."""
    kind = case.model.kind
    if not (kind.isascii() and kind.islower() and kind.isidentifier()):
        raise case.broken(f"kind is {kind!r}, not lower_case_words")
    said = case.model.example.get("kind", kind)
    if said != kind:
        raise case.broken(f"the example is of kind {said!r}")


def example_prices_every_direction(case: ModelCase) -> None:
    """Promise a complete example record: it parses, and each pair of its tokens has a curve."""
    if not case.model.example:
        raise case.broken("brings no example; give CurveModel(example=...) one complete record")
    try:
        found = sum(1 for _ in directions(case.model))
    except Exception as error:
        raise case.broken(f"the example: {type(error).__name__}: {error}") from error
    if found < 2:
        raise case.broken("the example names fewer than two tokens")


def round_trips_through_dump(case: ModelCase) -> None:
    """Promise that what dump writes, parse reads back as an equal state, through JSON."""
    model, record = case.model, case.example()
    state = model.parse(Fields(record))
    dumped = json.loads(json.dumps(model.dump(state)))
    again = model.parse(Fields({**record, "state": dumped}))
    if again != state:
        raise case.broken(f"dump and parse turn {state} into {again}")


def refuses_missing_fields_by_name(case: ModelCase) -> None:
    """Promise InvalidState, naming the field, where a field of the state is missing or null."""
    for path, _ in _fields(case):
        if len(path) > 1 and isinstance(path[-1], int):
            continue  # an entry of a list has no name of its own
        for absent in (_without(case.example(), path), _with(case.example(), path, None)):
            _refuse(case, absent, path, "is missing", accept=_may_miss(case, path))


def refuses_negative_fields_by_name(case: ModelCase) -> None:
    """Promise InvalidState, naming the field, for a negative number where none can be."""
    for path, value in _fields(case):
        if not _is_number(value):
            continue
        wrongs = [_BELOW_EVERY_INTEGER]
        if case.signed is not None and _name(path) not in case.signed:
            wrongs.append(-1)
        for wrong in wrongs:
            _refuse(case, _with(case.example(), path, str(wrong)), path, f"is {wrong}")


def refuses_mistyped_fields_by_name(case: ModelCase) -> None:
    """Promise InvalidState, naming the field, for a value of another type."""
    for path, value in _fields(case):
        if value is None:
            continue
        for wrong in _wrong_types(value):
            _refuse(case, _with(case.example(), path, wrong), path, f"is {wrong!r}")


MODEL_PROMISES: tuple[ModelPromise, ...] = (
    names_its_kind,
    example_prices_every_direction,
    round_trips_through_dump,
    refuses_missing_fields_by_name,
    refuses_negative_fields_by_name,
    refuses_mistyped_fields_by_name,
)

_Path = tuple[str | int, ...]


def _tokens(record: Mapping[str, Any]) -> int:
    state = record.get("state", {})
    return len(record.get("tokens") or state.get("token_decimals") or (0, 1))


def _fields(case: ModelCase) -> list[tuple[_Path, Any]]:
    """Return each field of the example's state that the model really reads, lists entered."""
    example = case.example()
    read = case.model.dump(case.model.parse(Fields(example)))
    state = {name: value for name, value in example["state"].items() if name in read}
    return list(_walk(state, ("state",)))


def _walk(value: Any, path: _Path) -> Iterator[tuple[_Path, Any]]:
    if len(path) > 1:
        yield path, value
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(inner, (*path, name))
    elif isinstance(value, list) and value:
        yield from _walk(value[0], (*path, 0))


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return value.removeprefix("-").isdecimal()
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong_types(value: Any) -> tuple[object, ...]:
    if _is_number(value):
        return _WRONG_NUMBERS
    if isinstance(value, str):
        return _WRONG_TEXTS
    return _WRONG_LISTS if isinstance(value, list) else ()


def _name(path: _Path) -> str:
    return str([part for part in path if isinstance(part, str)][-1])


def _may_miss(case: ModelCase, path: _Path) -> bool:
    return case.optional is None or _name(path) in case.optional


def _with(record: dict[str, Any], path: _Path, value: object) -> dict[str, Any]:
    changed: Any = copy.deepcopy(record)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return dict(changed)


def _without(record: dict[str, Any], path: _Path) -> dict[str, Any]:
    changed: Any = copy.deepcopy(record)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    del inner[path[-1]]
    return dict(changed)


def _refuse(
    case: ModelCase, record: dict[str, Any], path: _Path, what: str, *, accept: bool = False
) -> None:
    name = _name(path)
    try:
        case.model.parse(Fields(record))
    except InvalidState as error:
        # Without a field that may be missing, the record can be of another shape, which lacks others.
        if name in error.field or accept:
            return
        raise case.broken(f"{name} {what}, but InvalidState blames {error.field!r}") from error
    except Exception as error:
        raise case.broken(f"{name} {what}: {type(error).__name__}, not InvalidState") from error
    if not accept:
        raise case.broken(f"{name} {what}, and is accepted")
