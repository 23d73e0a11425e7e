"""Bad records get one clear error that names the field; good ones without a generation get the documented rule."""

import copy

import pytest

import arbx
from arbx_dex_curve import arbx_curves, examples
from arbx_dex_curve.models import parse_plain
from arbx_dex_curve.stableswap import PlainSwap

MODELS = {model.kind: model for model in arbx_curves()}


def changed(example, **fields):
    record = copy.deepcopy(dict(example))
    record["state"] = {**record["state"], **fields}
    return record


@pytest.mark.parametrize(
    ("example", "fields", "named", "said"),
    [
        (
            examples.STABLESWAP,
            {"pool": "StableSwapY.vy"},
            "state.pool",
            "supported: StableSwap3Pool",
        ),
        (examples.STABLESWAP, {"a_precise": "0"}, "state.a_precise", "below"),
        (examples.STABLESWAP, {"a_precise": "1000001"}, "state.a_precise", "above"),
        (examples.STABLESWAP, {"a_precision": 100}, "state.a_precision", "StableSwap3Pool"),
        (examples.STABLESWAP, {"balances": ["1", "2"]}, "state.balances", "2 entries"),
        (examples.STABLESWAP, {"balances": ["1", "0", "2"]}, "state.balances[1]", "below 1"),
        (examples.STABLESWAP, {"rates": None}, "state.rates", "missing"),
        (examples.STABLESWAP, {"rates": ["1"]}, "state.rates", "1 entries"),
        (examples.STABLESWAP_NG, {"offpeg_fee_multiplier": "1" + "0" * 20}, "multiplier", "100 %"),
        (examples.METAPOOL, {"level": "sideways"}, "state.level", "meta, underlying"),
        (examples.METAPOOL, {"level": "underlying"}, "state.base", "missing"),
        (examples.CRYPTOSWAP, {"pool": "Tricrypto2"}, "state.pool", "CurveTwocrypto"),
        (examples.CRYPTOSWAP, {"gamma": "1"}, "state.gamma", "below"),
        (examples.CRYPTOSWAP, {"price_scale": ["1"]}, "state.price_scale", "not 2"),
        (examples.CRYPTOSWAP, {"balances": ["1", "2"]}, "state.balances", "has 3"),
    ],
)
def test_refuses_a_bad_record_by_field(example, fields, named, said):
    record = changed(example, **fields)

    with pytest.raises(arbx.InvalidState) as caught:
        MODELS[record["kind"]].parse(arbx.Fields(record))

    assert named in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("precision", "name"), [(1, "StableSwap3Pool"), (100, "SwapTemplateBase")]
)
def test_takes_the_generation_from_the_precision_of_a(precision, name):
    record = changed(examples.STABLESWAP, pool=None, a_precision=precision)

    assert parse_plain(arbx.Fields(record)).generation.name == name


def test_refuses_a_direction_that_the_pool_has_not():
    state = parse_plain(arbx.Fields(examples.STABLESWAP))

    with pytest.raises(arbx.InvalidState, match="no direction of 3 tokens"):
        MODELS["curve_stableswap"].curve(state, 1, 1)


def test_takes_nothing_where_the_invariant_does_not_converge():
    # A broken pool: get_D of the template raises, exchange always reverts.
    record = changed(
        examples.STABLESWAP,
        pool="Plain3Basic",
        a_precise="100",
        a_precision=100,
        balances=["2217551369909", "653724233690516", "20"],
        rates=["1" + "0" * 27, "1" + "0" * 21, "1" + "0" * 36],
    )
    model = MODELS["curve_stableswap"]
    curve = model.curve(model.parse(arbx.Fields(record)), 0, 1)

    assert curve.max_in == 0
    assert curve.line(5) == (0, 0, 1)
    with pytest.raises(arbx.WouldRevert, match="does not converge"):
        curve.amount_out(75292965)


def test_prices_the_least_virtual_balance_like_the_formula():
    # By hand: x = y = 1000, A·N large: a swap of 100 leaves about 900, one unit is given up, no fee.
    record = changed(
        examples.STABLESWAP, fee="0", balances=["1" + "0" * 24] * 3, rates=["1" + "0" * 18] * 3
    )
    swap = PlainSwap(parse_plain(arbx.Fields(record)), 0, 1)

    assert 10**20 - 10**16 < swap.pays(10**20) < 10**20
