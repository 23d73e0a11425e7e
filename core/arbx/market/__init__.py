"""States to curves, to the hop graph, to cycles: screened in numpy, sized exactly, kept up to date."""

from arbx.market.market import Counts, Market

__all__ = ["Counts", "Market"]
