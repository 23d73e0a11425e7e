"""Settle legs: who is paid before, who asks in a callback, and who lends what it pays."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import attrs

from arbx.execution.frames import Frame, transfer
from arbx.model import Call

__all__ = ["Leg", "lends", "lent", "paid"]

# A pool is recognised by the call that its plugin encodes, so that forks need no entry here.
# Every other call takes what it needs by the approvals that the plugin puts before it.
_PAIR_SWAP = "swap(uint256,uint256,address,bytes)"  # UniswapV2Pair
_POOL_SWAP = "swap(address,bool,int256,uint160,bytes)"  # UniswapV3Pool
# UniswapV2Pair.swap calls back only when it is given data; what the data says is never read
_CALL_BACK = b"\x01"


@attrs.frozen
class Leg:
    """One hop's calls, and what must be paid for them."""

    calls: tuple[Call, ...] = attrs.field(validator=attrs.validators.min_len(1))
    token_in: str
    amount_in: int
    amount_out: int

    @property
    def payment(self) -> Call:
        """Pay the pool, which is the target of its only call."""
        return transfer(self.token_in, self.calls[0].target, self.amount_in)


def paid(leg: Leg) -> tuple[Frame, ...]:
    """Return the frames that take the leg with what the Executor holds."""
    settle = _PAID.get(leg.calls[0].signature) if len(leg.calls) == 1 else None
    return settle(leg) if settle else tuple(map(Frame, leg.calls))


def lends(leg: Leg) -> bool:
    """Tell whether the leg's pool pays out before it is paid."""
    return len(leg.calls) == 1 and leg.calls[0].signature in _LENT


def lent(leg: Leg, inside: Sequence[Frame]) -> Frame:
    """Return the frame that takes the leg, runs *inside* with what it paid, and then pays for it."""
    return Frame(_LENT[leg.calls[0].signature](leg.calls[0]), (*inside, Frame(leg.payment)))


def _pair_paid(leg: Leg) -> tuple[Frame, ...]:
    return Frame(leg.payment), Frame(leg.calls[0])


def _pool_paid(leg: Leg) -> tuple[Frame, ...]:
    return (lent(leg, ()),)


def _with_callback(call: Call) -> Call:
    return attrs.evolve(call, args=(*call.args[:-1], _CALL_BACK))


def _as_it_is(call: Call) -> Call:
    return call


_PAID: Mapping[str, Callable[[Leg], tuple[Frame, ...]]] = MappingProxyType(
    {_PAIR_SWAP: _pair_paid, _POOL_SWAP: _pool_paid}
)
_LENT: Mapping[str, Callable[[Call], Call]] = MappingProxyType(
    {_PAIR_SWAP: _with_callback, _POOL_SWAP: _as_it_is}
)
