"""Answer a file of recorded swaps, one JSON line each, and compare if asked to."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

import attrs

from arbx.errors import ArbxError, InsufficientLiquidity, InvalidState, SnapshotError, WouldRevert
from arbx.fields import Fields
from arbx.jsonl import json_line, numbered_lines, shown
from arbx.kernel.types import Curve
from arbx.kernel.walk import least_in
from arbx.vectors import Mismatch, amount_asked, compare

__all__ = ["Checked", "answer_all"]

# Mismatches that are shown; all are counted.
_SHOWN = 20


class PricesRecords(Protocol):
    """Price records, as ``arbx.Host`` does."""

    def curve(self, record: Mapping[str, Any], token_in: int = 0, token_out: int = 1) -> Curve:
        """Return the curve of one direction of the pool in a record."""


@attrs.define
class Checked:
    """Count by kind what was compared and what differs."""

    compared: Counter[str] = attrs.field(factory=Counter)
    different: Counter[str] = attrs.field(factory=Counter)
    mismatches: list[Mismatch] = attrs.field(factory=list)

    @property
    def ok(self) -> bool:
        """Tell whether something was compared and nothing differs."""
        return bool(self.compared) and not self.different

    def add(self, kind: str, mismatch: Mismatch | None) -> None:
        """Count one comparison."""
        self.compared[kind] += 1
        if mismatch is not None:
            self.different[kind] += 1
            if len(self.mismatches) < _SHOWN:
                self.mismatches.append(mismatch)

    def __str__(self) -> str:
        lines = [str(mismatch) for mismatch in self.mismatches]
        left = self.different.total() - len(lines)
        lines += [f"… and {left} more"] if left else []
        lines += [
            f"{kind}: {count} compared, {self.different[kind]} differ"
            for kind, count in sorted(self.compared.items())
        ]
        return "\n".join(lines) or "nothing to compare: the file has no records"


def answer_all(path: str, host: PricesRecords, out: TextIO, *, check: bool) -> Checked:
    """Write one line for each record of the file, in order; compare with what was recorded if *check*."""
    summary, name = Checked(), shown(path)
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        record = json_line(line, place)
        try:
            answer, mismatch = _answered(record, host, check)
        except InvalidState as error:
            raise SnapshotError(f"{place}, {error.field}: {error.why}") from error
        except ArbxError as error:
            raise SnapshotError(f"{place}: {error}") from error
        out.write(json.dumps({"id": record.get("id"), **answer}, separators=(",", ":")) + "\n")
        if check:
            summary.add(str(record["kind"]), mismatch)
    return summary


def _answered(
    record: Mapping[str, Any], host: PricesRecords, check: bool
) -> tuple[dict[str, Any], Mismatch | None]:
    fields = Fields(record)
    mode, asked = fields.text("mode"), amount_asked(record)
    if mode not in ("exact_in", "exact_out"):
        raise InvalidState("mode", f"is {mode[:40]!r}, not exact_in or exact_out")
    token_in, token_out = fields.uint("token_in", bits=8), fields.uint("token_out", bits=8)
    if check:
        _check_recorded(fields)
    try:
        curve = host.curve(record, token_in, token_out)
    except WouldRevert as error:  # the contract rejects every swap of this pool
        agrees = not check or fields.has("revert")
        return _error(error), None if agrees else _unexpected(record, mode, asked, error)
    answer = _paid(curve, asked) if mode == "exact_in" else _least(curve, asked)
    return answer, compare(record, curve) if check else None


def _paid(curve: Curve, asked: int) -> dict[str, Any]:
    try:
        return {"amount_out": str(curve.amount_out(asked))}
    except InsufficientLiquidity as error:
        return {**_error(error), **_filled_part(curve)}
    except WouldRevert as error:
        return _error(error)


def _least(curve: Curve, asked: int) -> dict[str, Any]:
    try:
        return {"least_in": str(least_in(curve, asked))}
    except InsufficientLiquidity as error:
        part = _filled_part(curve)
        least = {"least_in": str(least_in(curve, int(part["amount_out"])))} if part else {}
        return {**_error(error), **part, **least}
    except WouldRevert as error:
        return _error(error)


def _error(error: Exception) -> dict[str, Any]:
    return {"error": f"{type(error).__name__}: {error}"}


def _filled_part(curve: Curve) -> dict[str, Any]:
    """Return what a pool that fills swaps in part would take and pay; nothing for one that reverts."""
    most = curve.max_in
    if not getattr(curve, "fills_in_part", False):
        return {}
    return {
        "filled": False,
        "amount_in": str(most),
        "amount_out": str(curve.amount_out(most)),
    }


def _unexpected(record: Mapping[str, Any], mode: str, asked: int, error: Exception) -> Mismatch:
    curve = f"raises {type(error).__name__}: {error}"
    return Mismatch(
        str(record.get("id")), str(record.get("kind")), f"{mode} {asked}", "pays", curve
    )


def _check_recorded(fields: Fields) -> None:
    """See that a record says what the contract did."""
    if not fields.has("revert"):
        fields.uint("amount_in", bits=512)
        fields.uint("amount_out", bits=512)
