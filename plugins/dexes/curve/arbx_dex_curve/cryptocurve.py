"""The curve of a CryptoSwap direction: its limit and inverse found on the invariant, then held to what it pays."""

from typing import Any

from gmpy2 import mpz

import arbx
from arbx_dex_curve.cryptoswap import CryptoState, CryptoSwap
from arbx_dex_curve.curve import ProvenCurve, UnprovenCurve

__all__ = ["CryptoCurve", "ProvenCryptoCurve"]


class CryptoCurve(UnprovenCurve):
    """
    Answer what exchange pays, its limit and its inverse.

    A limit or an input that the invariant suggests is taken only where exchange itself agrees with it and with its
    neighbour; else the general searches decide.
    """

    __slots__ = ()

    def __init__(self, state: CryptoState, token_in: int, token_out: int) -> None:
        super().__init__(CryptoSwap, state, token_in, token_out)

    @property
    def max_in(self) -> int:
        """Return the largest input that the contract takes, found once."""
        if self._max_in is None:
            self._max_in = self._suggested_limit()
        return super().max_in

    def least_in(self, amount_out: int, /) -> int:
        """Return an input that pays at least *amount_out*, while one unit less pays less."""
        wanted = arbx.checked_amount(amount_out)
        swap: Any = self._swap or self._prepare()
        found = swap.inverse().least_in(mpz(wanted)) if wanted else None
        if found is not None and 0 < found <= self._usual and _pays_first(swap, found, wanted):
            return int(found)
        return super().least_in(wanted)

    def _suggested_limit(self) -> int | None:
        try:
            swap: Any = self._swap or self._prepare()
        except arbx.WouldRevert:
            return 0
        last = swap.inverse().last_in()
        usual = last is not None and last >= swap.usual_in()
        return int(last) if usual and _takes(swap, last) and not _takes(swap, last + 1) else None


class ProvenCryptoCurve(CryptoCurve, ProvenCurve):
    """A curve whose root has a derived error, so that it knows lines which it never exceeds."""

    __slots__ = ()


def _takes(swap: CryptoSwap, amount_in: Any) -> bool:
    try:
        swap.pays(amount_in)
    except arbx.WouldRevert:
        return False
    return True


def _pays_first(swap: CryptoSwap, amount_in: Any, wanted: int) -> bool:
    """Tell whether *amount_in* pays *wanted* and one unit less does not, or reverts as too small."""
    try:
        enough = swap.pays(amount_in) >= wanted
    except arbx.WouldRevert:
        return False
    if not enough or amount_in == 1:
        return bool(enough)
    try:
        return bool(swap.pays(amount_in - 1) < wanted)
    except arbx.WouldRevert:
        return True
