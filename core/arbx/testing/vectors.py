"""Run a file of recorded swaps of the real contracts against the curves of a host."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import attrs

from arbx.errors import SnapshotError, WouldRevert
from arbx.fields import Fields
from arbx.kernel.types import Curve
from arbx.vectors import Mismatch, compare

__all__ = [
    "Mismatch",
    "PricesRecords",
    "VectorSummary",
    "check_vectors",
    "compare",
    "read_vectors",
]


class PricesRecords(Protocol):
    """Price a record, as ``arbx.Host`` does."""

    def curve(self, record: Mapping[str, Any], token_in: int = 0, token_out: int = 1) -> Curve:
        """Return the curve of one direction of the record's pool."""


@attrs.frozen
class VectorSummary:
    """Count what was compared, by kind, and keep every mismatch."""

    path: str
    compared: Mapping[str, int]
    mismatches: tuple[Mismatch, ...]

    @property
    def ok(self) -> bool:
        """Tell whether something was compared and everything agreed."""
        return sum(self.compared.values()) > 0 and not self.mismatches

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.compared.items()))
        head = f"{self.path}: {kinds or 'nothing'} compared, {len(self.mismatches)} differ"
        return "\n".join([head, *(f"  {mismatch}" for mismatch in self.mismatches[:20])])


def check_vectors(path: str | Path, host: PricesRecords, *, every: int = 1) -> VectorSummary:
    """
    Compare the curves of *host* with each recorded swap of a vectors file (``.jsonl`` or ``.gz``).

    *every* = n compares each n-th record only, for a quick look. Assert ``summary.ok`` and show
    the summary: an empty file is not ok.
    """
    compared: Counter[str] = Counter()
    mismatches = []
    for number, (line, record) in enumerate(read_vectors(path)):
        if number % every:
            continue
        try:
            mismatch = _compare(record, host)
        except (KeyError, ValueError, TypeError) as error:
            raise SnapshotError(f"{path}, line {line}: {type(error).__name__}: {error}") from error
        compared[str(record.get("kind"))] += 1
        if mismatch is not None:
            mismatches.append(mismatch)
    return VectorSummary(str(path), dict(compared), tuple(mismatches))


def read_vectors(path: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each record of a vectors file with its line number."""
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except ValueError as error:
                raise SnapshotError(f"{path}, line {number}: not JSON: {error}") from error
            if not isinstance(record, dict):
                raise SnapshotError(f"{path}, line {number}: not an object")
            yield number, record


def _compare(record: dict[str, Any], host: PricesRecords) -> Mismatch | None:
    fields = Fields(record)
    token_in, token_out = fields.uint("token_in"), fields.uint("token_out")
    try:
        curve = host.curve(record, token_in=token_in, token_out=token_out)
    except WouldRevert:
        # The contract rejects every swap of this pool: right where the recording says so too.
        if record.get("revert") is not None:
            return None
        raise
    return compare(record, curve)
