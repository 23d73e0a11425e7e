"""Find the pools of Balancer's V3 Vault, read their full states, and swap with them."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import arbx
from arbx_dex_balancer.generations import GENERATIONS, named_by_version
from arbx_dex_balancer.listing import listed, pools_of
from arbx_dex_balancer.parsing import parse_v3
from arbx_dex_balancer.settings import BalancerV3Settings
from arbx_dex_balancer.states import V3State, moving

__all__ = ["V3_POOL_REGISTERED", "V3_TOPICS", "BalancerV3Source"]

V3_POOL_REGISTERED: Final = bytes.fromhex(
    "bc1561eeab9f40962e2fb827a7ff9c7cdb47a9d7c84caeefa4ed90e043842dad"
)
# Swap, LiquidityAdded, LiquidityRemoved, SwapFeePercentageChanged and PoolPausedStateChanged of the Vault;
# AmpUpdateStarted and AmpUpdateStopped of the pool.
V3_TOPICS: Final = frozenset(
    bytes.fromhex(topic)
    for topic in (
        "0874b2d545cb271cdbda4e093020c452328b24af12382ed62c4d00f5c26709db",
        "a26a52d8d53702bba7f137907b8e1f99ff87f6d450144270ca25e72481cca871",
        "fbe5b0d79fb94f1e81c0a92bf86ae9d3a19e9d1bf6202c0d3e75120f65d5d8a5",
        "89d41522342fabac1471ca6073a5623e5caf367b03ca6e9a001478d0cf8be4a1",
        "57e20448028297190122571be7cb6c1b1ef85730c673f7c72f533c8662419aa7",
        "1835882ee7a34ac194f717a35e09bb1d24c82a3b9d854ab6c9749525b714cdf2",
        "a0d01593e47e69d07e0ccd87bece09411e07dd1ed40ca8f2e7af2976542a0233",
    )
)
HOOKS: Final = f"({'bool,' * 10}address)"
INFO: Final = ("address[]", "(uint8,address,bool)[]", "uint256[]", "uint256[]")
SWAP_SIGNATURE: Final = (
    "swapSingleTokenExactIn(address,address,address,uint256,uint256,uint256,bool,bytes)"
)
FOREVER: Final = 2**256 - 1
PERMIT_EXPIRES: Final = 2**48 - 1

Row = Sequence[tuple[Any, ...] | None]


class BalancerV3Source:
    """Bring weighted and stable pools of the V3 Vault; *skipped* says why each other one is left out."""

    def __init__(self, settings: BalancerV3Settings) -> None:
        self._settings = settings
        self._skipped: dict[str, str] = {}

    @property
    def topics(self) -> frozenset[bytes]:
        """Return the events after which a pool must be read again."""
        return V3_TOPICS

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
        addresses = await listed(chain, self._settings, V3_POOL_REGISTERED, 1, block, since=since)
        asked = [
            call
            for address in addresses
            for call in (
                arbx.Call(address, "version()", ("string",)),
                arbx.Call(self._vault, "getPoolTokenInfo(address)", INFO, (address,)),
                arbx.Call(self._vault, "getHooksConfig(address)", (HOOKS,), (address,)),
            )
        ]
        answers = await chain.call_many(asked, block=block)
        held: dict[str, list[str]] = {}
        for address, row in zip(addresses, _rows(answers, 3), strict=True):
            reason = _refusal(row)
            if reason is not None:
                self._skipped[address] = reason
            elif row[1] is not None:
                held[address] = [token.lower() for token in row[1][0]]
        rows = ((address, "balancer_v3", tokens) for address, tokens in held.items())
        return await pools_of(chain, self._settings, rows, block)

    async def states(
        self, chain: arbx.ChainReader, pools: Sequence[arbx.Pool], *, block: int
    ) -> Sequence[arbx.PoolState]:
        """Return the full state at *block* of each pool that can be traded with then."""
        asked = [call for pool in pools for call in self._questions(pool.address)]
        answers = await chain.call_many(asked, block=block)
        found = []
        for pool, row in zip(pools, _rows(answers, 8), strict=True):
            state = _state(row)
            if isinstance(state, str):
                self._skipped[pool.address] = state
            else:
                self._skipped.pop(pool.address, None)
                moves = moving(state.rates)
                found.append(arbx.PoolState(pool, block, state, fleeting=moves))
        return found

    def apply(self, state: arbx.PoolState, log: arbx.Log) -> arbx.PoolState:
        """
        Raise StaleState for an event of this pool: fees leave its balances by amounts no event tells.

        The Vault rounds the live balances after each swap too; only a read gives them exactly.
        """
        if not log.topics or log.topics[0] not in V3_TOPICS:
            return state
        named = log.address
        if log.address == self._vault:
            named = f"0x{log.topics[1][12:].hex()}" if len(log.topics) > 1 else ""
        if named != state.pool.address:
            return state
        raise arbx.StaleState(
            f"pool {state.pool.address}: its balances, fee or rates have changed"
        )

    def swap(
        self,
        state: arbx.PoolState,
        token_in: int,
        token_out: int,
        amount_in: int,
        amount_out: int,
        recipient: str,
    ) -> Sequence[arbx.Call]:
        """Encode approvals through Permit2 and the router's exact-in swap, which pays the caller."""
        pool = state.pool
        router, permit2 = self._settings.router_on(pool.chain_id), self._settings.permit2_address
        taken, paid = pool.tokens[token_in].address, pool.tokens[token_out].address
        single = (pool.address, taken, paid, amount_in, amount_out, FOREVER, False, b"")
        permit = (taken, router, amount_in, PERMIT_EXPIRES)
        return [
            arbx.Call(taken, "approve(address,uint256)", (), (permit2, amount_in)),
            arbx.Call(permit2, "approve(address,address,uint160,uint48)", (), permit),
            arbx.Call(router, SWAP_SIGNATURE, ("uint256",), single),
        ]

    @property
    def _vault(self) -> str:
        return self._settings.vault_address

    def _questions(self, pool: str) -> Iterator[arbx.Call]:
        yield arbx.Call(pool, "version()", ("string",))
        yield arbx.Call(self._vault, "getPoolTokenInfo(address)", INFO, (pool,))
        yield arbx.Call(
            self._vault, "getPoolTokenRates(address)", ("uint256[]", "uint256[]"), (pool,)
        )
        yield arbx.Call(self._vault, "getCurrentLiveBalances(address)", ("uint256[]",), (pool,))
        yield arbx.Call(self._vault, "getStaticSwapFeePercentage(address)", ("uint256",), (pool,))
        yield arbx.Call(self._vault, "isPoolPaused(address)", ("bool",), (pool,))
        yield arbx.Call(pool, "getNormalizedWeights()", ("uint256[]",))
        yield arbx.Call(pool, "getAmplificationParameter()", ("uint256", "bool", "uint256"))


def _rows(answers: Sequence[tuple[Any, ...] | None], width: int) -> list[Row]:
    return [answers[at : at + width] for at in range(0, len(answers), width)]


def _refusal(row: Row) -> str | None:
    """Return why a pool is not supported, from its version, its tokens and its hooks."""
    version, info, hooks = row
    if info is None or hooks is None:
        return "is not registered with the Vault"
    if version is None:
        return "tells no version"
    try:
        name = named_by_version(str(version[0]), vault=3)
    except arbx.InvalidState as error:
        return str(error)
    if name not in GENERATIONS:
        return f"is of the generation {name!r}, which is not supported"
    # enableHookAdjustedAmounts, then shouldCall…: ComputeDynamicSwapFee, BeforeSwap, AfterSwap
    flags = hooks[0]
    if flags[0] or flags[3] or flags[4] or flags[5]:
        return "has hooks that change its swaps"
    return None


def _state(row: Row) -> V3State | str:
    *answers, weights, amp = row
    told = [answer for answer in answers if answer is not None]
    if len(told) < len(answers):
        return "answers not all that a state needs"
    (version,), (_, _, balances, _), (factors, rates), (live,), (fee,), (paused,) = told
    if paused:
        return "is paused"
    if amp is not None and amp[1]:
        return "changes its amplification from block to block"
    fields: dict[str, Any] = {
        "balances": list(balances),
        "balances_live_scaled18": list(live),
        "scaling_factors": list(factors),
        "rates": list(rates),
        "swap_fee": fee,
    }
    if weights is not None:
        fields["weights"] = list(weights[0])
    elif amp is not None:
        fields |= {"amp": amp[0], "amp_precision": amp[2]}
    try:
        name = named_by_version(str(version), vault=3)
        return parse_v3(arbx.Fields({"state": {**fields, "pool": name}}))
    except arbx.InvalidState as error:
        return str(error)
