"""Order what pays, and close the proofs only where they can change the order's head."""

from collections.abc import Callable, Iterable
from heapq import heappush, heapreplace
from typing import TypeVar

from arbx.kernel.types import Optimum
from arbx.model import Opportunity

__all__ = ["best_first", "is_settled"]

K = TypeVar("K")


def is_settled(best: Optimum) -> bool:
    """Tell whether an exact search would change nothing: it is proven already, or nothing can prove it."""
    return best.exact or best.upper_bound is None


def best_first(
    found: Callable[[K], Opportunity],
    keys: Iterable[K],
    *,
    top: int | None = None,
    refine: Callable[[K], Opportunity] | None = None,
) -> list[Opportunity]:
    """
    Return what is *found* under these keys in order of profit, the *top* ones.

    *refine* is called only for those whose upper bound could still bring them among the *top*.
    """
    if refine is None:
        return sorted((found(key) for key in keys), key=_order)[:top]
    by_promise = sorted(keys, key=lambda key: _promise(found(key)), reverse=True)
    top = len(by_promise) if top is None else max(top, 0)
    done: list[Opportunity] = []
    profits: list[int] = []  # a heap of the best *top* profits so far
    for key in by_promise:
        if len(profits) == top:
            # An equal profit may still come earlier by its addresses.
            if not top or _promise(found(key)) < profits[0]:
                break
            done.append(refine(key))
            heapreplace(profits, max(profits[0], done[-1].gross_profit))
        else:
            done.append(refine(key))
            heappush(profits, done[-1].gross_profit)
    return sorted(done, key=_order)[:top]


def _promise(opportunity: Opportunity) -> float | int:
    bound = opportunity.optimum.upper_bound
    return float("inf") if bound is None else bound


def _order(opportunity: Opportunity) -> tuple[int, tuple[tuple[str, int, int], ...]]:
    """Order by profit; among equals by the pools' addresses, so that the answer is always the same."""
    hops = ((hop.pool.address, hop.token_in, hop.token_out) for hop in opportunity.cycle.hops)
    return -opportunity.gross_profit, tuple(hops)
