"""The hop graph: every pool is a hop between every ordered pair of its tokens; all are numbered."""

from collections.abc import Iterable
from itertools import permutations

import numpy as np
import numpy.typing as npt

from arbx.model import Hop, Pool

__all__ = ["HopGraph", "Ints"]

Ints = npt.NDArray[np.int32]


class HopGraph:
    """
    Number tokens, pools and directed hops; numbers never change and are never given twice.

    The hops of one pool are consecutive, in the order (0, 1), (0, 2) … (1, 0) …. A pool that comes back with the
    same tokens keeps its number.
    """

    def __init__(self) -> None:
        self.pools: list[Pool] = []
        self.token_in: Ints = np.empty(0, np.int32)
        self.token_out: Ints = np.empty(0, np.int32)
        self.pool_of: Ints = np.empty(0, np.int32)
        self._ends: list[tuple[int, int]] = []
        self._first_hop: list[int] = []
        self._tokens: dict[str, int] = {}
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def tokens(self) -> int:
        """Return how many tokens have a number."""
        return len(self._tokens)

    def token(self, address: str) -> int:
        """Return the number of a token, a new one when it is seen first."""
        return self._tokens.setdefault(address, len(self._tokens))

    def known(self, address: str) -> int | None:
        """Return the number of a token that has one."""
        return self._tokens.get(address)

    def number(self, pool: Pool) -> int | None:
        """Return the number under which exactly this pool, with these tokens, is in the graph."""
        number = self._numbers.get(pool.address)
        return number if number is not None and same_tokens(self.pools[number], pool) else None

    def add(self, pools: Iterable[Pool]) -> list[int]:
        """Add pools that have no number yet; return the numbers they got."""
        added, token_in, token_out, pool_of = [], [], [], []
        for pool in pools:
            number = len(self.pools)
            self.pools.append(pool)
            self._numbers[pool.address] = number
            self._first_hop.append(len(self._ends))
            tokens = [self.token(token.address) for token in pool.tokens]
            ends = list(permutations(range(len(tokens)), 2))
            self._ends += ends
            token_in += [tokens[i] for i, _ in ends]
            token_out += [tokens[j] for _, j in ends]
            pool_of += [number] * len(ends)
            added.append(number)
        self.token_in = _joined(self.token_in, token_in)
        self.token_out = _joined(self.token_out, token_out)
        self.pool_of = _joined(self.pool_of, pool_of)
        return added

    def hops_of(self, number: int) -> range:
        """Return the numbers of a pool's hops."""
        n = len(self.pools[number].tokens)
        first = self._first_hop[number]
        return range(first, first + n * (n - 1))

    def ends(self, hop: int) -> tuple[int, int, int]:
        """Return the pool's number and the indices of the tokens that a hop takes and pays."""
        token_in, token_out = self._ends[hop]
        return int(self.pool_of[hop]), token_in, token_out

    def reverse(self, hop: int) -> int:
        """Return the hop of the same pool the other way round."""
        number, token_in, token_out = self.ends(hop)
        return next(h for h in self.hops_of(number) if self._ends[h] == (token_out, token_in))

    def hop(self, hop: int) -> Hop:
        """Return a hop by its number."""
        number, token_in, token_out = self.ends(hop)
        return Hop(self.pools[number], token_in, token_out)


def same_tokens(one: Pool, other: Pool) -> bool:
    """Tell whether two descriptions of a pool hold the same tokens in the same order."""
    return [token.address for token in one.tokens] == [token.address for token in other.tokens]


def _joined(array: Ints, more: list[int]) -> Ints:
    return np.concatenate([array, np.array(more, np.int32)]) if more else array
