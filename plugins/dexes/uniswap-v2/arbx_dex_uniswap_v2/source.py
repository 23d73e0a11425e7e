"""Find pairs, read their reserves, and follow them by Sync events."""

from collections.abc import Sequence

import attrs

import arbx
from arbx_dex_uniswap_v2.settings import UniswapV2Settings
from arbx_dex_uniswap_v2.state import PairState

__all__ = ["PAIR_CREATED", "SYNC", "UniswapV2Source"]

SYNC = bytes.fromhex("1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1")
PAIR_CREATED = bytes.fromhex("0d3648bd0f6ba80134a33ba9275ac585d9d315f0ad8355cddefde31afa28d0e9")

_PAGE = 1_000  # pairs asked for in one call_many; the chain cuts further where its node wants it


class UniswapV2Source:
    """Bring the pairs of one factory, or some given ones; every state change ends in a Sync."""

    def __init__(self, settings: UniswapV2Settings) -> None:
        self._settings = settings

    @property
    def topics(self) -> frozenset[bytes]:
        """Return Sync's topic: UniswapV2Pair._update emits it last in mint, burn, swap, skim and sync."""
        return frozenset({SYNC})

    async def discover(self, chain: arbx.ChainReader, *, block: int) -> Sequence[arbx.Pool]:
        """Return the pairs that exist at *block*, oldest first."""
        settings = self._settings
        if settings.mode == "events":
            found = await self._created(chain, settings.from_block, block)
        elif settings.mode == "all_pairs":
            found = await self._with_tokens(chain, await self._all_pairs(chain, block), block)
        else:
            found = await self._with_tokens(chain, tuple(dict.fromkeys(settings.pools)), block)
        return await self._pools(chain, found[: settings.max_pools], block)

    async def created(
        self, chain: arbx.ChainReader, *, since: int, block: int
    ) -> Sequence[arbx.Pool]:
        """Return the pairs created since then; all where only a whole look tells which are wanted."""
        settings = self._settings
        if settings.mode != "events" or settings.max_pools is not None:
            return await self.discover(chain, block=block)
        found = await self._created(chain, max(since, settings.from_block), block)
        return await self._pools(chain, found, block)

    async def states(
        self, chain: arbx.ChainReader, pools: Sequence[arbx.Pool], *, block: int
    ) -> Sequence[arbx.PoolState]:
        """Return the reserves at *block* of each pair that answers."""
        calls = [
            arbx.Call(pool.address, "getReserves()", ("uint112", "uint112", "uint32"))
            for pool in pools
        ]
        answers = await chain.call_many(calls, block=block)
        fee_num, fee_den = self._settings.fee
        return [
            arbx.PoolState(pool, block, PairState(answer[0], answer[1], fee_num, fee_den))
            for pool, answer in zip(pools, answers, strict=True)
            if answer is not None
        ]

    def apply(self, state: arbx.PoolState, log: arbx.Log) -> arbx.PoolState:
        """Return the state after a Sync, which carries both reserves; another event changes nothing."""
        if log.address != state.pool.address:
            raise arbx.InvalidState("log.address", f"is {log.address}, not {state.pool.address}")
        if not log.topics or log.topics[0] != SYNC:
            return state
        reserve0, reserve1 = arbx.event_words(log, "Sync", topics=0, words=2)
        reserves = attrs.evolve(state.state, reserve0=reserve0, reserve1=reserve1)
        return arbx.PoolState(state.pool, log.block, reserves)

    def swap(
        self,
        state: arbx.PoolState,
        token_in: int,
        token_out: int,
        amount_in: int,
        amount_out: int,
        recipient: str,
    ) -> Sequence[arbx.Call]:
        """Encode UniswapV2Pair.swap; *amount_in* must be in the pair before, without a callback."""
        if {token_in, token_out} != {0, 1}:
            raise arbx.InvalidAmount(f"a pair can't swap token {token_in} for token {token_out}")
        paid = (amount_out, 0) if token_out == 0 else (0, amount_out)
        signature = "swap(uint256,uint256,address,bytes)"
        return [arbx.Call(state.pool.address, signature, (), (*paid, recipient, b""))]

    async def _created(self, chain: arbx.ChainReader, first: int, block: int) -> list["_Pair"]:
        logs = await chain.logs(
            topics=[PAIR_CREATED],
            addresses=[self._settings.factory_on(chain.chain_id)],
            from_block=first,
            to_block=block,
        )
        return [_pair_created(log) for log in logs]

    async def _all_pairs(self, chain: arbx.ChainReader, block: int) -> list[str]:
        factory = self._settings.factory_on(chain.chain_id)
        asked = [arbx.Call(factory, "allPairsLength()", ("uint256",))]
        (answer,) = await chain.call_many(asked, block=block)
        if answer is None:
            raise arbx.ConfigError(
                f"factory {factory} has no allPairsLength(): is it a V2 factory?"
            )
        count = min(answer[0], self._settings.max_pools or answer[0])
        pairs: list[str] = []
        for start in range(0, count, _PAGE):
            page = [
                arbx.Call(factory, "allPairs(uint256)", ("address",), (number,))
                for number in range(start, min(start + _PAGE, count))
            ]
            answers = await chain.call_many(page, block=block)
            pairs += [answer[0].lower() for answer in answers if answer is not None]
        return pairs

    async def _with_tokens(
        self, chain: arbx.ChainReader, pairs: Sequence[str], block: int
    ) -> list["_Pair"]:
        calls = [
            arbx.Call(pair, name, ("address",))
            for pair in pairs
            for name in ("token0()", "token1()")
        ]
        answers = await chain.call_many(calls, block=block)
        return [
            _Pair(pair, token0[0].lower(), token1[0].lower())
            for pair, token0, token1 in zip(pairs, answers[::2], answers[1::2], strict=True)
            if token0 is not None and token1 is not None
        ]

    async def _pools(
        self, chain: arbx.ChainReader, pairs: Sequence["_Pair"], block: int
    ) -> list[arbx.Pool]:
        addresses = {token for pair in pairs for token in (pair.token0, pair.token1)}
        tokens = await arbx.read_tokens(chain, addresses, block=block)
        kind, dex = self._settings.curve_kind, self._settings.dex or self._settings.preset
        return [
            arbx.Pool(
                chain.chain_id, kind, pair.address, (tokens[pair.token0], tokens[pair.token1]), dex
            )
            for pair in pairs
        ]


@attrs.frozen
class _Pair:
    address: str
    token0: str
    token1: str


def _pair_created(log: arbx.Log) -> _Pair:
    token0, token1, pair, _ = arbx.event_words(log, "PairCreated", topics=2, words=2)
    return _Pair(*(f"0x{word % 2**160:040x}" for word in (pair, token0, token1)))
