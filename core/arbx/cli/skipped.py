"""Show which pools the sources have left out, and why."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from arbx.errors import ConfigError

__all__ = ["skipped_lines", "write_skipped"]

Skipped = Mapping[str, Mapping[str, str]]

_REASONS = 20  # lines shown; the file has all
_NAMED = 3  # addresses shown of each reason


def skipped_lines(skipped: Skipped) -> Iterator[str]:
    """
    Yield a line for each source and reason, the most frequent first.

    >>> list(skipped_lines({"curve": {"0xa1": "v5.0.0: not supported", "0xa2": "v5.0.0: not supported"}}))
    ['skipped by curve: 2 pools: v5.0.0: not supported (0xa1, 0xa2)']
    """
    grouped: dict[tuple[str, str], list[str]] = {}
    for source, rows in skipped.items():
        for address, why in rows.items():
            grouped.setdefault((source, _printable(why)), []).append(address)
    ranked = sorted(grouped.items(), key=lambda row: -len(row[1]))
    for (source, why), pools in ranked[:_REASONS]:
        count = f"{len(pools)} pools" if len(pools) > 1 else "1 pool"
        more = f", and {len(pools) - _NAMED} more" if len(pools) > _NAMED else ""
        yield f"skipped by {source}: {count}: {why} ({', '.join(pools[:_NAMED])}{more})"
    if len(ranked) > _REASONS:
        left = sum(len(pools) for _, pools in ranked[_REASONS:])
        yield f"skipped: {left} more pools for {len(ranked) - _REASONS} other reasons"


def write_skipped(skipped: Skipped, out: Path) -> None:
    """Write a JSON line for each pool: source, address, reason."""
    import json

    rows = (
        {"source": source, "address": address, "reason": why}
        for source, reasons in skipped.items()
        for address, why in reasons.items()
    )
    try:
        out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError(f"--skipped {out}: can't be written: {why}; check the path") from error


def _printable(text: str) -> str:
    # a reason may quote what a contract says of itself: no terminal's control characters
    return "".join(sign if sign.isprintable() else "?" for sign in text)
