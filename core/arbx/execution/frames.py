"""Nest calls by the callbacks that they run in, and lay them out as the Executor reads them."""

from collections.abc import Iterable

import attrs

from arbx.chain.abi import calldata
from arbx.execution.executor import Step
from arbx.model import Call

__all__ = ["Frame", "approve", "steps", "transfer"]


@attrs.frozen
class Frame:
    """A call, and what runs in the callback that its target makes."""

    call: Call
    inside: tuple["Frame", ...] = ()


def steps(frames: Iterable[Frame]) -> tuple[Step, ...]:
    """
    Return the frames in the order in which they run; each step knows how many run inside it.

    >>> send = Call("0x" + "11" * 20, "transfer(address,uint256)", (), ("0x" + "22" * 20, 5))
    >>> [step.inside for step in steps([Frame(send, (Frame(send, (Frame(send),)),)), Frame(send)])]
    [2, 1, 0, 0]
    """
    laid: list[Step] = []
    for frame in frames:
        inner = steps(frame.inside)
        call = frame.call
        laid += [Step(call.target, calldata(call), call.value_wei, len(inner)), *inner]
    return tuple(laid)


def transfer(token: str, receiver: str, amount: int) -> Call:
    """Pay a token."""
    return Call(token, "transfer(address,uint256)", (), (receiver, amount))


def approve(token: str, spender: str, amount: int) -> Call:
    """Let a spender take a token; the Executor takes back what is left at the end."""
    return Call(token, "approve(address,uint256)", (), (spender, amount))
