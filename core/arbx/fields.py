"""Read the fields of a record that came from outside, strictly, with errors that name the field."""

from collections.abc import Mapping, Sequence
from typing import Any

from arbx.errors import InvalidState
from arbx.public import public

__all__ = ["Fields"]


@public
class Fields:
    """
    Read typed fields of one JSON object; every refusal is an InvalidState that names the field.

    Integers may be decimal strings (what exceeds 2**53 must be) or JSON numbers; never floats or booleans.

    >>> Fields({"reserve0": "12"}, "state").uint("reserve0", bits=112)
    12
    >>> Fields({"fee": -1}, "state").uint("fee")
    Traceback (most recent call last):
    arbx.api.InvalidState: state.fee: is -1, below 0
    """

    def __init__(self, mapping: Any, where: str = "") -> None:
        if not isinstance(mapping, Mapping):
            raise InvalidState(where or "record", f"is {type(mapping).__name__}, not an object")
        self._mapping, self._where = mapping, where

    def has(self, name: str) -> bool:
        """Tell whether the field is there and not null."""
        return self._mapping.get(name) is not None

    def at(self, name: str) -> str:
        """Return the full name of a field, for an error of one's own."""
        return f"{self._where}.{name}" if self._where else name

    def raw(self, name: str) -> Any:
        """Return the field as it is; raise InvalidState when it is missing or null."""
        value = self._mapping.get(name)
        if value is None:
            raise InvalidState(self.at(name), "is missing")
        return value

    def integer(self, name: str, lo: int, hi: int) -> int:
        """Return an integer in [lo, hi]."""
        return _integer(self.raw(name), self.at(name), lo, hi)

    def uint(self, name: str, *, bits: int = 256, lo: int = 0) -> int:
        """Return an unsigned integer of at most *bits* bits, at least *lo*."""
        return self.integer(name, lo, (1 << bits) - 1)

    def list(self, name: str, length: int | None = None) -> Sequence[Any]:
        """Return a JSON array, of *length* entries where that is given."""
        value = self.raw(name)
        if not isinstance(value, (list, tuple)):
            raise InvalidState(self.at(name), f"is {type(value).__name__}, not a list")
        if length is not None and len(value) != length:
            raise InvalidState(self.at(name), f"has {len(value)} entries, not {length}")
        return value

    def uints(
        self, name: str, length: int | None = None, *, bits: int = 256, lo: int = 0
    ) -> tuple[int, ...]:
        """Return a list of unsigned integers."""
        entries = self.list(name, length)
        hi = (1 << bits) - 1
        return tuple(_integer(v, f"{self.at(name)}[{i}]", lo, hi) for i, v in enumerate(entries))

    def text(self, name: str) -> str:
        """Return a string."""
        value = self.raw(name)
        if not isinstance(value, str):
            raise InvalidState(self.at(name), f"is {type(value).__name__}, not a string")
        return value

    def fields(self, name: str) -> "Fields":
        """Return a nested object."""
        return Fields(self.raw(name), self.at(name))


def _integer(value: Any, where: str, lo: int, hi: int) -> int:
    if isinstance(value, str):
        digits = value[1:] if value[:1] == "-" else value
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 100:
            raise InvalidState(where, f"is {value[:40]!r}, not a decimal integer")
        value = int(value)
    elif not isinstance(value, int) or isinstance(value, bool):
        raise InvalidState(where, f"is {str(value)[:40]} ({type(value).__name__}), not an integer")
    if value < lo:
        raise InvalidState(where, f"is {value}, below {lo}")
    if value > hi:
        raise InvalidState(where, f"is {value}, above {hi}")
    return int(value)
