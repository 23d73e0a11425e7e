"""Print rows in aligned columns; a table library would take longer to import than to list plugins."""

from collections.abc import Iterable, Sequence

__all__ = ["columns"]


def columns(rows: Iterable[Sequence[str]]) -> str:
    """
    Return the rows with each column as wide as its widest cell.

    >>> print(columns([("NAME", "KIND"), ("uniswap-v2", "dex")]))
    NAME        KIND
    uniswap-v2  dex
    """
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in table)
    return "\n".join(lines)
