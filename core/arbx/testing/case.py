"""What a curve promise is told: the curve, what the contract answers, how much slack is fair."""

from collections.abc import Sequence

import attrs

from arbx.kernel.types import Ceiled, Curve, Invertible, Moebius, Piecewise, Provable, Toothed

__all__ = ["Broken", "Case", "NotBrought", "Slack", "paid", "quotes"]


class Broken(AssertionError):  # a verdict on the curve, not an error of the kit
    """Say which promise does not hold, at which amount, and what was answered."""


class NotBrought(Exception):  # not an error: the capability is optional
    """Say which optional capability is missing, so that its promises are skipped."""


@attrs.frozen
class Slack:
    """
    Say how near its curve a line or a piece must come.

    At *x* the bound may exceed what the curve pays for ``x + units + x*ppm/1e6`` by
    ``units + amount_out*ppm/1e6``: room for floors, fee teeth and the contract's own iteration
    error, and far too little for a bound that proves nothing.
    """

    units: int = 4
    ppm: int = 1

    def widen(self, amount: int) -> int:
        """Return *amount* with its slack added."""
        return amount + self.units + amount * self.ppm // 1_000_000


@attrs.frozen
class Case:
    """
    One curve under test.

    *vectors* are (amount_in, amount_out) pairs of the real contract, None where nobody was asked
    for any; *reverts* are inputs that the contract rejects; *wobble_units* is how much the
    contract's own iteration may fall back by.
    """

    name: str
    curve: Curve
    vectors: tuple[tuple[int, int], ...] | None = None
    reverts: tuple[int, ...] = ()
    slack: Slack = Slack()
    wobble_units: int = 0
    quote_limit_s: float = 1e-3

    def invertible(self) -> Invertible:
        """Return the curve that knows its inverse; raise NotBrought where it doesn't."""
        if isinstance(self.curve, Invertible):
            return self.curve
        raise NotBrought(f"{self.name}: brings no inverse (least_in)")

    def provable(self) -> Provable:
        """Return the curve that brings lines; raise NotBrought where it doesn't."""
        if isinstance(self.curve, Provable):
            return self.curve
        raise NotBrought(f"{self.name}: brings no supporting lines (line)")

    def piecewise(self) -> Piecewise:
        """Return the curve that brings pieces; raise NotBrought where it doesn't."""
        if isinstance(self.curve, Piecewise):
            return self.curve
        raise NotBrought(f"{self.name}: brings no pieces (pieces)")

    def ceiling(self) -> Moebius:
        """Return the function that the curve stays under; raise NotBrought where it has none."""
        ceiling = self.curve.ceiling() if isinstance(self.curve, Ceiled) else None
        if ceiling is None:
            raise NotBrought(f"{self.name}: brings no ceiling (ceiling)")
        return ceiling

    def toothed(self) -> Toothed:
        """Return the curve that says how it rounds its fee; raise NotBrought where it doesn't."""
        if isinstance(self.curve, Toothed):
            return self.curve
        raise NotBrought(f"{self.name}: brings no teeth (teeth)")

    def broken(self, what: str) -> Broken:
        """Return the failure, with the name of the case in front."""
        return Broken(f"{self.name}: {what}")


def paid(curve: Curve, amount_in: int) -> int | None:
    """
    Return what the curve pays, or None where it raises.

    Raising has promises of its own; every other promise looks only at what is answered, so that
    one fault is blamed once.
    """
    try:
        return curve.amount_out(amount_in)
    except Exception:  # noqa: BLE001  # what a curve raises is judged by its own promise
        return None


def quotes(curve: Curve, amounts: Sequence[int]) -> list[tuple[int, int]]:
    """Return (amount_in, amount_out) of each positive amount that is answered, rising."""
    asked = ((amount, paid(curve, amount)) for amount in sorted(set(amounts)) if amount > 0)
    return [(amount, out) for amount, out in asked if out is not None]
