"""Call Balancer's V2 Vault: join, exit and swap, for pools of both families."""

from collections.abc import Sequence

import attrs
from eth_abi.abi import encode

from arbx.model import Call, Token

__all__ = ["BalancerPool", "approve", "exit_pool", "first_join", "join", "swap"]

_REQUEST = "(address[],uint256[],bytes,bool)"
_ANYTHING = 2**256 - 1
# WeightedPoolUserData and StablePoolUserData agree on the first two kinds of a join.
_INIT, _EXACT_TOKENS_IN = 0, 1
# The exit that gives all tokens in proportion: weighted pools call it 1, composable stable ones 2.
_PROPORTIONAL = {"balancer_weighted": 1, "balancer_stable": 2}


@attrs.frozen
class BalancerPool:
    """One pool of the Vault; *tokens* are as registered, so a composable stable pool's own is among them."""

    kind: str
    address: str
    pool_id: str
    tokens: tuple[Token, ...]
    weights_e18: tuple[int, ...] = ()
    amplification: int = 0

    @property
    def key(self) -> bytes:
        """Return the pool's id as the Vault takes it."""
        return bytes.fromhex(self.pool_id[2:])

    @property
    def own(self) -> int | None:
        """Return where the pool's own token is among its tokens."""
        places = [k for k, token in enumerate(self.tokens) if token.address == self.address]
        return places[0] if places else None

    @property
    def traded(self) -> tuple[Token, ...]:
        """Return the tokens without the pool's own."""
        return tuple(token for token in self.tokens if token.address != self.address)


def approve(token: str, spender: str, amount: int = _ANYTHING) -> Call:
    """Let the Vault, or a pool, take a token."""
    return Call(token, "approve(address,uint256)", (), (spender, amount))


def first_join(vault: str, pool: BalancerPool, holder: str, amounts: Sequence[int]) -> Call:
    """Fund a new pool; *amounts* are of the tokens without the pool's own."""
    registered = list(amounts)
    if pool.own is not None:
        registered.insert(pool.own, 0)
    return _join(vault, pool, holder, encode(["uint256", "uint256[]"], [_INIT, registered]))


def join(vault: str, pool: BalancerPool, holder: str, amounts: Sequence[int]) -> Call:
    """Add exact amounts of the tokens, without the pool's own."""
    data = encode(["uint256", "uint256[]", "uint256"], [_EXACT_TOKENS_IN, list(amounts), 0])
    return _join(vault, pool, holder, data)


def exit_pool(vault: str, pool: BalancerPool, holder: str, shares: int) -> Call:
    """Give shares back for all tokens in proportion."""
    data = encode(["uint256", "uint256"], [_PROPORTIONAL[pool.kind], shares])
    request = (_assets(pool), [0] * len(pool.tokens), data, False)
    signature = f"exitPool(bytes32,address,address,{_REQUEST})"
    return Call(vault, signature, (), (pool.key, holder, holder, request))


def swap(
    vault: str, pool: BalancerPool, tokens: tuple[int, int], amount_in: int, holder: str
) -> Call:
    """Swap an exact input between two of the registered tokens; the Vault answers what it pays."""
    sold, bought = (pool.tokens[k].address for k in tokens)
    single = (pool.key, 0, sold, bought, amount_in, b"")
    funds = (holder, False, holder, False)
    signature = (
        "swap((bytes32,uint8,address,address,uint256,bytes),"
        "(address,bool,address,bool),uint256,uint256)"
    )
    return Call(vault, signature, ("uint256",), (single, funds, 0, _ANYTHING))


def _join(vault: str, pool: BalancerPool, holder: str, data: bytes) -> Call:
    request = (_assets(pool), [_ANYTHING] * len(pool.tokens), data, False)
    signature = f"joinPool(bytes32,address,address,{_REQUEST})"
    return Call(vault, signature, (), (pool.key, holder, holder, request))


def _assets(pool: BalancerPool) -> list[str]:
    return [token.address for token in pool.tokens]
