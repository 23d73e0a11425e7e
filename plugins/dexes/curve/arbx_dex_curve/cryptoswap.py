"""CryptoSwap: volatile coins around a price scale, with a fee that grows away from it."""

from typing import Any

import attrs
from gmpy2 import mpz

import arbx
from arbx_dex_curve.checked import u256
from arbx_dex_curve.cryptobounds import CryptoSupport
from arbx_dex_curve.cryptoinverse import CryptoInverse
from arbx_dex_curve.feeline import FeeLines, Units
from arbx_dex_curve.keeps import CryptoKeep
from arbx_dex_curve.tricrypto import TriMath
from arbx_dex_curve.twocrypto import TwoMath

__all__ = ["CryptoState", "CryptoSwap", "virtual_balances"]

_E18 = mpz(10**18)
_E9 = mpz(10**9)
_FEE_DENOMINATOR = 10**10
_MIN_D, _MAX_D = 10**17, 10**33
_FAR_FROM_EMPTY, _FAR_FROM_FULL = 50, 50  # a coin between 1/50 and 50 times D


@attrs.frozen
class CryptoState:
    """
    A pool's balances, price scale and parameters; *a* is A·N^N·10000 (the contract's A()).

    *virtual_price_e18* and *lp_total_supply* decide the smallest profit for the pool that exchange insists on;
    None means that the pool's LP token is worth exactly its share: virtual_price 1e18.
    """

    generation: str
    math: TwoMath | TriMath = attrs.field(repr=False)
    a: int
    gamma: int
    d: int
    price_scale: tuple[int, ...]
    mid_fee_e10: int
    out_fee_e10: int
    fee_gamma: int
    balances: tuple[int, ...]
    precisions: tuple[int, ...]
    virtual_price_e18: int | None = None
    lp_total_supply: int | None = None


def virtual_balances(state: CryptoState) -> tuple[Any, ...]:
    """Return the balances in units of coin 0 with 18 decimals: ⌊balance·precision·price_scale / 1e18⌋."""
    worths = [
        u256(mpz(balance) * precision)
        for balance, precision in zip(state.balances, state.precisions, strict=True)
    ]
    scaled = [
        u256(worth * scale) // _E18
        for worth, scale in zip(worths[1:], state.price_scale, strict=True)
    ]
    return (worths[0], *scaled)


class CryptoSwap:
    """
    Pay as exchange of a CryptoSwap pool pays.

    dy = (xp_j - y - 1)·1e18 / price_scale_j / precision_j, out = dy - ⌊fee·dy / 1e10⌋ with the fee of the balances
    after the swap; then tweak_price must find a D that makes the pool richer. A swap too small for that ("Loss")
    pays 0 here: the contract reverts.
    """

    __slots__ = (
        "_a", "_d", "_fees", "_gamma", "_in", "_inverse", "_lines", "_math", "_out", "_root", "_scales",
        "_settled", "_state", "_worth", "_worths", "_xp",
    )  # fmt: skip

    def __init__(self, state: CryptoState, token_in: int, token_out: int) -> None:
        self._state, self._math = state, state.math
        self._in, self._out = token_in, token_out
        self._a, self._gamma, self._d = mpz(state.a), mpz(state.gamma), mpz(state.d)
        self._scales = (_E18, *map(mpz, state.price_scale))
        # of a raw unit, in 1e-18 of a unit of coin 0 with 18 decimals
        self._worths = tuple(
            precision * scale
            for precision, scale in zip(state.precisions, self._scales, strict=True)
        )
        self._fees = (mpz(state.mid_fee_e10), mpz(state.out_fee_e10), mpz(state.fee_gamma))
        self._xp = virtual_balances(state)
        self._root = self._math.root(self._a, self._gamma, self._d, self._xp, token_in, token_out)
        self._worth = self._least_worth()
        self._settled = self._is_settled()
        self._lines: FeeLines | None = None
        self._inverse: CryptoInverse | None = None

    def pays(self, amount_in: Any) -> Any:
        """Return what exchange pays for a positive input; raise WouldRevert."""
        dy, fee, xp, k0 = self._exchanged(amount_in)
        if dy == 0 or self._surely_gains(xp, fee) or self._gains(xp, k0):
            return dy
        return mpz(0)

    def invariant_after(self, amount_in: Any) -> Any:
        """Return D after the swap, before any change of the price scale (D_unadjusted)."""
        _, _, xp, k0 = self._exchanged(amount_in)
        return self._math.newton_d(self._a, self._gamma, xp, k0)

    def line(self, amount_in: int) -> arbx.Line:
        """Return a line that exchange never exceeds, touching it near *amount_in*."""
        if self._lines is None:
            self._lines = self._make_lines()
        return self._lines.line(amount_in)

    def touches(self, amount_in: int) -> bool:
        """Tell whether the line near *amount_in* is proven to be tight there."""
        if self._lines is None:
            self._lines = self._make_lines()
        return self._lines.touches(amount_in)

    def _make_lines(self) -> FeeLines:
        i, j = self._in, self._out
        mid, out, fee_gamma = self._fees
        others = tuple(value for k, value in enumerate(self._xp) if k not in (i, j))
        pool, before = (self._a, self._gamma, self._d), (self._xp[i], self._xp[j])
        support = CryptoSupport(self._math, pool, others, before)
        worth_in, worth_out = self._worths[i], self._worths[j]
        # The fee is rounded down to whole units of the coin out.
        slack = -(-worth_out // _E18) * (_FEE_DENOMINATOR - 1)
        return FeeLines(
            chord_at=support.chord,
            keep=CryptoKeep(mid, out, fee_gamma, others),
            units=Units(worth_in, _E18, _E18, worth_out, slack),
            x_before=self._xp[i],
            top=self._xp[j] - 1,
            y_most=support.y_most,
            usual=self.usual_in(),
            tight=out > mid,
        )

    def _exchanged(self, amount_in: Any) -> tuple[Any, Any, list[Any], Any]:
        """Return dy, its fee, the balances after the swap, and the K0 that newton_D starts from."""
        i, j, state = self._in, self._out, self._state
        xp = list(self._xp)
        # no need to check for 256 bits: what does not fit is far out of the root's range
        xp[i] = (state.balances[i] + mpz(amount_in)) * self._worths[i] // _E18
        y, k0 = self._root.balance(xp[i])
        gross = max(xp[j] - y - 1, mpz(0))
        xp[j] = y
        dy = gross * _E18 // self._worths[j]
        fee = self._fee_at(xp) * dy // _FEE_DENOMINATOR
        xp[j] = (state.balances[j] - dy + fee) * self._worths[j] // _E18
        return dy - fee, fee, xp, k0

    def usual_in(self) -> int:
        """Return the input that is worth half the pool."""
        return int(max(self._d * _E18 // (2 * self._worths[self._in]), mpz(1)))

    def guess_in(self, amount_out: int) -> int:
        """Return about the input that pays *amount_out*; usual_in where none is found."""
        return int(self.inverse().least_in(mpz(amount_out)) or self.usual_in())

    def inverse(self) -> CryptoInverse:
        """Return what finds inputs, made at the first question."""
        if self._inverse is None:
            i, j = self._in, self._out
            back = self._math.root(self._a, self._gamma, self._d, self._xp, j, i)
            held = self._state.balances[i]
            self._inverse = CryptoInverse(
                (i, j), (self._root, back), self._xp, held, self._worths, self._fee_at
            )
        return self._inverse

    def _fee_at(self, xp: list[Any]) -> Any:
        """Return the fee (1e10) of the balances *xp*."""
        mid, out, fee_gamma = self._fees
        share = self._math.fee_share(xp, fee_gamma)
        return (mid * share + out * (_E18 - share)) // _E18

    def _least_worth(self) -> tuple[Any, Any]:
        """Return the virtual price that a swap must exceed, and the LP supply it is measured by."""
        state = self._state
        xcp = self._xcp(self._d)
        supply = xcp if state.lp_total_supply is None else mpz(state.lp_total_supply)
        if state.virtual_price_e18 is not None:
            return mpz(state.virtual_price_e18), supply
        return _E18 * xcp // supply, supply

    def _xcp(self, d: Any) -> Any:
        """Return the geometric mean of the balances of a pool in balance with invariant *d*."""
        n = len(self._xp)
        shares = [d // n] + [d * _E18 // (n * scale) for scale in self._scales[1:]]
        return self._math.mean(shares)

    def _gains(self, xp: list[Any], k0: Any) -> bool:
        """Tell whether tweak_price finds a profit for the pool; raise WouldRevert where D leaves its ranges."""
        d = self._math.newton_d(self._a, self._gamma, xp, k0)
        if not _MIN_D <= d <= _MAX_D:
            raise arbx.WouldRevert("unsafe D values: the pool is too small or too large")
        least, supply = self._worth
        return bool(_E18 * self._xcp(d) // supply > least)

    def _surely_gains(self, xp: list[Any], fee: Any) -> bool:
        """
        Tell that tweak_price can't revert, without its D: the usual case.

        A fee worth 1e-9 of D raises D by 1e-13 of itself at least while every coin's share is far inside
        the contract's range; profit is measured in steps of 1e-18.
        """
        d = self._d
        if not self._settled or fee * self._worths[self._out] < d * _E9:
            return False
        return all(_FAR_FROM_EMPTY * value > d and value < _FAR_FROM_FULL * d for value in xp)

    def _is_settled(self) -> bool:
        """Tell whether D is the invariant of the balances, as it is after every exchange."""
        try:
            d = self._math.newton_d(self._a, self._gamma, self._xp, 0)
        except arbx.WouldRevert:
            return False
        return bool(d >= self._d - self._d // 10**13)
