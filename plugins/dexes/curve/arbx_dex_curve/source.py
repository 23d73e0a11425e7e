"""Find Curve pools, read their full states at one block, and follow them by their events."""

from collections.abc import Mapping, Sequence

import attrs

import arbx
from arbx_dex_curve.calls import Plan, crypto_plan, meta_plan, ng_plan, plain_plan
from arbx_dex_curve.cryptomodel import parse_crypto
from arbx_dex_curve.discovery import Found, discover
from arbx_dex_curve.encoding import encode_swap
from arbx_dex_curve.events import TOKEN_EXCHANGE, after_exchange, topics
from arbx_dex_curve.generations import NG, PLAIN
from arbx_dex_curve.models import directed, parse_meta, parse_ng, parse_plain
from arbx_dex_curve.settings import CurveSettings
from arbx_dex_curve.stableswap import StableState

__all__ = ["CurveSource"]

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
    formula here, or a state that its formula refuses.
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
        answers = await chain.call_many([c for plan in plans for c in plan.calls], block=block)
        states, start = [], 0
        for pool, plan in zip(wanted, plans, strict=True):
            end = start + len(plan.calls)
            state = self._state(pool, plan, answers[start:end], block)
            start = end
            if state is not None:
                states.append(state)
        return states

    def _state(
        self, pool: arbx.Pool, plan: Plan, answers: Sequence[tuple[object, ...] | None], block: int
    ) -> arbx.PoolState | None:
        state = plan.state(answers)
        if state is None:
            self._skipped[pool.address] = "does not answer as its generation does"
            return None
        try:
            parsed = _PARSERS[pool.kind](arbx.Fields({"state": state}))
        except arbx.InvalidState as error:
            self._skipped[pool.address] = str(error)
            return None
        return arbx.PoolState(pool, block, parsed)

    def apply(self, state: arbx.PoolState, log: arbx.Log) -> arbx.PoolState:
        """
        Return the state after a swap in a plain pool; raise StaleState for all else: the pool must be read again.

        Curve's other events give neither the full new balances nor, for CryptoSwap, D and the price scale.
        """
        if not log.topics or log.topics[0] not in self.topics or log.address != state.pool.address:
            return state
        if log.topics[0] != TOKEN_EXCHANGE or not isinstance(state.state, StableState):
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
        return plain_plan(pool.address, name, PLAIN[name].a_precision, decimals)
    if name in NG:
        return ng_plan(pool.address, found.factory)
    if found.base is not None:
        digits = decimals if found.level == "underlying" else [decimals[0], *found.base_decimals]
        return meta_plan(pool.address, name, found.level, found.base, found.lp_token, digits)
    return crypto_plan(pool.address, name, decimals)
