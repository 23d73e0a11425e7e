"""Draw profit over time with matplotlib, which ``arbx[plot]`` brings."""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from arbx.errors import ConfigError
from arbx.ledger.report import Profit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FORMATS", "draw"]

FORMATS = (".png", ".svg")

_WIDTH_IN, _PANEL_IN = 9, 3
_REALISED, _EXPECTED = "#00796b", "#9e9e9e"


def draw(profits: Sequence[Profit], path: Path) -> None:
    """Draw a panel for each token: cumulated realised profit, and expected profit in grey."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigError("drawing needs matplotlib; try: pip install 'arbx[plot]'") from None
    tokens = sorted({profit.token for profit in profits})
    rows = max(len(tokens), 1)
    # text stays text, and the same profits give the same file
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "arbx"}):
        figure = Figure(figsize=(_WIDTH_IN, _PANEL_IN * rows), layout="constrained")
        panels = figure.subplots(rows, squeeze=False)[:, 0]
        if not tokens:
            panels[0].set_title("no explained inclusion yet")
        for panel, token in zip(panels, tokens, strict=False):
            _panel(panel, token, [profit for profit in profits if profit.token == token])
        dated = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, dpi=150, metadata=dated)


def _panel(panel: "Axes", token: str, profits: Sequence[Profit]) -> None:
    realised = [0, *accumulate(profit.realised for profit in profits)]
    expected = [0, *accumulate(profit.expected for profit in profits)]
    times = [profit.recorded_at for profit in profits]
    # The words are exact, floats are good enough for a line.
    panel.set_title(
        f"{token}: realised {realised[-1]}, expected {expected[-1]}, {len(profits)} transactions",
        fontsize=9,
        parse_math=False,
    )
    for name, values, colour in (
        ("expected", expected, _EXPECTED),
        ("realised", realised, _REALISED),
    ):
        panel.plot([times[0], *times], list(map(float, values)), color=colour, label=name)  # type: ignore[arg-type]  # matplotlib draws dates
    panel.set_ylabel("smallest units")
    panel.legend(loc="upper left")
