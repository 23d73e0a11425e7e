"""Find pools, read their prices and ticks, and follow them by events."""

from collections.abc import Sequence

import attrs

import arbx
from arbx_dex_uniswap_v3.events import POOL_CREATED, TOPICS, after
from arbx_dex_uniswap_v3.reading import read_states
from arbx_dex_uniswap_v3.settings import UniswapV3Settings
from arbx_dex_uniswap_v3.tickmath import MAX_SQRT_RATIO, MIN_SQRT_RATIO

__all__ = ["UniswapV3Source"]


class UniswapV3Source:
    """Bring the pools of one factory, or some given ones."""

    def __init__(self, settings: UniswapV3Settings) -> None:
        self._settings = settings

    @property
    def topics(self) -> frozenset[bytes]:
        """Return topic0 of Initialize, Swap, Mint, Burn and SetFeeProtocol, Pancake's shapes included."""
        return TOPICS

    async def discover(self, chain: arbx.ChainReader, *, block: int) -> Sequence[arbx.Pool]:
        """Return the pools that exist at *block*, oldest first."""
        if self._settings.mode == "events":
            found = await self._created(chain, self._settings.from_block, block)
        else:
            found = await self._given(chain, block)
        return await self._pools(chain, found[: self._settings.max_pools], block)

    async def created(
        self, chain: arbx.ChainReader, *, since: int, block: int
    ) -> Sequence[arbx.Pool]:
        """Return the pools created since then; all where only a whole look tells which are wanted."""
        settings = self._settings
        if settings.mode != "events" or settings.max_pools is not None:
            return await self.discover(chain, block=block)
        found = await self._created(chain, max(since, settings.from_block), block)
        return await self._pools(chain, found, block)

    async def _pools(
        self, chain: arbx.ChainReader, found: Sequence["_Found"], block: int
    ) -> list[arbx.Pool]:
        tokens = await arbx.read_tokens(
            chain, {token for pool in found for token in pool.tokens}, block=block
        )
        kind, dex = self._settings.curve_kind, self._settings.dex or self._settings.preset
        return [
            arbx.Pool(
                chain.chain_id, kind, pool.address, tuple(tokens[one] for one in pool.tokens), dex
            )
            for pool in found
        ]

    async def states(
        self, chain: arbx.ChainReader, pools: Sequence[arbx.Pool], *, block: int
    ) -> Sequence[arbx.PoolState]:
        """Return price, liquidity and all ticks at *block* of each pool that answers."""
        return await read_states(chain, pools, block=block)

    def apply(self, state: arbx.PoolState, log: arbx.Log) -> arbx.PoolState:
        """Return the state after *log*; a log that doesn't fit the state says that one is missing."""
        if log.address != state.pool.address:
            raise arbx.InvalidState("log.address", f"is {log.address}, not {state.pool.address}")
        following = after(state.state, log)
        if following is state.state:
            return state
        return arbx.PoolState(state.pool, log.block, following)

    def swap(
        self,
        state: arbx.PoolState,
        token_in: int,
        token_out: int,
        amount_in: int,
        amount_out: int,
        recipient: str,
    ) -> Sequence[arbx.Call]:
        """
        Encode UniswapV3Pool.swap for exactly *amount_in*; the caller pays in its callback.

        The pool has no minimum for the output: who calls checks that it is *amount_out*.
        """
        if {token_in, token_out} != {0, 1}:
            raise arbx.InvalidAmount(f"a pool can't swap token {token_in} for token {token_out}")
        zero_for_one = token_in == 0
        limit = state.state.sqrt_price_limit_x96 or int(
            MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1
        )
        signature = "swap(address,bool,int256,uint160,bytes)"
        args = (recipient, zero_for_one, amount_in, limit, b"")
        return [arbx.Call(state.pool.address, signature, ("int256", "int256"), args)]

    async def _created(self, chain: arbx.ChainReader, first: int, block: int) -> list["_Found"]:
        logs = await chain.logs(
            topics=[POOL_CREATED],
            addresses=[self._settings.factory_on(chain.chain_id)],
            from_block=first,
            to_block=block,
        )
        return [_pool_created(log) for log in logs]

    async def _given(self, chain: arbx.ChainReader, block: int) -> list["_Found"]:
        pools = tuple(dict.fromkeys(self._settings.pools))
        calls = [
            arbx.Call(pool, name, ("address",))
            for pool in pools
            for name in ("token0()", "token1()")
        ]
        answers = await chain.call_many(calls, block=block)
        return [
            _Found(pool, (token0[0].lower(), token1[0].lower()))
            for pool, token0, token1 in zip(pools, answers[::2], answers[1::2], strict=True)
            if token0 is not None and token1 is not None
        ]


@attrs.frozen
class _Found:
    address: str
    tokens: tuple[str, str]


def _pool_created(log: arbx.Log) -> _Found:
    token0, token1, _, _, pool = arbx.event_words(log, "PoolCreated", topics=3, words=2)
    return _Found(_address(pool), (_address(token0), _address(token1)))


def _address(word: int) -> str:
    return f"0x{word % 2**160:040x}"
