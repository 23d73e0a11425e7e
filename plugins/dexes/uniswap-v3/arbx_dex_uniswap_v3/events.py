"""The pool after an event: pure, decoded by hand."""

from collections.abc import Callable

import attrs

import arbx
from arbx_dex_uniswap_v3.state import PoolPrice, Tick

__all__ = ["POOL_CREATED", "TOPICS", "after"]

POOL_CREATED = bytes.fromhex("783cca1c0412dd0d695e784568c96da2e9c22ff989357a2e8b1d9b2b4e6b7118")

_INITIALIZE = bytes.fromhex("98636036cb66a9c19a37435efc1e90142190214e8abeb821bdba3f2990dd4c95")
_SWAP = bytes.fromhex("c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67")
_PANCAKE_SWAP = bytes.fromhex("19b47279256b2a23a1665c810c8d55a1758940ee09377d4f8d26497a3577dc83")
_MINT = bytes.fromhex("7a53080ba414158be7ec69b987b5fb7d07dee101fe85488f0853ae16239d0bde")
_BURN = bytes.fromhex("0c396cd989a39f4459b5fa1aed6a9a8dcdbc45908acfd67e028cd568da98982c")
_SET_FEE_PROTOCOL = bytes.fromhex(
    "973d8d92bb299f4af6ce49b52a8adb85ae46b9f214c4c4fc06ac77401237b133"
)
_PANCAKE_SET_FEE_PROTOCOL = bytes.fromhex(
    "b3159fed3ddfba67bae294599eafe2d0ec98c08bb38e0e5fb87d33154b6e05aa"
)


def after(state: PoolPrice, log: arbx.Log) -> PoolPrice:
    """Return the state after *log*; an event that moves neither price nor liquidity changes nothing."""
    handler = _HANDLERS.get(log.topics[0]) if log.topics else None
    return state if handler is None else handler(state, log)


def _initialize(state: PoolPrice, log: arbx.Log) -> PoolPrice:
    price, tick = arbx.event_words(log, "Initialize", topics=0, words=2)
    return attrs.evolve(state, sqrt_price_x96=price, tick=_signed(tick))


def _swap(state: PoolPrice, log: arbx.Log) -> PoolPrice:
    words = arbx.event_words(log, "Swap", topics=2, words=5)
    return _swapped(state, words)


def _pancake_swap(state: PoolPrice, log: arbx.Log) -> PoolPrice:
    # Pancake appends the two protocol fees.
    words = arbx.event_words(log, "Swap", topics=2, words=7)
    return _swapped(state, words)


def _swapped(state: PoolPrice, words: tuple[int, ...]) -> PoolPrice:
    _, _, _, _, price, liquidity, tick = words[:7]
    return attrs.evolve(state, sqrt_price_x96=price, liquidity=liquidity, tick=_signed(tick))


def _mint(state: PoolPrice, log: arbx.Log) -> PoolPrice:
    _, lower, upper, _, amount, _, _ = arbx.event_words(log, "Mint", topics=3, words=4)
    return _with_position(state, _signed(lower), _signed(upper), amount)


def _burn(state: PoolPrice, log: arbx.Log) -> PoolPrice:
    _, lower, upper, amount, _, _ = arbx.event_words(log, "Burn", topics=3, words=3)
    return _with_position(state, _signed(lower), _signed(upper), -amount)


def _set_fee_protocol(state: PoolPrice, log: arbx.Log) -> PoolPrice:
    _, _, fee0, fee1 = arbx.event_words(log, "SetFeeProtocol", topics=0, words=4)
    return attrs.evolve(state, fee_protocol=fee0 + (fee1 << 4))


def _pancake_set_fee_protocol(state: PoolPrice, log: arbx.Log) -> PoolPrice:
    _, _, fee0, fee1 = arbx.event_words(log, "SetFeeProtocol", topics=0, words=4)
    return attrs.evolve(state, fee_protocol=fee0 + (fee1 << 16))


def _with_position(state: PoolPrice, lower: int, upper: int, amount: int) -> PoolPrice:
    """Return the state with *amount* more liquidity between two ticks (UniswapV3Pool._modifyPosition)."""
    if amount == 0:
        return state  # a poke: collects fees only
    ticks = {tick.at: tick for tick in state.ticks}
    for at, net in ((lower, amount), (upper, -amount)):
        moved = _moved(ticks.get(at, Tick(at, 0, 0)), net, amount)
        if moved is None:
            ticks.pop(at, None)
        else:
            ticks[at] = moved
    active = lower <= state.tick < upper
    return attrs.evolve(
        state,
        liquidity=state.liquidity + (amount if active else 0),
        ticks=tuple(ticks[at] for at in sorted(ticks)),
    )


def _moved(tick: Tick, net: int, gross: int) -> Tick | None:
    """
    Return the tick with more liquidity referring to it, None when nothing does any longer.

    A snapshot without gross amounts can't tell an unused tick from one whose positions cancel out; it takes
    a net of 0 for unused.
    """
    net += tick.liquidity_net
    if tick.liquidity_gross is None:
        return Tick(tick.at, net) if net else None
    gross += tick.liquidity_gross
    if gross < 0:
        raise arbx.InvalidState(
            "ticks", f"{tick.at} would have {gross} liquidity: a log is missing"
        )
    return Tick(tick.at, net, gross) if gross else None


def _signed(word: int) -> int:
    """
    Return a two's-complement word as a number.

    >>> _signed(2**256 - 60)
    -60
    """
    return word - (1 << 256) if word >> 255 else word


_HANDLERS: dict[bytes, Callable[[PoolPrice, arbx.Log], PoolPrice]] = {
    _INITIALIZE: _initialize,
    _SWAP: _swap,
    _PANCAKE_SWAP: _pancake_swap,
    _MINT: _mint,
    _BURN: _burn,
    _SET_FEE_PROTOCOL: _set_fee_protocol,
    _PANCAKE_SET_FEE_PROTOCOL: _pancake_set_fee_protocol,
}
TOPICS = frozenset(_HANDLERS)
