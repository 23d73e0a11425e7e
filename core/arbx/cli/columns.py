"""Print rows in aligned columns; a table library would take longer to import than to list plugins."""

from collections.abc import Collection, Iterable, Sequence

__all__ = ["columns"]


def columns(rows: Iterable[Sequence[str]], *, right: Collection[int] = ()) -> str:
    """
    Return the rows with each column as wide as its widest cell; those numbered in *right* end in line.

    >>> print(columns([("NAME", "KIND"), ("uniswap-v2", "dex")]))
    NAME        KIND
    uniswap-v2  dex
    >>> print(columns([("7", "a"), ("12", "b")], right={0}))
     7  a
    12  b
    """
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    align = [str.rjust if at in right else str.ljust for at in range(len(widths))]
    lines = (
        "  ".join(put(cell, width) for put, cell, width in zip(align, row, widths, strict=True))
        for row in table
    )
    return "\n".join(map(str.rstrip, lines))
