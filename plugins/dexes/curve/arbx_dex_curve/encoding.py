"""Encode swaps: each generation has its own exchange."""

from typing import Any

import arbx

__all__ = ["encode_swap"]

_INT = "int128,int128,uint256,uint256"
_UINT = "uint256,uint256,uint256,uint256"


def encode_swap(
    state: arbx.PoolState,
    directions: tuple[int, int],
    amounts: tuple[int, int],
    recipient: str,
) -> list[arbx.Call]:
    """
    Return approve, exchange and, where exchange pays its caller only, the transfer to the recipient.

    The amount out is the least that exchange may pay: it reverts below.
    """
    (token_in, token_out), (amount_in, amount_out) = directions, amounts
    pool = state.pool
    spent, bought = pool.tokens[token_in].address, pool.tokens[token_out].address
    approve = arbx.Call(spent, "approve(address,uint256)", (), (pool.address, amount_in))
    signature, tail = _exchange(state, recipient)
    exchange = arbx.Call(pool.address, signature, (), (*directions, *amounts, *tail))
    if tail:
        return [approve, exchange]
    send = arbx.Call(bought, "transfer(address,uint256)", (), (recipient, amount_out))
    return [approve, exchange, send]


def _exchange(state: arbx.PoolState, recipient: str) -> tuple[str, tuple[str | bool, ...]]:
    """Return the signature of exchange, and its arguments after the amounts."""
    kind, known = state.pool.kind, state.state
    if kind == "curve_cryptoswap":
        three = len(known.balances) == 3
        return _with_receiver(
            f"{_UINT},bool" if three else _UINT, (False,) if three else (), recipient
        )
    underlying = kind == "curve_metapool" and known.base is not None
    name = "exchange_underlying" if underlying else "exchange"
    if _takes_receiver(kind, known):
        return f"{name}({_INT},address)", (recipient,)
    return f"{name}({_INT})", ()


def _with_receiver(
    types: str, tail: tuple[bool, ...], recipient: str
) -> tuple[str, tuple[str | bool, ...]]:
    return f"exchange({types},address)", (*tail, recipient)


def _takes_receiver(kind: str, known: Any) -> bool:
    # Factory pools and NG take a receiver; 3pool, sUSD, the template and the classic metapools pay their caller.
    if kind == "curve_metapool":
        return known.cache is None
    return kind == "curve_stableswap_ng" or known.generation.name.startswith("Plain")
