"""The bundles that a relay keeps: replaced and cancelled by their signer and uuid, offered by block."""

from collections.abc import Iterator

import attrs

from arbx.execution.model import Bundle
from arbx.testing.relay.transaction import SignedTransaction

__all__ = ["Book", "Kept"]


@attrs.frozen
class Kept:
    """One bundle, decoded, with the blocks that it may land in."""

    signer: str
    bundle: Bundle
    transactions: tuple[SignedTransaction, ...]
    first_block: int
    last_block: int

    @property
    def hash(self) -> str:
        """Return the bundle's hash."""
        return self.bundle.bundle_hash

    def fits(self, block: int, timestamp: int) -> bool:
        """Tell whether the bundle may be in that block."""
        earliest, latest = self.bundle.min_timestamp, self.bundle.max_timestamp
        return (
            self.first_block <= block <= self.last_block
            and (earliest is None or earliest <= timestamp)
            and (latest is None or timestamp <= latest)
        )


class Book:
    """Keep bundles in the order of their arrival."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Kept] = {}

    def __iter__(self) -> Iterator[Kept]:
        return iter(tuple(self._kept.values()))

    def add(self, kept: Kept) -> None:
        """Keep a bundle in place of the one with the same signer and uuid, or of the same one."""
        key = self._key(kept)
        self._kept.pop(key, None)
        self._kept[key] = kept

    def cancel(self, signer: str, replacement_uuid: str) -> bool:
        """Forget a signer's bundle; tell whether there was one."""
        return self._kept.pop((signer, replacement_uuid), None) is not None

    def discard(self, kept: Kept) -> None:
        """Forget a bundle that has landed."""
        self._kept.pop(self._key(kept), None)

    def expire(self, block: int) -> None:
        """Forget the bundles that can't land after *block*."""
        self._kept = {key: kept for key, kept in self._kept.items() if kept.last_block > block}

    @staticmethod
    def _key(kept: Kept) -> tuple[str, str]:
        bundle = kept.bundle
        return kept.signer, bundle.replacement_uuid or f"{kept.hash} {bundle.target_block}"
