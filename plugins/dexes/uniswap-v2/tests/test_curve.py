"""The constant product against the kit, recorded swaps and brute force."""

import json
import pathlib
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import arbx
from arbx.testing import CurveModelTests, CurveTests, check_vectors
from arbx_dex_uniswap_v2 import ConstantProduct, arbx_curves

HERE = pathlib.Path(__file__).resolve().parent
SHARED = next(
    (parent / "shared" for parent in HERE.parents if (parent / "shared" / "vectors").is_dir()),
    None,
)
# UniswapV2Pair of npm @uniswap/v2-core in a local EVM; see record.py.
RECORDED = json.loads((HERE / "recorded.json").read_text(encoding="utf-8"))
MODELS = {model.kind: model for model in arbx_curves()}
MAX = 2**112 - 1

reserves = st.integers(1, 60) | st.integers(1, MAX)
fees = st.sampled_from([(997, 1000), (9975, 10_000), (1, 1), (1, 1000)])


class Models:
    def curve(self, record, token_in=0, token_out=1):
        model = MODELS[record["kind"]]
        return model.curve(model.parse(arbx.Fields(record)), token_in, token_out)


def named(reserve0, reserve1):
    return f"{reserve0} for {reserve1}"


class TestConstantProduct(CurveTests):
    vectors = tuple(
        (named(reserve0, reserve1), int(amount_in), int(paid))
        for reserve0, reserve1, amount_in, paid in RECORDED
        if paid is not None
    )
    reverts = ((named(2**111, 12_345_678_901), 2**111), ("empty", 1), ("full", 1))

    def make_curves(self):
        fee = {"fee_num": 997, "fee_den": 1000}
        recorded = {(reserve0, reserve1) for reserve0, reserve1, _, _ in RECORDED}
        return {
            **{named(*two): ConstantProduct(int(two[0]), int(two[1]), **fee) for two in recorded},
            "tiny": ConstantProduct(7, 5, **fee),
            "free": ConstantProduct(1000, 3000, fee_num=1, fee_den=1),
            "full": ConstantProduct(MAX, 10**18, **fee),
            "empty": ConstantProduct(0, 10**18, **fee),
        }


@pytest.mark.parametrize("kind", sorted(MODELS))
class TestModels(CurveModelTests):
    @pytest.fixture(autouse=True)
    def _kind(self, kind):
        self.kind = kind

    def make_model(self):
        return MODELS[self.kind]


@pytest.mark.parametrize("name", ["uniswap_v2", "sushiswap_v2"])
def test_agrees_with_every_recorded_swap(name):
    if SHARED is None:
        pytest.skip("../shared is not here: no recorded swaps to compare with")
    summary = check_vectors(SHARED / "vectors" / f"{name}.jsonl.gz", Models())

    assert summary.ok, str(summary)


def test_reads_the_fee_of_each_fork_from_the_state():
    record = dict(MODELS["pancakeswap_v2"].example)

    # PancakeLibrary.getAmountOut
    reserve0, reserve1 = 83280128430830467074835, 70305818292888297928
    expected = 9975 * 10**18 * reserve1 // (reserve0 * 10_000 + 9975 * 10**18)
    assert Models().curve(record).amount_out(10**18) == expected == 842_088_203_819_469


@given(reserves, reserves, fees, st.data())
def test_pays_the_formula_and_never_more_than_its_tangents(reserve_in, reserve_out, fee, data):
    curve = ConstantProduct(reserve_in, reserve_out, fee_num=fee[0], fee_den=fee[1])
    amount, point = (data.draw(st.integers(0, curve.max_in)) for _ in range(2))
    paid = curve.amount_out(amount)
    slope, offset, den = curve.line(point)

    kept = amount * fee[0]
    assert paid == kept * reserve_out // (reserve_in * fee[1] + kept)
    assert paid < reserve_out
    assert paid * den <= slope * amount + offset


@given(st.integers(1, 40), st.integers(1, 40), fees)
@settings(max_examples=60)
def test_inverts_like_an_exhaustive_search(reserve_in, reserve_out, fee):
    curve = ConstantProduct(reserve_in, reserve_out, fee_num=fee[0], fee_den=fee[1])
    for amount_out in range(1, reserve_out):
        least = curve.least_in(amount_out)

        assert curve.amount_out(least) >= amount_out
        assert curve.amount_out(least - 1) < amount_out


def test_pays_nothing_where_the_pair_lets_nothing_out():
    for reserve0, reserve1, amount_in, paid in RECORDED:
        curve = ConstantProduct(int(reserve0), int(reserve1), fee_num=997, fee_den=1000)
        if paid is None and int(amount_in) <= curve.max_in:
            assert curve.amount_out(int(amount_in)) == 0


def test_refuses_what_is_no_amount():
    curve = ConstantProduct(1000, 1000, fee_num=997, fee_den=1000)
    for amount in (-1, 1.5, True, "7", None):
        with pytest.raises(arbx.InvalidAmount):
            curve.amount_out(amount)
        with pytest.raises(arbx.InvalidAmount):
            curve.least_in(amount)


def test_names_the_limit_that_an_amount_exceeds():
    curve = ConstantProduct(1000, 1000, fee_num=997, fee_den=1000)

    with pytest.raises(arbx.InsufficientLiquidity, match=f"at most {MAX - 1000}"):
        curve.amount_out(MAX)
    with pytest.raises(arbx.InsufficientLiquidity, match="can't pay 1000"):
        curve.least_in(1000)


def test_brings_no_piece_for_an_empty_pair():
    curve = pickle.loads(pickle.dumps(ConstantProduct(0, 5, fee_num=997, fee_den=1000)))

    assert len(curve.pieces()) == 0
    assert curve.max_in == 0
    assert curve.amount_out(0) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reserve0": str(2**112)}, "state.reserve0"),
        ({"fee_num": 1001}, "state.fee_num"),
        ({"fee_num": 0}, "state.fee_num"),
        ({"fee_den": 0}, "state.fee_den"),
        ({"reserve1": 1.5}, "state.reserve1"),
        ({"reserve1": None}, "state.reserve1"),
    ],
)
def test_refuses_a_broken_state_by_field(change, field):
    example = MODELS["uniswap_v2"].example
    record = {**example, "state": {**example["state"], **change}}
    with pytest.raises(arbx.InvalidState) as refused:
        MODELS["uniswap_v2"].parse(arbx.Fields(record))

    assert refused.value.field == field


def test_refuses_a_direction_that_no_pair_has():
    example = MODELS["uniswap_v2"].example
    state = MODELS["uniswap_v2"].parse(arbx.Fields(example))

    for token_in, token_out in ((0, 0), (0, 2), (-1, 0)):
        with pytest.raises(arbx.InvalidState, match="trades 0 for 1"):
            MODELS["uniswap_v2"].curve(state, token_in, token_out)
