"""Choose the positions of a V3 pool by the name of their shape."""

__all__ = ["SPACINGS", "ranges"]

SPACINGS = {100: 1, 500: 10, 3000: 60, 10_000: 200}

# (ticks below, ticks above, share of the liquidity in tenths); the ticks are rounded outward to
# the spacing
_SHAPES: dict[str, tuple[tuple[int, int, int], ...]] = {
    "wide": ((-60_000, 60_000, 10),),
    "layers": (
        (-50_000, 50_000, 10),
        (-4_000, 4_000, 15),
        (-700, 900, 20),
        (-60, 60, 30),
        (1_200, 2_400, 8),
        (-2_600, -1_300, 8),
    ),
    "narrow": ((-120, 120, 60), (-30, 30, 200), (-900, 900, 10)),
    # nothing between the middle and the outer ranges: a swap that goes there only moves the price
    "gap": ((-40, 40, 40), (300, 1_500, 20), (-1_500, -300, 20)),
    "bare": (),
    "uninitialised": (),
}


def ranges(shape: str, tick: int, fee_pips: int, full: int) -> tuple[tuple[int, int, int], ...]:
    """
    Return (lower tick, upper tick, liquidity) around *tick*.

    *full* is the liquidity that the pool would have in the full range.

    >>> ranges("wide", 7, 3000, 500)
    ((-60000, 60060, 500),)
    """
    spacing = SPACINGS[fee_pips]
    return tuple(
        (
            (tick + below) // spacing * spacing,
            -(-(tick + above) // spacing) * spacing,
            full * tenths // 10,
        )
        for below, above, tenths in _SHAPES[shape]
    )
