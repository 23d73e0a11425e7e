"""Draw profit over time as SVG, by hand: a plotting library would weigh more than arbx."""

from collections.abc import Sequence
from html import escape
from itertools import accumulate

from arbx.ledger.report import Profit

__all__ = ["svg"]

_WIDTH, _HEIGHT, _LEFT, _TOP = 800, 220, 20, 40
_REALISED, _EXPECTED = "#00796b", "#9e9e9e"


def svg(profits: Sequence[Profit]) -> str:
    """Return a drawing with one panel for each token: cumulated realised profit, and expected profit in grey."""
    tokens = sorted({profit.token for profit in profits})
    panels = [
        _panel(token, [profit for profit in profits if profit.token == token], place)
        for place, token in enumerate(tokens)
    ]
    height = max(len(tokens), 1) * (_HEIGHT + 2 * _TOP)
    body = "\n".join(panels) or _text(_LEFT, _TOP, "no explained inclusion yet")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="sans-serif" font-size="13">\n{body}\n</svg>\n'
    )


def _panel(token: str, profits: Sequence[Profit], place: int) -> str:
    realised = [0, *accumulate(profit.realised for profit in profits)]
    expected = [0, *accumulate(profit.expected for profit in profits)]
    times = [profit.recorded_at.timestamp() for profit in profits]
    times = [times[0], *times]
    lowest, highest = min(*realised, *expected), max(*realised, *expected)
    top = place * (_HEIGHT + 2 * _TOP) + _TOP
    span_s, span = (times[-1] - times[0]) or 1, (highest - lowest) or 1

    def line(values: Sequence[int], colour: str) -> str:
        # Floats are good enough for pixels.
        points = " ".join(
            f"{_LEFT + (moment - times[0]) / span_s * (_WIDTH - 2 * _LEFT):.1f},"
            f"{top + (highest - value) / span * _HEIGHT:.1f}"
            for moment, value in zip(times, values, strict=True)
        )
        return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>'

    first, last = profits[0].recorded_at, profits[-1].recorded_at
    title = (
        f"{token}: realised {realised[-1]}, expected {expected[-1]}, {len(profits)} transactions"
    )
    dates = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC, {lowest} to {highest}"
    return "\n".join(
        [
            _text(_LEFT, top - 12, title),
            line(expected, _EXPECTED),
            line(realised, _REALISED),
            _text(_LEFT, top + _HEIGHT + 20, dates),
        ]
    )


def _text(left: int, top: int, words: str) -> str:
    return f'<text x="{left}" y="{top}">{escape(words)}</text>'
