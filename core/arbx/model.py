"""The frozen nouns of the straight line, from token to opportunity."""

from collections.abc import Iterator
from typing import Any

import attrs

from arbx.kernel.types import Optimum
from arbx.public import public

__all__ = ["Call", "Cycle", "Hop", "Log", "Opportunity", "Pool", "PoolState", "Token"]


def _address(_: Any, attribute: "attrs.Attribute[str]", value: str) -> None:
    digits = value[2:]
    if (
        value[:2] != "0x"
        or len(digits) not in (40, 64)
        or not set(digits) <= set("0123456789abcdef")
    ):
        raise ValueError(
            f"{attribute.name}: {value!r} is not a lower-case 0x address of 20 bytes (or a pool id of 32)"
        )


@public
@attrs.frozen
class Token:
    """A token by address; symbol and decimals are for people only."""

    address: str = attrs.field(validator=_address)
    symbol: str | None = None
    decimals: int | None = None

    def __str__(self) -> str:
        return self.symbol or f"{self.address[:6]}…{self.address[-4:]}"


@public
@attrs.frozen
class Pool:
    """A pool forever: where it is, which curve prices it, its tokens in the contract's order."""

    chain_id: int
    kind: str
    address: str = attrs.field(validator=_address)
    tokens: tuple[Token, ...] = attrs.field()
    dex: str | None = None

    @tokens.validator
    def _distinct(self, _: Any, tokens: tuple[Token, ...]) -> None:
        if len(tokens) < 2 or len({token.address for token in tokens}) != len(tokens):
            raise ValueError("tokens: a pool has at least two tokens, all different")


@public
@attrs.frozen
class PoolState:
    """
    A pool at one block; *state* is the curve model's own frozen value.

    *fleeting* says that more than the pool's own events changes it (the passing of time, another contract's rate):
    whoever follows the chain reads it again at every block.
    """

    pool: Pool
    block: int | None
    state: Any
    fleeting: bool = False


@public
@attrs.frozen
class Log:
    """One event of one contract, as the chain recorded it."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    block: int
    index: int


@public
@attrs.frozen
class Call:
    """
    One contract call: ``Call(pair, "getReserves()", ("uint112", "uint112", "uint32"))``.

    *signature* gives name and argument types, *returns* the types of the answer, *value_wei* what is sent along.
    """

    target: str
    signature: str
    returns: tuple[str, ...] = ()
    args: tuple[Any, ...] = ()
    value_wei: int = 0


@public
@attrs.frozen
class Hop:
    """One direction of one pool; the tokens are indices into ``pool.tokens``."""

    pool: Pool
    token_in: int
    token_out: int


@public
@attrs.frozen
class Cycle:
    """Hops that end in the token they start with and use no pool twice."""

    hops: tuple[Hop, ...] = attrs.field()

    @hops.validator
    def _closed(self, _: Any, hops: tuple[Hop, ...]) -> None:
        if len(hops) < 2:
            raise ValueError("a cycle has at least two hops")
        for hop, following in zip(hops, (*hops[1:], hops[0]), strict=True):
            paid, taken = hop.pool.tokens[hop.token_out], following.pool.tokens[following.token_in]
            if paid.address != taken.address:
                raise ValueError("hops do not close a cycle")
        if len({hop.pool.address for hop in hops}) != len(hops):
            raise ValueError("a cycle uses no pool twice")

    @property
    def token(self) -> Token:
        """Return the token that the cycle starts and ends with."""
        return self.hops[0].pool.tokens[self.hops[0].token_in]


@public
@attrs.frozen
class Opportunity:
    """A cycle with its optimum."""

    cycle: Cycle
    optimum: Optimum

    @property
    def gross_profit(self) -> int:
        """Return what the last hop pays minus the input, before gas, in units of the cycle's token."""
        return self.optimum.profit

    def legs(self) -> Iterator[tuple[Hop, int, int]]:
        """Yield each hop with what it takes and what it pays."""
        amount_in = self.optimum.amount_in
        for hop, amount_out in zip(self.cycle.hops, self.optimum.amounts, strict=True):
            yield hop, amount_in, amount_out
            amount_in = amount_out

    def as_json(self) -> dict[str, Any]:
        """Return the opportunity in the format of ``arbx find --json``: integers as decimal strings."""
        best = self.optimum
        bound, gap = best.upper_bound, best.gap
        return {
            "cycle": [
                {
                    "pool": hop.pool.address,
                    "kind": hop.pool.kind,
                    "token_in": hop.pool.tokens[hop.token_in].address,
                    "token_out": hop.pool.tokens[hop.token_out].address,
                    "amount_in": str(amount_in),
                    "amount_out": str(amount_out),
                }
                for hop, amount_in, amount_out in self.legs()
            ],
            "amount_in": str(best.amount_in),
            "profit": str(best.profit),
            "upper_bound": None if bound is None else str(bound),
            "gap": None if gap is None else str(gap),
        }
