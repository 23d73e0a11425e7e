"""Follow a V2 pool through the events of the Vault and of the pool itself."""

from collections.abc import Sequence
from typing import Final

import attrs

import arbx
from arbx_dex_balancer.states import StableState, WeightedState

__all__ = ["V2_TOPICS", "applied"]

SWAP: Final = bytes.fromhex("2170c741c41531aec20e7c107c24eecfdd15e69c9bb0a8dd37b1840b9e0b207b")
BALANCE_CHANGED: Final = bytes.fromhex(
    "e5ce249087ce04f05a957192435400fd97868dba0e6a4b4c049abf8af80dae78"
)
BALANCE_MANAGED: Final = bytes.fromhex(
    "6edcaf6241105b4c94c2efdbf3a6b12458eb3d07be3a0e81d24b13c44045fe7a"
)
FEE_CHANGED: Final = bytes.fromhex(
    "a9ba3ffe0b6c366b81232caab38605a0699ad5398d6cce76f91ee809e322dafc"
)
# Of these the full new state can't be told from the event.
PAUSED: Final = bytes.fromhex("9e3a5e37224532dea67b89face185703738a228a6e8a23dee546960180d3be64")
AMP_STARTED: Final = bytes.fromhex(
    "1835882ee7a34ac194f717a35e09bb1d24c82a3b9d854ab6c9749525b714cdf2"
)
AMP_STOPPED: Final = bytes.fromhex(
    "a0d01593e47e69d07e0ccd87bece09411e07dd1ed40ca8f2e7af2976542a0233"
)
RATE_UPDATED: Final = bytes.fromhex(
    "b77a83204ca282e08dc3a65b0a1ca32ea4e6875c38ef0bf5bf75e52a67354fac"
)
RATE_PROVIDER_SET: Final = bytes.fromhex(
    "dd6d1c9badb346de6925b358a472c937b41698d2632696759e43fd6527feeec4"
)
STALE: Final = frozenset({PAUSED, AMP_STARTED, AMP_STOPPED, RATE_UPDATED, RATE_PROVIDER_SET})
FROM_VAULT: Final = frozenset({SWAP, BALANCE_CHANGED, BALANCE_MANAGED})
V2_TOPICS: Final = STALE | FROM_VAULT | {FEE_CHANGED}

State = WeightedState | StableState


def applied(state: arbx.PoolState, log: arbx.Log, vault: str) -> arbx.PoolState:
    """
    Return the state after *log*; raise StaleState where only reading the pool again tells.

    A composable stable pool pays protocol fees by minting, so each swap changes what joins and exits count with.
    """
    topic = log.topics[0] if log.topics else b""
    if topic not in V2_TOPICS or not _concerns(state, log, vault, topic):
        return state
    known: State = state.state
    if topic in STALE:
        raise arbx.StaleState(f"pool {state.pool.address}: paused, amplification or rates changed")
    if topic == FEE_CHANGED:
        (fee_e18,) = arbx.event_words(log, "SwapFeePercentageChanged", topics=0, words=1)
        return arbx.PoolState(state.pool, log.block, attrs.evolve(known, swap_fee=fee_e18))
    if isinstance(known, StableState) and known.bpt_index is not None:
        raise arbx.StaleState(f"pool {state.pool.address}: its actual supply has changed")
    balances = tuple(
        balance + delta for balance, delta in zip(known.balances, _deltas(state, log), strict=True)
    )
    if min(balances) < 0:
        raise arbx.StaleState(f"pool {state.pool.address}: the event takes more than is there")
    return arbx.PoolState(state.pool, log.block, attrs.evolve(known, balances=balances))


def _concerns(state: arbx.PoolState, log: arbx.Log, vault: str, topic: bytes) -> bool:
    """Tell whether the event is of this pool: the Vault names it by id, the pool itself by sending it."""
    if topic not in FROM_VAULT:
        return log.address == state.pool.address
    if log.address != vault or len(log.topics) < 2:
        return False
    pool_id: str | None = state.state.pool_id
    return f"0x{log.topics[1].hex()}" == pool_id


def _deltas(state: arbx.PoolState, log: arbx.Log) -> Sequence[int]:
    topic = log.topics[0]
    if topic == SWAP:
        _, token_in, token_out, taken, paid = arbx.event_words(log, "Swap", topics=3, words=2)
        return _at(state, {token_in: taken, token_out: -paid})
    if topic == BALANCE_MANAGED:
        words = arbx.event_words(log, "PoolBalanceManaged", topics=3, words=2)
        return _at(state, {words[2]: _signed(words[3]) + _signed(words[4])})
    tokens, deltas, fees = _arrays(log, 3)
    if not len(tokens) == len(deltas) == len(fees):
        raise arbx.InvalidState("log.data", f"has arrays of different lengths ({_where(log)})")
    return _at(
        state,
        {t: _signed(delta) - fee for t, delta, fee in zip(tokens, deltas, fees, strict=True)},
    )


def _at(state: arbx.PoolState, changes: dict[int, int]) -> list[int]:
    positions = [int(token.address, 16) for token in state.pool.tokens]
    addresses = {token % 2**160: change for token, change in changes.items()}
    if not set(addresses) <= set(positions):
        raise arbx.InvalidState("log.topics", f"name a token that {state.pool.address} has not")
    return [addresses.get(position, 0) for position in positions]


def _arrays(log: arbx.Log, count: int) -> list[list[int]]:
    """Return the dynamic arrays of words that make up an event's data."""
    data = log.data
    words = [int.from_bytes(data[at : at + 32], "big") for at in range(0, len(data), 32)]
    found = []
    for head in words[:count]:
        start = head // 32
        length = words[start] if start < len(words) else len(words)
        if head % 32 or start + length >= len(words):
            raise arbx.InvalidState("log.data", f"is not {count} arrays ({_where(log)})")
        found.append(words[start + 1 : start + 1 + length])
    if len(found) != count:
        raise arbx.InvalidState("log.data", f"is not {count} arrays ({_where(log)})")
    return found


def _signed(word: int) -> int:
    return word - 2**256 if word >= 2**255 else word


def _where(log: arbx.Log) -> str:
    return f"{log.address} in block {log.block}, log {log.index}"
