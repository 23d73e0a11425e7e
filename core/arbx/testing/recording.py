"""What happened to a pool between two blocks, as the chain recorded it."""

import attrs

from arbx.model import Log, PoolState

__all__ = ["Recording"]


@attrs.frozen
class Recording:
    """The state read at one block, the pool's logs since, and the state read at a later block."""

    before: PoolState
    logs: tuple[Log, ...]
    after: PoolState
