"""A weighted pool's pair of equal weights is a constant product, and so has a closed form."""

from math import gcd

import arbx
from arbx_dex_balancer.curve import PairCurve
from arbx_dex_balancer.fixed import ONE
from arbx_dex_balancer.gate import Gate
from arbx_dex_balancer.weighted import WeightedTrade

__all__ = ["EvenCurve"]


class EvenCurve(PairCurve):
    """Price a pair of equal weights, by a generation whose powUp returns the base for the exponent 1."""

    __slots__ = ("_pieces",)

    def __init__(
        self, trade: WeightedTrade, gate: Gate, room: int, balances: tuple[int, int]
    ) -> None:
        super().__init__(trade, gate, room)
        # Bo·a/(Bi + a) with a = x·first·second/1e36, then times 1e18/undo
        balance_in, balance_out = balances
        kept = gate.first * gate.second
        a, b, c = balance_out * kept * ONE, balance_in * ONE * ONE * gate.undo, kept * gate.undo
        common = gcd(a, b, c)
        width_x64 = self.max_in << 64
        piece = arbx.Moebius(a // common, b // common, c // common, 0, 0, width_x64)
        self._pieces = arbx.Envelope((piece,) if width_x64 else ())

    def pieces(self) -> arbx.Envelope:
        """Return the whole curve as one piece; every rounding of the contract pays less."""
        return self._pieces
