"""Value tokens in wei by the pools of one block: integer quotes, always rounded against the owner."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import attrs
import numpy as np

from arbx.errors import ArbxError
from arbx.kernel.types import Curve
from arbx.kernel.walk import least_in
from arbx.market.hops import HopGraph
from arbx.market.quotes import Quotes

__all__ = ["NotValued", "Valuation", "Worth"]

_BPS = 10_000
# Selling for the depth and buying back may lose a tenth: twice a fee of 1 %, and a pair of 25 times the depth.
_MOST_LOST_BPS = 1_000
# Pools of one pair differ by their fees and by what nobody has evened out yet; more is no agreement.
_MOST_APART_BPS = 500


class NotValued(ArbxError):
    """Say why nobody can tell what a token is worth in wei, and the cure."""


class Worth(Protocol):
    """Know what one token is worth in wei, against the owner."""

    def units_for(self, wei: int) -> int:
        """Return what one must sell of the token to get *wei*; raise NotValued where no pool pays it."""

    def wei_for(self, units: int) -> int:
        """Return what selling *units* of the token surely brings."""


class _Ether:
    """Wrapped ether is worth itself."""

    def units_for(self, wei: int) -> int:
        return wei

    def wei_for(self, units: int) -> int:
        return units


@attrs.frozen(eq=False)
class _Way:
    """One pool that turns the token into another one, whose worth is known."""

    sell: Curve
    buy: Curve
    other: Worth

    def units_for(self, wei: int) -> int | None:
        """Return the least amount of the token that brings *wei*; None where none does."""
        try:
            return least_in(self.sell, self.other.units_for(wei))
        except Exception:  # noqa: BLE001  # a plugin's curve, or a pool too small: this way says nothing
            return None

    def wei_for(self, units: int) -> int:
        """Return what selling *units*, or as much of it as the pool takes, brings."""
        try:
            return self.other.wei_for(self.sell.amount_out(min(units, self.sell.max_in)))
        except Exception:  # noqa: BLE001  # a plugin's curve: nothing is what it surely brings
            return 0

    def is_deep(self, depth_wei: int) -> bool:
        """Tell whether selling for *depth_wei* and buying back lose little: a thin pool's price is cheap to move."""
        sold = self.units_for(depth_wei)
        if not sold:
            return False
        try:
            bought = self.buy.amount_out(self.other.units_for(depth_wei))
        except Exception:  # noqa: BLE001  # as above
            return False
        return bought * _BPS >= sold * (_BPS - _MOST_LOST_BPS)


@attrs.frozen(eq=False)
class _Agreed:
    """Several ways that agree: the worst for the owner decides."""

    token: str
    ways: tuple[_Way, ...]

    def units_for(self, wei: int) -> int:
        if wei <= 0:
            return 0
        known = [cost for way in self.ways if (cost := way.units_for(wei)) is not None]
        if not known:
            raise NotValued(f"no pool of {self.token} that counts can pay {wei} wei")
        return max(known)

    def wei_for(self, units: int) -> int:
        return min(way.wei_for(units) for way in self.ways) if units > 0 else 0


class Valuation:
    """
    Say what tokens are worth in wei at the states that the pools have now.

    Pools between the token and *weth* are asked; where none is deep enough, those between the token and others that
    have such pools. A pool counts when *depth_wei* go through it and back with little loss. More than half of those
    that count must agree; among these the worst for the owner decides, so that no thin or single odd pool does.
    """

    def __init__(self, graph: HopGraph, quotes: Quotes, weth: str, *, depth_wei: int) -> None:
        self._graph, self._quotes, self._weth = graph, quotes, weth
        self._depth_wei = depth_wei
        self._known: dict[str, Worth] = {weth: _Ether()}
        self._unknown: dict[str, str] = {}

    def of(self, token: str) -> Worth:
        """Return the worth of a token; raise NotValued where the pools don't say it."""
        if token not in self._known and token not in self._unknown:
            self._look(token)
        if token in self._unknown:
            raise NotValued(self._unknown[token])
        return self._known[token]

    def _look(self, token: str) -> None:
        ways = self._direct(token) or self._by_others(token)
        kept = _agreeing(ways, self._depth_wei)
        if kept:
            self._known[token] = _Agreed(token, kept)
        elif ways:
            self._unknown[token] = (
                f"the {len(ways)} deep pools of {token} disagree on its price by more than "
                f"{_MOST_APART_BPS / 100:g} %; wait, or add sources with more of its pools"
            )
        else:
            self._unknown[token] = (
                f"no pool trades {token} for wrapped ether, or for a token that such a pool trades, "
                f"{self._depth_wei} wei deep; add a source that has one, lower valuation_depth_wei in "
                "[execution], or take the token out of base_tokens in [search]"
            )

    def _direct(self, token: str) -> list[_Way]:
        ether = self._known[self._weth]
        hops = [hop for hop, paid in self._hops_from(token) if paid == self._weth]
        return self._deep(hops, [ether] * len(hops))

    def _by_others(self, token: str) -> list[_Way]:
        """Return the deep pools between the token and those that have deep pools with wrapped ether themselves."""
        others: dict[str, Worth | None] = {}
        hops, worths = [], []
        for hop, paid in self._hops_from(token):
            if paid not in others:
                kept = _agreeing(self._direct(paid), self._depth_wei)
                others[paid] = _Agreed(paid, kept) if kept else None
            other = others[paid]
            if other is not None:
                hops.append(hop)
                worths.append(other)
        return self._deep(hops, worths)

    def _deep(self, hops: Sequence[int], others: Sequence[Worth]) -> list[_Way]:
        ways = []
        for hop, other in zip(hops, others, strict=True):
            sell = self._quotes.quote(hop)
            buy = self._quotes.quote(self._graph.reverse(hop))
            if sell is None or buy is None:
                continue
            way = _Way(sell, buy, other)
            if way.is_deep(self._depth_wei):
                ways.append(way)
        return ways

    def _hops_from(self, token: str) -> Iterator[tuple[int, str]]:
        """Yield each hop that takes the token, and the address of what it pays."""
        number = self._graph.known(token)
        if number is None:
            return
        for hop in np.flatnonzero(self._graph.token_in == number).tolist():
            pool, _, token_out = self._graph.ends(hop)
            yield hop, self._graph.pools[pool].tokens[token_out].address


def _agreeing(ways: Sequence[_Way], depth_wei: int) -> tuple[_Way, ...]:
    """Return the ways whose price is near the median's; nothing where they are not more than half of all."""
    costs = [(cost, way) for way in ways if (cost := way.units_for(depth_wei)) is not None]
    if not costs:
        return ()
    middle = sorted(cost for cost, _ in costs)[len(costs) // 2]
    near = [way for cost, way in costs if abs(cost - middle) * _BPS <= middle * _MOST_APART_BPS]
    return tuple(near) if 2 * len(near) > len(costs) else ()
