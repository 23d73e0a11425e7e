"""The way of a price through the ticks: UniswapV3Pool.swap's loop without amounts."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter

from gmpy2 import mpz

from arbx_dex_uniswap_v3.state import PoolPrice
from arbx_dex_uniswap_v3.tickmath import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    sqrt_ratio_at_tick,
)

__all__ = ["Span", "limit_of", "ranges", "spans"]

Span = tuple[mpz, mpz, mpz]  # from this price, to this price, with this liquidity (not 0)


def limit_of(state: PoolPrice, zero_for_one: bool) -> mpz | None:
    """
    Return the price at which a swap stops; None where the contract refuses with SPL.

    SwapRouter's own limits, one beyond the ends of the tick range, stand in when the state names none.
    """
    limit, price = state.sqrt_price_limit_x96, state.sqrt_price_x96
    if zero_for_one:
        limit = MIN_SQRT_RATIO + 1 if limit is None else limit
        return mpz(limit) if MIN_SQRT_RATIO < limit < price else None
    limit = MAX_SQRT_RATIO - 1 if limit is None else limit
    return mpz(limit) if price < limit < MAX_SQRT_RATIO else None


def spans(state: PoolPrice, zero_for_one: bool, *, word_edges: bool) -> Iterator[Span]:
    """
    Yield every step of the swap loop that takes an input, in order, up to the limit.

    With *word_edges* the steps end where the contract's do: nextInitializedTickWithinOneWord looks no
    further than a word of the tick bitmap, and each step rounds on its own. Steps without liquidity
    take nothing and are left out, which is what makes a long empty stretch free.
    """
    limit = limit_of(state, zero_for_one)
    if limit is None or state.sqrt_price_x96 == 0:
        return
    price, tick, liquidity = mpz(state.sqrt_price_x96), state.tick, mpz(state.liquidity)
    for stop, net in _stops(state, zero_for_one):
        edges: Iterable[int] = ()
        if liquidity and word_edges:
            edges = _word_edges(tick, stop, state.tick_spacing, zero_for_one)
        for target_tick in (*edges, stop):
            target = sqrt_ratio_at_tick(target_tick)
            if (target < limit) if zero_for_one else (target > limit):
                target = limit
            if liquidity and target != price:
                yield price, target, liquidity
            price = target
            if price == limit:
                return
        liquidity += -net if zero_for_one else net
        tick = stop - 1 if zero_for_one else stop


def _stops(state: PoolPrice, zero_for_one: bool) -> Iterator[tuple[int, int]]:
    """Yield each initialised tick ahead with its liquidity_net, and at last the end of the range."""
    here = bisect_right(state.ticks, state.tick, key=attrgetter("at"))
    ahead = reversed(state.ticks[:here]) if zero_for_one else iter(state.ticks[here:])
    for tick in ahead:
        yield tick.at, tick.liquidity_net
    yield (MIN_TICK if zero_for_one else MAX_TICK), 0


def _word_edges(tick: int, stop: int, spacing: int, zero_for_one: bool) -> range:
    """
    Return the ticks at the edges of bitmap words between *tick* and *stop*, without *stop*.

    >>> list(_word_edges(300, -600, 1, True)), list(_word_edges(300, 800, 1, False))
    ([256, 0, -256, -512], [511, 767])
    """
    if zero_for_one:
        return range((tick // spacing >> 8 << 8) * spacing, stop, -256 * spacing)
    following = tick // spacing + 1
    return range(((following >> 8 << 8) + 255) * spacing, stop, 256 * spacing)


def ranges(state: PoolPrice, zero_for_one: bool) -> Iterator[Span]:
    """Yield the stretches of equal liquidity: spans without word edges, joined over ticks that change nothing."""
    held: Span | None = None
    for price, target, liquidity in spans(state, zero_for_one, word_edges=False):
        if held and held[1] == price and held[2] == liquidity:
            held = (held[0], target, liquidity)
            continue
        if held:
            yield held
        held = (price, target, liquidity)
    if held:
        yield held
