"""The kit's own honest pool source, on a chain that answers from a table."""

from collections.abc import Sequence

import attrs

from arbx.errors import InvalidState
from arbx.model import Call, Log, Pool, PoolState, Token
from arbx.onchain import event_words
from arbx.protocols import ChainReader
from arbx.testing.fake_chain import FakeChain
from arbx.testing.recording import Recording
from arbx.testing.reference import MODEL, ProductState

__all__ = ["FEE_CHANGED", "SYNC", "ReferenceSource", "make_chain", "make_recordings"]

SYNC, FEE_CHANGED = b"\x01" * 32, b"\x02" * 32  # stand-ins for keccak256 of the event signatures
_FACTORY = "0x" + "fa" * 20
_POOLS = ("0x" + "a1" * 20, "0x" + "a2" * 20)
_TOKENS = (Token("0x" + "01" * 20, "ONE", 18), Token("0x" + "02" * 20, "TWO", 6))
_BLOCK = 100


class ReferenceSource:
    """
    Find constant-product pools through a factory and follow Sync and FeeChanged.

    What a saboteur bends is in methods of their own: *found*, *read* and *encoded*.
    """

    @property
    def topics(self) -> frozenset[bytes]:
        """Return the events that change a state."""
        return frozenset({SYNC, FEE_CHANGED})

    async def discover(self, chain: ChainReader, *, block: int) -> Sequence[Pool]:
        """Return the pools that the factory knows."""
        (answer,) = await chain.call_many([Call(_FACTORY, "pools()", ("address[]",))], block=block)
        addresses = () if answer is None else answer[0]
        return self.found(
            [Pool(chain.chain_id, MODEL.kind, address, _TOKENS) for address in addresses]
        )

    def found(self, pools: list[Pool]) -> list[Pool]:
        """Return the pools to report."""
        return pools

    async def states(
        self, chain: ChainReader, pools: Sequence[Pool], *, block: int
    ) -> Sequence[PoolState]:
        """Return reserves and fee of each pool that answers."""
        calls = [Call(pool.address, "state()", ("uint256",) * 4) for pool in pools]
        answers = await chain.call_many(calls, block=block)
        return self.read(
            [
                PoolState(pool, block, ProductState(*answer))
                for pool, answer in zip(pools, answers, strict=True)
                if answer is not None
            ]
        )

    def read(self, states: list[PoolState]) -> list[PoolState]:
        """Return the states to report."""
        return states

    def apply(self, state: PoolState, log: Log) -> PoolState:
        """Return the state with the new reserves, or with the new fee."""
        if log.address != state.pool.address:
            raise InvalidState("log.address", f"is {log.address}, not {state.pool.address}")
        if log.topics[0] == SYNC:
            reserve0, reserve1 = event_words(log, "Sync", topics=0, words=2)
            changed = attrs.evolve(state.state, reserve0=reserve0, reserve1=reserve1)
        elif log.topics[0] == FEE_CHANGED:
            (fee_num,) = event_words(log, "FeeChanged", topics=0, words=1)
            changed = attrs.evolve(state.state, fee_num=fee_num)
        else:
            return state
        return PoolState(state.pool, log.block, changed)

    def swap(
        self,
        state: PoolState,
        token_in: int,
        token_out: int,
        amount_in: int,
        amount_out: int,
        recipient: str,
    ) -> Sequence[Call]:
        """Encode one call of the pool."""
        amounts = (amount_out, 0) if token_out == 0 else (0, amount_out)
        return [self.encoded(state.pool.address, amounts, recipient)]

    def encoded(self, pool: str, amounts: tuple[int, int], recipient: str) -> Call:
        """Return the call that pays *amounts* out of the pool."""
        return Call(pool, "swap(uint256,uint256,address)", (), (*amounts, recipient))


def make_chain() -> FakeChain:
    """Return a chain with a factory and two pools."""
    return FakeChain(
        {
            (_FACTORY, "pools()"): (_POOLS,),
            (_POOLS[0], "state()"): (10**24, 2 * 10**12, 997, 1000),
            (_POOLS[1], "state()"): (10**20, 10**8, 999, 1000),
        },
        block=_BLOCK,
    )


def make_recordings() -> list[Recording]:
    """Return a pool that is synced, and one whose fee is changed and changed back."""
    pools = [Pool(1, MODEL.kind, address, _TOKENS) for address in _POOLS]
    synced = ProductState(10**24, 2 * 10**12, 997, 1000)
    steady = ProductState(10**20, 10**8, 999, 1000)
    moved = attrs.evolve(synced, reserve0=2 * 10**24, reserve1=10**12)
    return [
        Recording(
            PoolState(pools[0], _BLOCK, synced),
            (_log(pools[0], SYNC, 3 * 10**24, 1), _log(pools[0], SYNC, 2 * 10**24, 10**12)),
            PoolState(pools[0], _BLOCK + 1, moved),
        ),
        Recording(
            PoolState(pools[1], _BLOCK, steady),
            (_log(pools[1], FEE_CHANGED, 990), _log(pools[1], FEE_CHANGED, 999)),
            PoolState(pools[1], _BLOCK + 1, steady),
        ),
    ]


def _log(pool: Pool, topic: bytes, *words: int) -> Log:
    data = b"".join(word.to_bytes(32, "big") for word in words)
    return Log(pool.address, (topic,), data, _BLOCK + 1, 0)
