"""Concentrated liquidity against the kit and against recorded swaps of the real contract."""

import json
import pathlib
import pickle
import threading

import pytest

import arbx
from arbx.testing import CurveModelTests, CurveTests, check_vectors
from arbx_dex_uniswap_v3 import ConcentratedLiquidity, arbx_curves
from arbx_dex_uniswap_v3.tickmath import MAX_SQRT_RATIO, MIN_SQRT_RATIO, sqrt_ratio_at_tick

HERE = pathlib.Path(__file__).resolve().parent
SHARED = next(
    (parent / "shared" for parent in HERE.parents if (parent / "shared" / "vectors").is_dir()),
    None,
)
# UniswapV3Pool of npm @uniswap/v3-core in a local EVM; see record.py.
RECORDED = json.loads((HERE / "recorded.json").read_text(encoding="utf-8"))
MODELS = {model.kind: model for model in arbx_curves()}


class Models:
    def curve(self, record, token_in=0, token_out=1):
        model = MODELS[record["kind"]]
        return model.curve(model.parse(arbx.Fields(record)), token_in, token_out)


def priced(token_in=0, *, limit=None, **changes):
    record = {"kind": "uniswap_v3", "state": {**RECORDED["state"], **changes}}
    if limit is not None:
        record["sqrt_price_limit_x96"] = str(limit)
    return Models().curve(record, token_in, 1 - token_in)


def full_range(liquidity, token_in, *, tick=0, fee=3000):
    ticks = [[-887_272, str(liquidity)], [887_272, str(-liquidity)]]
    price = str(sqrt_ratio_at_tick(tick))
    return priced(
        token_in, fee=fee, tick_spacing=1, ticks=ticks, liquidity=str(liquidity), tick=tick,
        sqrt_price_x96=price,
    )  # fmt: skip


NAMES = ("token1 for token0", "token0 for token1")


class TestConcentratedLiquidity(CurveTests):
    vectors = tuple(
        (NAMES[zero_for_one], int(taken), int(paid))
        for zero_for_one, asked, taken, paid in RECORDED["swaps"]
    )
    reverts = tuple(
        (NAMES[zero_for_one], int(asked))
        for zero_for_one, asked, taken, paid in RECORDED["swaps"]
        if asked != taken
    )
    examples = 30

    def make_curves(self):
        return {
            NAMES[1]: priced(0),
            NAMES[0]: priced(1),
            "full range": full_range(10**18, 0),
            "nearly all is fee": full_range(10**18, 1, fee=999_999),
            "no fee": full_range(10**12, 0, fee=0),
            "nothing there": priced(0, ticks=[], liquidity="0"),
            "up to a limit": priced(0, limit=79_500_000_000_000_000_000_000_000_000),
        }


@pytest.mark.parametrize("kind", sorted(MODELS))
class TestModels(CurveModelTests):
    optional = ("fee_protocol",)
    signed = ("tick", "ticks")

    @pytest.fixture(autouse=True)
    def _kind(self, kind):
        self.kind = kind

    def make_model(self):
        return MODELS[self.kind]


@pytest.mark.parametrize("name", ["uniswap_v3", "pancakeswap_v3"])
def test_agrees_with_every_recorded_swap(name):
    if SHARED is None:
        pytest.skip("../shared is not here: no recorded swaps to compare with")
    summary = check_vectors(SHARED / "vectors" / f"{name}.jsonl.gz", Models())

    assert summary.ok, str(summary)


def test_takes_what_the_contract_took_of_a_swap_that_it_could_not_fill():
    for zero_for_one, asked, taken, _ in RECORDED["swaps"]:
        curve = priced(1 - zero_for_one)
        if asked != taken:
            assert curve.max_in == int(taken)
            with pytest.raises(arbx.InsufficientLiquidity, match=f"at most {taken}, not {asked}"):
                curve.amount_out(int(asked))


@pytest.mark.parametrize("limit", [0, MIN_SQRT_RATIO, 2**96, MAX_SQRT_RATIO, 2**160 - 1])
@pytest.mark.parametrize("token_in", [0, 1])
def test_refuses_every_amount_when_the_limit_is_on_the_wrong_side(limit, token_in):
    price = int(RECORDED["state"]["sqrt_price_x96"])
    allowed = MIN_SQRT_RATIO < limit < price if token_in == 0 else price < limit < MAX_SQRT_RATIO
    curve = priced(token_in, limit=limit)

    assert curve.amount_out(0) == 0
    if allowed:
        assert curve.amount_out(10**6) > 0
    else:
        assert curve.max_in == 0
        with pytest.raises(arbx.WouldRevert, match="SPL"):
            curve.amount_out(1)
        with pytest.raises(arbx.WouldRevert, match="SPL"):
            curve.least_in(1)


def test_refuses_a_pool_without_a_price():
    curve = priced(0, sqrt_price_x96=0, tick=0, ticks=[], liquidity=0)

    assert (curve.max_in, len(curve.pieces())) == (0, 0)
    with pytest.raises(arbx.WouldRevert, match="not initialised"):
        curve.amount_out(1)


def test_refuses_what_is_no_amount():
    for amount in (-1, 1.5, True, "7", None):
        with pytest.raises(arbx.InvalidAmount):
            priced().amount_out(amount)
        with pytest.raises(arbx.InvalidAmount):
            priced().least_in(amount)
        with pytest.raises(arbx.InvalidAmount):
            priced().line(amount)


def test_builds_no_step_before_someone_asks_and_few_for_a_small_amount():
    curve = full_range(10**30, 0)
    built = len(curve._steps)
    curve.amount_out(1000)

    assert built == 0
    assert len(curve._steps) == 1
    assert curve.max_in > 0
    assert len(curve._steps) > 3000


def test_answers_the_same_while_other_threads_build_its_table():
    expected = full_range(10**24, 0)
    amounts = [3**n for n in range(1, 90)]
    answers = [expected.amount_out(amount) for amount in amounts]
    shared, wrong = full_range(10**24, 0), []

    def ask(turn):
        for amount, answer in list(zip(amounts, answers, strict=True))[turn::4]:
            if shared.amount_out(amount) != answer:
                wrong.append(amount)

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_travels_without_its_table():
    curve = full_range(10**24, 0)
    before = len(pickle.dumps(curve))
    most = curve.max_in
    again = pickle.loads(pickle.dumps(curve))

    assert len(pickle.dumps(curve)) == before
    assert again.max_in == most


def test_crosses_a_long_empty_stretch_without_walking_it():
    # Two positions 1.7 million ticks apart, spacing 1: about 6,900 empty bitmap words between them.
    ticks = [[-880_000, "5"], [-879_999, "-5"], [880_000, "7"], [880_001, "-7"]]
    price = str(sqrt_ratio_at_tick(880_001))
    curve = priced(
        0, tick_spacing=1, ticks=ticks, liquidity="0", tick=880_001, sqrt_price_x96=price
    )

    assert curve.max_in > 0
    assert len(curve._steps) == 2


def test_prices_from_both_sides_of_a_boundary_tick():
    # A swap that stops exactly at 60 has crossed it downwards: the tick is 59, the price that of 60.
    price = str(sqrt_ratio_at_tick(60))
    inside = sum(int(net) for at, net, _ in RECORDED["state"]["ticks"] if at <= 59)
    below = priced(1, sqrt_price_x96=price, tick=59, liquidity=str(inside))
    outside = sum(int(net) for at, net, _ in RECORDED["state"]["ticks"] if at <= 60)
    above = priced(1, sqrt_price_x96=price, tick=60, liquidity=str(outside))

    assert below.amount_out(10**9) == above.amount_out(10**9)
    assert below.max_in == above.max_in


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"fee": 1_000_000}, "state.fee", "above 999999"),
        ({"tick_spacing": 0}, "state.tick_spacing", "below 1"),
        ({"tick_spacing": 7}, "state.ticks[0]", "multiple"),
        ({"tick": 98}, "state.tick", "is not there"),
        ({"tick": None}, "state.tick", "missing"),
        ({"sqrt_price_x96": "12"}, "state.sqrt_price_x96", "range"),
        ({"liquidity": "5"}, "state.liquidity", "sum to"),
        ({"ticks": [[0, "1"]], "liquidity": "1"}, "state.ticks", "not to 0"),
        ({"ticks": [[0, "-1"], [60, "1"]], "liquidity": "0"}, "state.ticks[0]", "uint128"),
        ({"ticks": [[60, "1"], [0, "-1"]]}, "state.ticks[1]", "rise"),
        ({"ticks": [[60, "1"], [60, "-1"]]}, "state.ticks[1]", "rise"),
        ({"ticks": [[0]]}, "state.ticks[0]", "liquidity_net"),
        ({"ticks": [[0, "1.5"]]}, "state.ticks[0].net", "decimal integer"),
        ({"ticks": [[900_000, "1"]]}, "state.ticks[0].tick", "above 887272"),
        ({"ticks": "none"}, "state.ticks", "not a list"),
    ],
)
def test_refuses_a_broken_state_by_field(change, field, says):
    with pytest.raises(arbx.InvalidState, match=says) as refused:
        priced(**change)

    assert refused.value.field == field


def test_refuses_a_direction_that_no_pool_has():
    model = MODELS["uniswap_v3"]
    state = model.parse(arbx.Fields(model.example))

    for token_in, token_out in ((0, 0), (0, 2), (-1, 0)):
        with pytest.raises(arbx.InvalidState, match="trades 0 for 1"):
            model.curve(state, token_in, token_out)


def test_says_how_much_of_the_input_it_keeps_in_the_step_that_it_ends_in():
    curve = priced(0)
    first = curve.teeth(0)

    assert isinstance(curve, ConcentratedLiquidity)
    assert (first.num, first.den, first.start) == (997_000, 1_000_000, 0)
    assert curve.teeth(first.end).start == first.end


def test_dumps_the_price_limit_with_the_state():
    model = MODELS["uniswap_v3"]
    record = {**RECORDED, "sqrt_price_limit_x96": str(2**95)}
    state = model.parse(arbx.Fields(record))

    assert model.parse(arbx.Fields({"state": model.dump(state)})) == state


def test_knows_the_prices_at_the_ends_of_the_tick_range():
    # TickMath.spec.ts of Uniswap/v3-core
    known = {
        -887_272: 4_295_128_739,
        -50: 79_030_349_367_926_598_376_800_521_322,
        50: 79_426_470_787_362_580_746_886_972_461,
        250_000: 21_246_587_762_933_397_357_449_903_968_194_344,
        887_272: 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342,
    }
    for tick, price in known.items():
        assert sqrt_ratio_at_tick(tick) == price
    for tick in (-887_273, 887_273):
        with pytest.raises(ValueError, match="outside"):
            sqrt_ratio_at_tick(tick)
