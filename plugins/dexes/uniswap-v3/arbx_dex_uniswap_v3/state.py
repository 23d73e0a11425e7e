"""A concentrated-liquidity pool's state, valid from birth, and how records spell it."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import attrs

import arbx
from arbx_dex_uniswap_v3.tickmath import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    sqrt_ratio_at_tick,
)

__all__ = ["PoolPrice", "Tick", "Ticks", "dump", "parse"]

_MAX_UINT128 = 2**128 - 1
_LIMIT = "sqrt_price_limit_x96"


class Tick(NamedTuple):
    """An initialised tick: what liquidity gains when the price rises over it, and how much refers to it."""

    at: int
    liquidity_net: int
    liquidity_gross: int | None = None


class Ticks(tuple[Tick, ...]):
    """
    A pool's initialised ticks in their order, checked when they are made.

    A swap leaves them as they are, and a pool may have a thousand: looking at each again cost 0.2 ms a swap.
    """

    spacing: int
    _active: tuple[int, ...]

    def __new__(cls, ticks: Iterable[Tick], spacing: int) -> "Ticks":
        """Check order, spacing and liquidity; raise InvalidState with the place of the first that is wrong."""
        made = super().__new__(cls, ticks)
        _check_order(made, spacing)
        made.spacing, made._active = spacing, tuple(accumulate(t.liquidity_net for t in made))
        _check_sums(made, made._active)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Ticks, (tuple(self), self.spacing)

    def active(self, tick: int) -> int:
        """Return the liquidity of the ticks up to *tick*."""
        place = bisect_right(self, tick, key=lambda one: one.at)
        return self._active[place - 1] if place else 0


@attrs.frozen
class PoolPrice:
    """
    Price, active liquidity and every initialised tick of a pool at one block.

    A price of 0 is a pool that was created but not initialised. *sqrt_price_limit_x96* is for swaps
    that stop at a price; None stops at the end of the tick range.
    """

    fee_pips: int
    tick_spacing: int
    sqrt_price_x96: int
    tick: int
    liquidity: int
    ticks: tuple[Tick, ...]
    fee_protocol: int = 0
    sqrt_price_limit_x96: int | None = None

    def __attrs_post_init__(self) -> None:
        ticks = self.ticks
        if not isinstance(ticks, Ticks) or ticks.spacing != self.tick_spacing:
            ticks = Ticks(ticks, self.tick_spacing)
            object.__setattr__(self, "ticks", ticks)
        active = ticks.active(self.tick)
        if active != self.liquidity:
            raise arbx.InvalidState(
                "liquidity",
                f"is {self.liquidity}, but the ticks up to {self.tick} sum to {active}",
            )
        _check_price(self.sqrt_price_x96, self.tick)


def _check_order(ticks: Sequence[Tick], spacing: int) -> None:
    for place, (left, right) in enumerate(pairwise(ticks)):
        if left.at >= right.at:
            raise arbx.InvalidState(
                f"ticks[{place + 1}]", f"{right.at} follows {left.at}: ticks must rise"
            )
    for place, tick in enumerate(ticks):
        if tick.at % spacing:
            raise arbx.InvalidState(
                f"ticks[{place}]", f"{tick.at} is no multiple of tick_spacing = {spacing}"
            )


def _check_sums(ticks: Sequence[Tick], sums: Sequence[int]) -> None:
    for place, (tick, running) in enumerate(zip(ticks, sums, strict=True)):
        if not 0 <= running <= _MAX_UINT128:
            raise arbx.InvalidState(
                f"ticks[{place}]",
                f"liquidity beyond {tick.at} would be {running}, not a uint128",
            )
    if sums and sums[-1]:
        raise arbx.InvalidState("ticks", f"liquidity_net sums to {sums[-1]}, not to 0")


def _check_price(price: int, tick: int) -> None:
    if price == 0:
        return
    if not MIN_SQRT_RATIO <= price < MAX_SQRT_RATIO:
        raise arbx.InvalidState("sqrt_price_x96", f"is {price}, outside TickMath's range")
    # A swap of token 0 that stops exactly at a tick's price has crossed it: the tick is then one less.
    low, high = sqrt_ratio_at_tick(max(tick, MIN_TICK)), sqrt_ratio_at_tick(tick + 1)
    if not low <= price <= high:
        raise arbx.InvalidState("tick", f"is {tick}, but sqrt_price_x96 = {price} is not there")


def parse(record: arbx.Fields) -> PoolPrice:
    """Return the state of a record, or raise InvalidState with the field's name."""
    state = record.fields("state")
    # Recorded swaps have the limit beside the state, dumped states within.
    limited = record if record.has(_LIMIT) else state
    try:
        return PoolPrice(
            fee_pips=state.integer("fee", 0, 999_999),
            tick_spacing=state.integer("tick_spacing", 1, 32_767),
            sqrt_price_x96=state.uint("sqrt_price_x96", bits=160),
            tick=state.integer("tick", MIN_TICK - 1, MAX_TICK - 1),
            liquidity=state.uint("liquidity", bits=128),
            ticks=_parse_ticks(state),
            fee_protocol=state.uint("fee_protocol", bits=32) if state.has("fee_protocol") else 0,
            sqrt_price_limit_x96=limited.uint(_LIMIT, bits=160) if limited.has(_LIMIT) else None,
        )
    except arbx.InvalidState as error:
        if error.field.startswith((state.at(""), _LIMIT)):
            raise
        raise arbx.InvalidState(state.at(error.field), error.why) from None


def _parse_ticks(state: arbx.Fields) -> tuple[Tick, ...]:
    return tuple(
        _parse_tick(entry, state.at(f"ticks[{place}]"))
        for place, entry in enumerate(state.list("ticks"))
    )


def _parse_tick(entry: Any, where: str) -> Tick:
    if not isinstance(entry, (list, tuple)) or not 2 <= len(entry) <= 3:
        raise arbx.InvalidState(where, "is not [tick, liquidity_net] or [tick, net, gross]")
    named = arbx.Fields(dict(zip(("tick", "net", "gross"), entry, strict=False)), where)
    return Tick(
        named.integer("tick", MIN_TICK, MAX_TICK),
        named.integer("net", -(2**127), 2**127 - 1),
        named.uint("gross", bits=128) if named.has("gross") else None,
    )


def dump(state: PoolPrice) -> dict[str, Any]:
    """Return the state as *parse* reads it."""
    limit = state.sqrt_price_limit_x96
    return {
        "fee": state.fee_pips,
        "tick_spacing": state.tick_spacing,
        "sqrt_price_x96": str(state.sqrt_price_x96),
        "tick": state.tick,
        "liquidity": str(state.liquidity),
        "ticks": [_dump_tick(tick) for tick in state.ticks],
        "fee_protocol": state.fee_protocol,
        **({} if limit is None else {_LIMIT: str(limit)}),
    }


def _dump_tick(tick: Tick) -> list[Any]:
    entry = [tick.at, str(tick.liquidity_net)]
    return entry if tick.liquidity_gross is None else [*entry, str(tick.liquidity_gross)]
