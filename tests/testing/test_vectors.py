"""The comparison with recorded swaps: honest curves agree, and every kind of lie is told."""

import gzip
import json
import pathlib
from typing import Any

import attrs
import pytest

import arbx
from arbx.errors import InsufficientLiquidity, InvalidState, SnapshotError, WouldRevert
from arbx.testing import check_vectors, compare
from arbx.testing.reference import ConstantProduct
from arbx.testing.saboteurs.bounds import LeastInAsksOneTooFew, LeastInAsksOneTooMany
from arbx.vectors import amount_asked

SHARED = next(
    (
        p / "shared"
        for p in pathlib.Path(__file__).resolve().parents
        if (p / "shared" / "vectors").is_dir()
    ),
    None,
)
POOL = ConstantProduct(10_000, 10_000)
MAX_IN = 2**112 - 1 - 10_000


def record(**fields: Any) -> dict[str, Any]:
    return {"id": "x-1", "kind": "reference_product", "mode": "exact_in", "revert": None, **fields}


class AsksTwice(ConstantProduct):
    """Pay nothing for 1000, but only when it is asked for right after least_in: a dip."""

    __slots__ = ("_dip",)

    def least_in(self, amount_out: int, /) -> int:
        self._dip = True
        return super().least_in(amount_out) + 1

    def amount_out(self, amount_in: int, /) -> int:
        if amount_in == 1000 and getattr(self, "_dip", False):
            self._dip = False
            return 0
        return super().amount_out(amount_in)


class RefusesToSell(ConstantProduct):
    """Refuse an output that an input buys."""

    def least_in(self, amount_out: int, /) -> int:
        raise InsufficientLiquidity(f"keeps {amount_out}")


@attrs.frozen
class Fixed:
    """Answer the same, or raise the same, whatever is asked."""

    answer: Any
    max_in: int = 10**9

    def amount_out(self, amount_in: int, /) -> int:
        if isinstance(self.answer, Exception):
            raise self.answer
        return int(self.answer)


def test_takes_the_amount_specified_before_the_amount_filled() -> None:
    filled = record(amount_specified="-70", amount_in="50", amount_out="40")

    assert amount_asked(filled) == 70
    assert amount_asked(record(amount_in="50", amount_out="40")) == 50
    assert amount_asked({**filled, "mode": "exact_out", "amount_specified": None}) == 40


@pytest.mark.parametrize(
    "fields",
    [
        {"amount_in": "1000", "amount_out": "906"},
        {"amount_in": "0", "revert": "INSUFFICIENT_INPUT_AMOUNT"},
        {"amount_in": "0", "amount_out": "1"},  # Curve pays a unit for nothing
        {"amount_in": "1", "revert": "INSUFFICIENT_OUTPUT_AMOUNT"},
        {"amount_in": str(2**112), "revert": "OVERFLOW"},
        {
            "amount_specified": str(2**113),
            "amount_in": str(MAX_IN),
            "amount_out": "9999",
            "filled": False,
        },
        {"mode": "exact_out", "amount_out": "906", "amount_in": "1000"},
        {"mode": "exact_out", "amount_out": "0", "amount_in": "0"},
        {"mode": "exact_out", "amount_out": "10000", "revert": "INSUFFICIENT_LIQUIDITY"},
        {"mode": "exact_out", "amount_out": "906", "amount_in": "1", "via": "get_dx (a quote)"},
        {"mode": "exact_out", "amount_out": "906", "amount_in": "999"},  # by another formula
        {
            "mode": "exact_out",
            "amount_specified": "-10000",
            "amount_in": str(MAX_IN),
            "amount_out": "9999",
            "filled": False,
        },
    ],
)
def test_agrees_with_the_honest_curve(fields: dict[str, Any]) -> None:
    assert compare(record(**fields), POOL) is None


@pytest.mark.parametrize(
    ("fields", "curve", "told"),
    [
        ({"amount_in": "1000", "amount_out": "907"}, POOL, "pays 907 for 1000, curve pays 906"),
        ({"amount_in": "1000", "amount_out": "906"}, Fixed(KeyError("fee")), "KeyError"),
        ({"amount_in": "5", "amount_out": "4"}, Fixed(WouldRevert("no")), "WouldRevert: no"),
        ({"amount_in": "0", "revert": "ZERO"}, Fixed(WouldRevert("no")), "pays 0 for 0"),
        ({"amount_in": "5", "revert": "LOCKED"}, Fixed(4), "reverts: LOCKED, curve pays 4"),
        ({"amount_in": "5", "revert": "LOCKED"}, Fixed(0, max_in=4), "reverts: LOCKED"),
        ({"amount_in": "5", "revert": "LOCKED"}, Fixed(ZeroDivisionError()), "ZeroDivisionError"),
        (
            {"amount_specified": "9", "amount_in": "5", "amount_out": "4", "filled": False},
            Fixed(4, max_in=5),
            "can't fill 9, curve amount_out answers 4",
        ),
        (
            {"amount_specified": "9", "amount_in": "5", "amount_out": "4", "filled": False},
            Fixed(InsufficientLiquidity("no"), max_in=6),
            "takes only 5, curve max_in is 6",
        ),
        (
            {"mode": "exact_out", "amount_out": "906", "amount_in": "1000"},
            LeastInAsksOneTooMany(10_000, 10_000),
            "so does one unit less",
        ),
        (
            {"mode": "exact_out", "amount_out": "906", "amount_in": "1000"},
            LeastInAsksOneTooFew(10_000, 10_000),
            "pays 906",
        ),
        (
            {"mode": "exact_out", "amount_out": "906", "amount_in": "1000"},
            AsksTwice(10_000, 10_000),
            "asks 1000, curve least_in asks 1001",
        ),
        (
            {"mode": "exact_out", "amount_out": "906", "amount_in": "1000"},
            RefusesToSell(10_000, 10_000),
            "contract pays 906, curve raises InsufficientLiquidity",
        ),
    ],
)
def test_tells_what_the_curve_says_instead(fields: dict[str, Any], curve: Any, told: str) -> None:
    mismatch = compare(record(**fields), curve)

    assert mismatch is not None
    assert told in str(mismatch)


class Reference:
    """Price every record with the honest pool."""

    def curve(self, record: Any, token_in: int = 0, token_out: int = 1) -> ConstantProduct:
        return POOL


def written(path: pathlib.Path, lines: list[str]) -> pathlib.Path:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines))
    return path


GOOD = json.dumps(record(amount_in="1000", amount_out="906", token_in=0, token_out=1))
BAD = json.dumps(record(amount_in="1000", amount_out="905", token_in=0, token_out=1))


@pytest.mark.parametrize("name", ["v.jsonl", "v.jsonl.gz"])
def test_a_file_is_summed_up_by_kind(name: str, tmp_path: pathlib.Path) -> None:
    summary = check_vectors(written(tmp_path / name, [GOOD, "", GOOD, BAD]), Reference())

    assert (summary.compared, len(summary.mismatches)) == ({"reference_product": 3}, 1)
    assert not summary.ok
    assert "3 reference_product compared, 1 differ" in str(summary)


def test_every_nth_record_is_enough_for_a_quick_look(tmp_path: pathlib.Path) -> None:
    summary = check_vectors(written(tmp_path / "v.jsonl", [GOOD, BAD, GOOD]), Reference(), every=2)

    assert summary.ok
    assert summary.compared == {"reference_product": 2}


def test_an_empty_file_is_not_ok(tmp_path: pathlib.Path) -> None:
    assert not check_vectors(written(tmp_path / "v.jsonl", []), Reference()).ok


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        (json.dumps({**json.loads(GOOD), "amount_out": None}), "TypeError"),
    ],
)
def test_a_broken_line_is_named(line: str, told: str, tmp_path: pathlib.Path) -> None:
    path = written(tmp_path / "v.jsonl", [GOOD, line])

    with pytest.raises(SnapshotError, match=rf"v\.jsonl, line 2: .*{told}"):
        check_vectors(path, Reference())


def test_a_missing_field_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InvalidState, match="token_in: is missing"):
        check_vectors(written(tmp_path / "v.jsonl", ['{"id": 1}']), Reference())


def test_agrees_with_recorded_swaps_of_a_real_pair() -> None:
    if SHARED is None:
        pytest.skip("../shared is not here: no recorded swaps")
    host = arbx.Host.load(["uniswap-v2"])
    summary = check_vectors(SHARED / "vectors" / "uniswap_v2.jsonl.gz", host, every=10)

    assert summary.ok, summary
    assert summary.compared == {"uniswap_v2": 600}
