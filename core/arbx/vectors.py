"""Compare a curve with one recorded swap of the real contract."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from arbx.errors import InsufficientLiquidity, WouldRevert
from arbx.fields import Fields
from arbx.kernel.types import Curve, Invertible

__all__ = ["Mismatch", "amount_asked", "compare"]

_AMOUNT = 1 << 512  # beyond every amount a contract can be asked


@attrs.frozen
class Mismatch:
    """Say what the contract did and what the curve says instead."""

    id: str
    kind: str
    asked: str
    contract: str
    curve: str

    def __str__(self) -> str:
        return (
            f"{self.id} ({self.kind}), {self.asked}: contract {self.contract}, curve {self.curve}"
        )


def amount_asked(record: Mapping[str, Any]) -> int:
    """
    Return the amount that the swap was asked for, of the input or of the output by its mode.

    >>> amount_asked({"mode": "exact_out", "amount_specified": "-7"})
    7
    """
    fields = Fields(record)
    if fields.has("amount_specified"):
        return abs(fields.integer("amount_specified", -_AMOUNT, _AMOUNT))
    return fields.uint(_given(record), bits=512)


def compare(record: Mapping[str, Any], curve: Curve) -> Mismatch | None:
    """
    Return how *curve* contradicts the recorded swap, or None when it agrees.

    *record* is one line of a vectors file. Exact-out records check the promise of ``least_in``, and
    that it asks no more than the contract did where that buys as much as an exact input too: some
    contracts round an exact output by another formula, and ``via: get_dx`` is only a quote.
    """
    asked, mode = amount_asked(record), Fields(record).text("mode")
    check = _exact_in if mode == "exact_in" else _exact_out
    difference = check(record, curve, asked)
    if difference is None:
        return None
    contract, found = difference
    name, kind = str(record.get("id", "?")), str(record.get("kind", "?"))
    return Mismatch(name, kind, f"{mode} {asked}", contract, found)


_Difference = tuple[str, str] | None  # what the contract did, what the curve says


def _given(record: Mapping[str, Any]) -> str:
    return "amount_in" if record.get("mode") == "exact_in" else "amount_out"


def _exact_in(record: Mapping[str, Any], curve: Curve, asked: int) -> _Difference:
    if record.get("revert") is not None:
        return _reverted(str(record["revert"]), curve, asked)
    if record.get("filled") is False:
        refused = _refuses(lambda: curve.amount_out(asked), "amount_out", asked)
        return refused or _filled_part(record, curve)
    difference = _pays(curve, asked, int(record["amount_out"]))
    # Some contracts pay a unit for nothing; a curve need not: an input of 0 is answered 0.
    return difference if asked or _pays(curve, 0, 0) else None


def _reverted(reason: str, curve: Curve, asked: int) -> _Difference:
    try:
        paid = curve.amount_out(asked)
    except WouldRevert as error:
        # What is not asked for can always be paid: an input of 0 is answered 0.
        return None if asked else ("pays 0 for 0", _told(error))
    except Exception as error:  # noqa: BLE001  # whatever it raises is its answer
        return f"reverts: {reason}", _told(error)
    # 0 is the answer to an input that is too small, not to one that the pool can't take.
    too_small = paid == 0 and asked <= curve.max_in
    return None if too_small else (f"reverts: {reason}", f"pays {paid}")


def _filled_part(record: Mapping[str, Any], curve: Curve) -> _Difference:
    taken, paid = int(record["amount_in"]), int(record["amount_out"])
    if curve.max_in != taken:
        return f"takes only {taken}", f"max_in is {curve.max_in}"
    return _pays(curve, taken, paid)


def _exact_out(record: Mapping[str, Any], curve: Curve, asked: int) -> _Difference:
    reverted = record.get("revert") is not None
    if record.get("filled") is False and not reverted:
        return _exact_out_in_part(record, curve, asked)
    if not isinstance(curve, Invertible):
        return None
    try:
        least = curve.least_in(asked)
        # A contract may refuse to sell exactly what an exact input buys: the promise decides.
        broken = _least(curve, least, asked)
    except WouldRevert as error:
        payable = asked == 0 or _buys(curve, curve.max_in, asked)
        return (f"pays {asked}", _told(error)) if payable else None
    except Exception as error:  # noqa: BLE001  # whatever it raises is its answer
        return f"pays {asked}", _told(error)
    return broken or (None if reverted else _no_more(record, curve, least, asked))


def _no_more(record: Mapping[str, Any], curve: Curve, least: int, asked: int) -> _Difference:
    most = int(record["amount_in"])
    if least > most and not _is_quote(record) and _buys(curve, most, asked):
        return f"asks {most}", f"least_in asks {least}"
    return None


def _buys(curve: Curve, amount_in: int, asked: int) -> bool:
    return _pays_at_least(curve, amount_in, asked) is None


def _exact_out_in_part(record: Mapping[str, Any], curve: Curve, asked: int) -> _Difference:
    if isinstance(curve, Invertible):
        least_in = curve.least_in
        refused = _refuses(lambda: least_in(asked), "least_in", asked)
        if refused:
            return refused
    return _filled_part(record, curve)


def _is_quote(record: Mapping[str, Any]) -> bool:
    return str(record.get("via") or "").startswith("get_dx")


def _least(curve: Curve, least: int, asked: int) -> _Difference:
    if asked == 0:
        return None if least == 0 else ("asks 0 for 0", f"least_in asks {least}")
    short = _pays_at_least(curve, least, asked)
    if short:
        return short
    # One unit less, at which the contract's iteration may fail: then it does not pay either.
    too_much = _buys(curve, least - 1, asked)
    return (
        (f"pays {asked}", f"so does one unit less than least_in = {least}") if too_much else None
    )


def _pays_at_least(curve: Curve, amount_in: int, asked: int) -> _Difference:
    try:
        paid = curve.amount_out(amount_in)
    except Exception as error:  # noqa: BLE001  # whatever it raises is its answer
        return f"pays {asked} for {amount_in}", _told(error)
    return None if paid >= asked else (f"pays {asked} for {amount_in}", f"pays {paid}")


def _pays(curve: Curve, amount_in: int, expected: int) -> _Difference:
    try:
        paid = curve.amount_out(amount_in)
    except Exception as error:  # noqa: BLE001  # whatever it raises is its answer
        return f"pays {expected} for {amount_in}", _told(error)
    return None if paid == expected else (f"pays {expected} for {amount_in}", f"pays {paid}")


def _refuses(ask: Callable[[], int], what: str, asked: int) -> _Difference:
    try:
        answer = ask()
    except InsufficientLiquidity:
        return None
    except Exception as error:  # noqa: BLE001  # whatever it raises is its answer
        return f"can't fill {asked} (InsufficientLiquidity)", _told(error)
    return f"can't fill {asked}", f"{what} answers {answer}"


def _told(error: Exception) -> str:
    return f"raises {type(error).__name__}: {error}"
