"""What a pool source promises about the swaps that it encodes."""

from collections.abc import AsyncIterator
from typing import Any

from arbx.model import Call, PoolState
from arbx.testing.case import Broken, paid
from arbx.testing.promises.source_case import SourceCase, directions
from arbx.testing.samples import sample_amounts

__all__ = ["swaps_call_the_pool", "swaps_can_be_encoded", "swaps_pay_the_recipient"]

_RECIPIENT = "0x" + "5e" * 20


async def swaps_call_the_pool(case: SourceCase) -> None:
    """Promise that each call of a swap goes to the pool, or to a contract named for it."""
    async for state, calls in _swaps(case):
        allowed = case.targets or {state.pool.address}
        for call in calls:
            if call.target not in allowed:
                raise Broken(f"a swap in {state.pool.address} calls {call.target}")


async def swaps_pay_the_recipient(case: SourceCase) -> None:
    """Promise that the recipient asked for is in the encoded calls."""
    if not case.names_recipient:
        return
    async for state, calls in _swaps(case):
        if not any(_mentions(call.args, _RECIPIENT) for call in calls):
            raise Broken(f"a swap in {state.pool.address} does not name its recipient")


async def swaps_can_be_encoded(case: SourceCase) -> None:
    """Promise at least one call, whose arguments fit its signature."""
    from arbx.chain.abi import calldata  # heavy, and only needed here

    async for state, calls in _swaps(case):
        if not calls:
            raise Broken(f"a swap in {state.pool.address} makes no call")
        for call in calls:
            try:
                calldata(call)
            except ValueError as error:
                raise Broken(f"{call.signature} can't be encoded: {error}") from error


async def _swaps(case: SourceCase) -> AsyncIterator[tuple[PoolState, list[Call]]]:
    """Yield each state with the calls of one swap in each direction that pays anything."""
    for state in await case.states():
        for token_in, token_out in directions(state.pool):
            curve = case.model(state.pool).curve(state.state, token_in, token_out)
            trades = ((amount, paid(curve, amount)) for amount in sample_amounts(curve))
            trade = next(((amount, out) for amount, out in trades if out), None)
            if trade is not None:
                calls = case.source.swap(state, token_in, token_out, *trade, _RECIPIENT)
                yield state, list(calls)


def _mentions(value: Any, address: str) -> bool:
    if isinstance(value, tuple | list):
        return any(_mentions(inner, address) for inner in value)
    if isinstance(value, bytes):
        return bytes.fromhex(address[2:]) in value
    return isinstance(value, str) and value.lower() == address
