"""Find Curve pools, read their full states at one block, and follow them by their events."""

from collections.abc import Mapping, Sequence

import attrs

import arbx
from arbx_dex_curve.calls import ng_plan, plain_plan
from arbx_dex_curve.cryptocalls import crypto_plan
from arbx_dex_curve.cryptomodel import parse_crypto
from arbx_dex_curve.discovery import Found, discover
from arbx_dex_curve.encoding import encode_swap
from arbx_dex_curve.events import TOKEN_EXCHANGE, after_exchange, topics
from arbx_dex_curve.generations import NG, PLAIN
from arbx_dex_curve.metacalls import meta_plan
from arbx_dex_curve.models import directed, parse_meta, parse_ng, parse_plain
from arbx_dex_curve.ramp import Clock
from arbx_dex_curve.settings import CurveSettings
from arbx_dex_curve.stableswap import StableState
from arbx_dex_curve.table import Answers, Plan, Unreadable

__all__ = ["CurveSource"]

_NOW = arbx.Call(
    "0xca11bde05977b3631167028862be2a173976ca11", "getCurrentBlockTimestamp()", ("uint256",)
)
_PARSERS = {
    "curve_stableswap": parse_plain,
    "curve_stableswap_ng": parse_ng,
    "curve_metapool": parse_meta,
    "curve_cryptoswap": parse_crypto,
}


class CurveSource:
    """
    Bring given pools and the pools of Curve's newer factories.

    ``skipped`` tells, by address, which pools were found and are not priced, and why: a generation without a
    formula here, or a state that its formula refuses. States are those that a swap in the next block meets: where A is
    being ramped, its A.
    """

    def __init__(self, settings: CurveSettings) -> None:
        self._settings = settings
        self._found: dict[str, Found] = {}
        self._skipped: dict[str, str] = {}

    @property
    def topics(self) -> frozenset[bytes]:
        """Return topic0 of every event that changes a pool."""
        return topics()

    @property
    def skipped(self) -> Mapping[str, str]:
        """Return why each pool that was found is not priced."""
        return dict(self._skipped)

    async def discover(self, chain: arbx.ChainReader, *, block: int) -> Sequence[arbx.Pool]:
        """Return the pools that exist at *block* and whose generation is supported."""
        found, skipped = await discover(chain, self._settings, block)
        self._found = {entry.pool.address: entry for entry in found}
        self._skipped = skipped
        return [entry.pool for entry in found]

    async def states(
        self, chain: arbx.ChainReader, pools: Sequence[arbx.Pool], *, block: int
    ) -> Sequence[arbx.PoolState]:
        """Return the full state at *block* of each pool that answers and can be priced."""
        missing = [pool for pool in pools if pool.address not in self._found]
        if missing:
            await self.discover(chain, block=block)
        wanted = [pool for pool in pools if pool.address in self._found]
        plans = [_plan(self._found[pool.address]) for pool in wanted]
        calls = [_NOW, *(call for plan in plans for call in plan.calls)]
        now, *answers = await chain.call_many(calls, block=block)
        clock = self._clock(chain, now)
        states, start = [], 0
        for pool, plan in zip(wanted, plans, strict=True):
            end = start + len(plan.calls)
            state = self._state(pool, plan, answers[start:end], block, clock)
            start = end
            if state is not None:
                states.append(state)
        return states

    def _clock(self, chain: arbx.ChainReader, now: tuple[int, ...] | None) -> Clock | None:
        if now is None:  # a block before Multicall3, or a chain without it
            return None
        lasts_s = self._settings.block_time_on(chain.chain_id)
        return Clock(now[0], None if lasts_s is None else now[0] + lasts_s)

    def _state(
        self, pool: arbx.Pool, plan: Plan, answers: Answers, block: int, clock: Clock | None
    ) -> arbx.PoolState | None:
        try:
            reading = plan.read(answers, clock)
            parsed = _PARSERS[pool.kind](arbx.Fields({"state": reading.state}))
        except (Unreadable, arbx.InvalidState) as error:
            self._skipped[pool.address] = str(error)
            return None
        self._skipped.pop(pool.address, None)
        return arbx.PoolState(pool, block, parsed, reading.fleeting)

    def apply(self, state: arbx.PoolState, log: arbx.Log) -> arbx.PoolState:
        """
        Return the state after a swap in a plain pool; raise StaleState for all else: the pool must be read again.

        Curve's other events give neither the full new balances nor, for CryptoSwap, D and the price scale. A fleeting
        state is of one block only, whatever the event tells.
        """
        if not log.topics or log.topics[0] not in self.topics or log.address != state.pool.address:
            return state
        told = log.topics[0] == TOKEN_EXCHANGE and isinstance(state.state, StableState)
        if state.fleeting or not told:
            raise arbx.StaleState(
                f"{log.address}: its event in block {log.block} tells a part only"
            )
        after = after_exchange(state.state, log)
        return attrs.evolve(state, block=log.block, state=after)

    def swap(
        self,
        state: arbx.PoolState,
        token_in: int,
        token_out: int,
        amount_in: int,
        amount_out: int,
        recipient: str,
    ) -> Sequence[arbx.Call]:
        """Encode approve and exchange, and the transfer to the recipient where exchange can't."""
        directions = directed(len(state.pool.tokens), token_in, token_out)
        return encode_swap(state, directions, (amount_in, amount_out), recipient)


def _plan(found: Found) -> Plan:
    pool, name = found.pool, found.generation
    decimals = [token.decimals or 0 for token in pool.tokens]
    if name in PLAIN:
        return plain_plan(pool.address, name, decimals)
    if name in NG:
        return ng_plan(pool.address, found.factory)
    if found.base is not None:
        return meta_plan(pool.address, name, found.level, found.base, decimals[0])
    return crypto_plan(pool.address, name, decimals)
