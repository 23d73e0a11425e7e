"""Find the pools of Balancer's V2 Vault, read their full states, follow and swap with them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import arbx
from arbx_dex_balancer.events import V2_TOPICS, applied
from arbx_dex_balancer.identity import Identity, identify
from arbx_dex_balancer.listing import listed, pools_of
from arbx_dex_balancer.reading import read_states
from arbx_dex_balancer.settings import BalancerV2Settings
from arbx_dex_balancer.states import moving

__all__ = ["POOL_REGISTERED", "BalancerV2Source"]

POOL_REGISTERED: Final = bytes.fromhex(
    "3c13bc30b8e878c53fd2a36b679409c073afd75950be43d8858768e956fbc20e"
)
SWAP_SIGNATURE: Final = (
    "swap((bytes32,uint8,address,address,uint256,bytes),"
    "(address,bool,address,bool),uint256,uint256)"
)
GIVEN_IN: Final = 0
FOREVER: Final = 2**256 - 1


class BalancerV2Source:
    """Bring weighted and stable pools of the V2 Vault; *skipped* says why each other one is left out."""

    def __init__(self, settings: BalancerV2Settings) -> None:
        self._settings = settings
        self._known: dict[str, Identity] = {}
        self._skipped: dict[str, str] = {}

    @property
    def topics(self) -> frozenset[bytes]:
        """Return the Vault's swap and balance events, and what pools tell of fee, pause, amp and rates."""
        return frozenset(V2_TOPICS)

    @property
    def skipped(self) -> Mapping[str, str]:
        """Return by address why a pool that exists has no state here."""
        return MappingProxyType(self._skipped)

    async def discover(self, chain: arbx.ChainReader, *, block: int) -> Sequence[arbx.Pool]:
        """Return the supported pools that exist at *block*, in the order of their registration."""
        return await self.created(chain, since=0, block=block)

    async def created(
        self, chain: arbx.ChainReader, *, since: int, block: int
    ) -> Sequence[arbx.Pool]:
        """Return the supported pools registered since then; the older ones too where *max_pools* counts them."""
        addresses = await listed(chain, self._settings, POOL_REGISTERED, 2, block, since=since)
        found = await self._identified(chain, addresses, block)
        rows = ((one.address, one.kind, one.tokens) for one in found)
        return await pools_of(chain, self._settings, rows, block)

    async def states(
        self, chain: arbx.ChainReader, pools: Sequence[arbx.Pool], *, block: int
    ) -> Sequence[arbx.PoolState]:
        """Return the full state at *block* of each pool that can be traded with then."""
        new = [pool.address for pool in pools if pool.address not in self._known]
        await self._identified(chain, new, block)
        known = [pool for pool in pools if pool.address in self._known]
        identities = [self._known[pool.address] for pool in known]
        vault = self._settings.vault_address
        read = await read_states(chain, vault, known, identities, block)
        found = []
        for pool, state in zip(known, read, strict=True):
            if isinstance(state, str):
                self._skipped[pool.address] = state
            else:
                self._skipped.pop(pool.address, None)
                moves = moving(getattr(state, "rates", None))
                found.append(arbx.PoolState(pool, block, state, fleeting=moves))
        return found

    def apply(self, state: arbx.PoolState, log: arbx.Log) -> arbx.PoolState:
        """Return the state after *log*; raise StaleState where the pool must be read again."""
        return applied(state, log, self._settings.vault_address)

    def swap(
        self,
        state: arbx.PoolState,
        token_in: int,
        token_out: int,
        amount_in: int,
        amount_out: int,
        recipient: str,
    ) -> Sequence[arbx.Call]:
        """Encode approve and Vault.swap (SingleSwap, given in); the caller must be *recipient*."""
        pool, pool_id, vault = state.pool, state.state.pool_id, self._settings.vault_address
        if pool_id is None:
            raise arbx.InvalidState(
                "state.pool_id", f"is missing: pool {pool.address} came from a record without it"
            )
        taken, paid = pool.tokens[token_in].address, pool.tokens[token_out].address
        single: tuple[Any, ...] = (
            bytes.fromhex(pool_id[2:]), GIVEN_IN, taken, paid, amount_in, b"",
        )  # fmt: skip
        funds = (recipient, False, recipient, False)
        return [
            arbx.Call(taken, "approve(address,uint256)", (), (vault, amount_in)),
            arbx.Call(vault, SWAP_SIGNATURE, ("uint256",), (single, funds, amount_out, FOREVER)),
        ]

    async def _identified(
        self, chain: arbx.ChainReader, addresses: Sequence[str], block: int
    ) -> list[Identity]:
        settings = self._settings
        factories = settings.factories_on(chain.chain_id)
        answers = await identify(chain, settings.vault_address, factories, addresses, block)
        for address, answer in zip(addresses, answers, strict=True):
            if isinstance(answer, str):
                self._skipped[address] = answer
            else:
                self._known[address] = answer
                self._skipped.pop(address, None)
        return [self._known[address] for address in addresses if address in self._known]
