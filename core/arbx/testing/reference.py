"""The kit's own honest pool: what every promise must accept, and what the saboteurs spoil."""

from typing import Any

import attrs

from arbx.errors import InsufficientLiquidity, InvalidAmount, InvalidState
from arbx.fields import Fields
from arbx.kernel.types import Curve, Line, Moebius, Teeth
from arbx.provider import CurveModel

__all__ = ["MODEL", "ConstantProduct", "ProductState", "ToothedProduct", "dump", "parse", "price"]

UGLY_FEE_NUM = 996_876_543_210_987_659  # of 10**18: no small input is kept in whole units


class ConstantProduct:
    """
    Price ``out = floor(num*x*R_out / (den*R_in + num*x))``, a pool with its fee on the input.

    Written from the formula and independent of every plugin: plain integers, no preparation. The
    contract is UniswapV2Pair.swap with UniswapV2Library.getAmountOut; reserves are uint112.
    """

    __slots__ = ("_den", "_num", "_reserve_in", "_reserve_out")

    def __init__(
        self, reserve_in: int, reserve_out: int, fee_num: int = 997, fee_den: int = 1000
    ) -> None:
        self._reserve_in, self._reserve_out = reserve_in, reserve_out
        self._num, self._den = fee_num, fee_den

    @property
    def max_in(self) -> int:
        """Return what still fits into the reserve's uint112 (UniswapV2Pair._update)."""
        return (1 << 112) - 1 - self._reserve_in

    def amount_out(self, amount_in: int, /) -> int:
        """Return what the pair pays (UniswapV2Library.getAmountOut, floored)."""
        self._accept(amount_in)
        kept = self._num * amount_in
        return kept * self._reserve_out // (self._den * self._reserve_in + kept)

    def least_in(self, amount_out: int, /) -> int:
        """Return ``ceil(den*R_in*y / (num*(R_out - y)))``, the inverse of the floored function."""
        self._afford(amount_out)
        missing = self._num * (self._reserve_out - amount_out)
        return self._within(-(-self._den * self._reserve_in * amount_out // missing))

    def line(self, amount_in: int, /) -> Line:
        """
        Return the tangent of the real function at *amount_in*.

        With ``b = den*R_in``, ``d = b + num*x``: slope ``num*R_out*b/d²``, offset
        ``R_out*(num*x)²/d²``. The real function is concave and floors pay less than it.
        """
        kept = self._num * amount_in
        scaled = self._den * self._reserve_in
        return Line(
            slope_num=self._num * self._reserve_out * scaled,
            offset_num=self._reserve_out * kept * kept,
            den=(scaled + kept) ** 2,
        )

    def pieces(self) -> tuple[Moebius, ...]:
        """Return the one piece that a constant product is."""
        a, b = self._num * self._reserve_out, self._den * self._reserve_in
        return (Moebius(a, b, self._num, 0, 0, self.max_in << 64),)

    def halves(self) -> tuple[Moebius, Moebius]:
        """Return the same as two pieces, cut where the reserve has doubled."""
        (whole,), cut = ConstantProduct.pieces(self), self._reserve_in
        wide = whole.b + whole.c * cut
        left = whole._replace(width_x64=cut << 64, taken=0, paid=0)
        right = Moebius(
            a=whole.a * whole.b,
            b=wide * wide,
            c=whole.c * wide,
            lo_x64=cut << 64,
            out_lo_x64=-(-(whole.a * cut << 64) // wide),
            width_x64=whole.width_x64 - (cut << 64),
            taken=cut,
            paid=-(-whole.a * cut // wide),
        )
        return left, right

    def _accept(self, amount_in: int) -> None:
        if amount_in < 0:
            raise InvalidAmount(f"amount_in is {amount_in}, below 0")
        if amount_in > self.max_in:
            raise InsufficientLiquidity(f"takes {self.max_in} at most, asked {amount_in}")

    def _afford(self, amount_out: int) -> None:
        if amount_out < 0:
            raise InvalidAmount(f"amount_out is {amount_out}, below 0")
        if amount_out >= self._reserve_out:
            raise InsufficientLiquidity(f"holds {self._reserve_out}, asked {amount_out}")

    def _within(self, amount_in: int) -> int:
        if amount_in > self.max_in:
            raise InsufficientLiquidity(f"takes {self.max_in} at most, needs {amount_in}")
        return amount_in


class ToothedProduct(ConstantProduct):
    """
    Price ``out = floor(n*R_out / (R_in + n))``, ``n = floor(num*x/den)``: a fee in whole units.

    That floor makes the teeth. The line and the pieces of the smooth pool bound it from above; they
    are two, so that what follows from the first to the second is tested as well.
    """

    __slots__ = ()

    def __init__(
        self, reserve_in: int, reserve_out: int, fee_num: int = UGLY_FEE_NUM, fee_den: int = 10**18
    ) -> None:
        super().__init__(reserve_in, reserve_out, fee_num, fee_den)

    def teeth(self, amount_in: int, /) -> Teeth:
        """Return the teeth, the same everywhere: one fee is floored for the whole input."""
        return Teeth(self._num, self._den, 0, self.max_in + 1)

    def ceiling(self) -> Moebius:
        """Return the smooth pool itself, which is one Möbius function."""
        return ConstantProduct.pieces(self)[0]

    def pieces(self) -> tuple[Moebius, ...]:
        """Return the smooth pool's two pieces."""
        return self.halves()

    def amount_out(self, amount_in: int, /) -> int:
        """Return what is paid for the whole units that the fee leaves, floored."""
        self._accept(amount_in)
        kept = self._num * amount_in // self._den
        return kept * self._reserve_out // (self._reserve_in + kept)

    def least_in(self, amount_out: int, /) -> int:
        """Return the least input that leaves the least kept amount that pays *amount_out*."""
        self._afford(amount_out)
        kept = -(-self._reserve_in * amount_out // (self._reserve_out - amount_out))
        return self._within(-(-self._den * kept // self._num))


@attrs.frozen
class ProductState:
    """Two reserves, and the part of the input that the fee leaves."""

    reserve0: int
    reserve1: int
    fee_num: int
    fee_den: int


def parse(record: Fields) -> ProductState:
    """Read the state of one record."""
    state = record.fields("state")
    fee_num, fee_den = state.uint("fee_num", bits=32, lo=1), state.uint("fee_den", bits=32, lo=1)
    if fee_num > fee_den:
        raise InvalidState(state.at("fee_num"), f"is {fee_num}, above fee_den = {fee_den}")
    reserve0, reserve1 = (state.uint(name, bits=112) for name in ("reserve0", "reserve1"))
    return ProductState(reserve0, reserve1, fee_num, fee_den)


def price(state: ProductState, token_in: int, token_out: int) -> Curve:
    """Return the curve of one direction."""
    reserves = (state.reserve0, state.reserve1)
    return ConstantProduct(reserves[token_in], reserves[token_out], state.fee_num, state.fee_den)


def dump(state: ProductState) -> dict[str, Any]:
    """Write the state as JSON does: integers as decimal strings."""
    return {name: str(value) for name, value in attrs.asdict(state).items()}


_EXAMPLE: dict[str, Any] = {
    "chain_id": 1,
    "block": 18_000_000,
    "kind": "reference_product",
    "dex": None,
    "address": "0x" + "ab" * 20,
    "tokens": [
        {"address": "0x" + "01" * 20, "symbol": "ONE", "decimals": 18},
        {"address": "0x" + "02" * 20, "symbol": "TWO", "decimals": 6},
    ],
    "state": {
        "reserve0": str(10**24),
        "reserve1": str(2 * 10**12),
        "fee_num": "997",
        "fee_den": "1000",
    },
}

MODEL = CurveModel("reference_product", parse=parse, curve=price, dump=dump, example=_EXAMPLE)
