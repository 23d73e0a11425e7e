"""Rest cycles that revert whenever they are simulated, so that the next best ones have their turn."""

from arbx.model import Cycle

__all__ = ["Cooling"]

_LONGEST_BLOCKS = 256

Key = tuple[tuple[str, int, int], ...]


class Cooling:
    """
    Count each cycle's reverts in a row: after the n-th it rests for ``2^(n-1)`` blocks, 256 at most.

    A token that takes a fee or refuses to be sold promises the best profit at every block, and never pays it.
    """

    def __init__(self) -> None:
        self._reverts: dict[Key, int] = {}
        self._until: dict[Key, int] = {}

    def reverted(self, cycle: Cycle, block: int) -> None:
        """Let the cycle rest from *block* on."""
        key = _key(cycle)
        count = self._reverts[key] = self._reverts.get(key, 0) + 1
        self._until[key] = block + 1 + min(2 ** (count - 1), _LONGEST_BLOCKS)

    def held(self, cycle: Cycle) -> None:
        """Forget the reverts of a cycle whose simulation succeeds."""
        self._reverts.pop(_key(cycle), None)
        self._until.pop(_key(cycle), None)

    def until(self, cycle: Cycle) -> int:
        """Return the first block at which the cycle may be tried again; 0 where it never reverted."""
        return self._until.get(_key(cycle), 0)

    def resting(self, block: int) -> int:
        """Return how many cycles rest at *block*; forget those that didn't come back for long."""
        over = [key for key, until in self._until.items() if until + _LONGEST_BLOCKS < block]
        for key in over:
            del self._until[key], self._reverts[key]
        return sum(until > block for until in self._until.values())


def _key(cycle: Cycle) -> Key:
    return tuple((hop.pool.address, hop.token_in, hop.token_out) for hop in cycle.hops)
