"""What a record must say of a pool, and what is refused by which field."""

import copy

import pytest

import arbx
from arbx_dex_balancer.generations import GENERATIONS, named_by_version

ONE = 10**18

WRONG = [
    ("balancer_weighted", {"weights": [str(5 * 10**17), str(4 * 10**17)]}, "state.weights", "sum to 9000"),
    ("balancer_weighted", {"weights": [str(ONE)]}, "state.weights", "1 entries, not 2"),
    ("balancer_weighted", {"weights": [str(ONE - 1), "1"]}, "state.weights[1]", "not within 1e16"),
    ("balancer_weighted", {"balances": ["5", "0"]}, "state.balances[1]", "is 0 while others"),
    ("balancer_weighted", {"balances": ["5"]}, "state.balances", "1 entries"),
    ("balancer_weighted", {"balances": [str(2**112), "5"]}, "state.balances[0]", "above"),
    ("balancer_weighted", {"swap_fee": str(ONE)}, "state.swap_fee", "above"),
    ("balancer_weighted", {"pool": "WeightedPool v9 (20300101)"}, "state.pool", "unknown generation"),
    ("balancer_weighted", {"pool": "StablePool v2 (20220609)"}, "state.pool", "not a weighted pool of V2"),
    ("balancer_weighted", {"token_decimals": [6, 19]}, "state.token_decimals", "above 18"),
    ("balancer_weighted", {"pool_id": "0x12"}, "state.pool_id", "not a lower-case 0x id"),
    ("balancer_stable", {"amp": 999}, "state.amp", "below 1000"),
    ("balancer_stable", {"amp": 5_000_001}, "state.amp", "above 5000000"),
    ("balancer_stable", {"amp_precision": 100}, "state.amp_precision", "below 1000"),
    ("balancer_stable", {"scaling_factors": [str(ONE)]}, "state.scaling_factors", "1 entries, not 2"),
    ("balancer_stable", {"scaling_factors": ["0", "1"]}, "state.scaling_factors[0]", "below 1"),
    ("balancer_stable", {"balances": ["1"] * 6}, "state.balances", "not 2 to 5"),
    ("balancer_stable", {"bpt_index": 0}, "state.balances", "not 3 to 6"),
    ("balancer_v3", {"rates": None}, "state.rates", "is missing"),
    ("balancer_v3", {"weights": None}, "state.weights", "and so is amp"),
    ("balancer_v3", {"pool": "V3 StablePool (20241205)"}, "state.pool", "not a weighted pool of V3"),
    ("balancer_v3", {"balances_live_scaled18": ["0", "5"]}, "state.balances_live_scaled18[0]", "below 1"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change", "field", "why"), WRONG)
def test_refuses_a_wrong_record_by_field(kind, change, field, why, models):
    record = copy.deepcopy(dict(models[kind].example))
    record["state"].update(change)

    with pytest.raises(arbx.InvalidState, match=why) as refused:
        models[kind].parse(arbx.Fields(record))
    assert refused.value.field == field


def test_asks_for_the_supply_that_joins_and_exits_count_with(models):
    record = copy.deepcopy(dict(models["balancer_stable"].example))
    record["state"].update(
        pool=None, bpt_index=0, balances=["1"] * 3, scaling_factors=[str(ONE)] * 3
    )

    with pytest.raises(arbx.InvalidState, match="actual_supply: is missing"):
        models["balancer_stable"].parse(arbx.Fields(record))


def test_refuses_a_pool_token_in_a_generation_that_has_none(models):
    record = copy.deepcopy(dict(models["balancer_stable"].example))
    record["state"].update(
        bpt_index=0, balances=["1"] * 3, scaling_factors=[str(ONE)] * 3, actual_supply="1"
    )

    with pytest.raises(arbx.InvalidState, match="has no pool token among its tokens"):
        models["balancer_stable"].parse(arbx.Fields(record))


def test_takes_decimals_from_the_tokens_where_the_state_has_none(models, price):
    record = copy.deepcopy(dict(models["balancer_weighted"].example))
    record["tokens"][1]["decimals"] = None

    with pytest.raises(arbx.InvalidState, match=r"tokens\[1\].decimals: is missing"):
        price(record, 0, 1)


def test_prices_a_record_without_generation_like_the_newest(models, price):
    record = copy.deepcopy(dict(models["balancer_weighted"].example))
    record["state"]["weights"] = [str(5 * 10**17)] * 2
    paid = {}
    for name in (None, "WeightedPool v4 (20230320)", "WeightedPool v1 (20210418)"):
        record["state"]["pool"] = name
        paid[name] = price(record, 0, 1).amount_out(10**12)

    # v1 has no short cut for the exponent 1 and gives up 1e-14 of the balance.
    assert paid[None] == paid["WeightedPool v4 (20230320)"] >= paid["WeightedPool v1 (20210418)"]


@pytest.mark.parametrize("ends", [(0, 0), (0, 2), (-1, 0)])
def test_refuses_a_direction_that_the_pool_has_not(ends, models, price):
    with pytest.raises(arbx.InvalidState, match="the pool has 2 tokens"):
        price(models["balancer_stable"].example, *ends)


def test_refuses_an_empty_pool_and_a_bootstrapping_pool_when_a_curve_is_asked_for(models, price):
    empty = copy.deepcopy(dict(models["balancer_weighted"].example))
    empty["state"]["balances"] = ["0", "0"]
    compressed = copy.deepcopy(dict(models["balancer_weighted"].example))
    compressed["state"]["weights"] = ["950011444266422523", "50003814755474175"]

    with pytest.raises(arbx.InvalidState, match="the pool is empty"):
        price(empty, 0, 1)
    with pytest.raises(arbx.InvalidState, match="bootstrapping pool is not supported"):
        price(compressed, 0, 1)


def test_takes_the_balance_of_the_new_v3_weighted_pool_one_unit_higher(models, price):
    record = copy.deepcopy(dict(models["balancer_v3"].example))
    record["state"].update(
        balances=[str(10**9 + 1), str(2**127)], scaling_factors=["1", "1"], swap_fee="0"
    )
    paid = {}
    for name in ("V3 WeightedPool (20241205)", "V3 WeightedPool v2 (20260115)"):
        record["state"]["pool"] = name
        paid[name] = price(record, 0, 1).amount_out(10**8)
    older, newer = paid.values()

    # 2**127 · (1 - b/(b + 1e8)) with the base rounded up
    balance = 10**9 + 1
    base = -(-balance * ONE // (balance + 10**8))
    base_newer = -(-(balance + 1) * ONE // (balance + 1 + 10**8))
    assert older == 2**127 * (ONE - base) // ONE
    assert newer == 2**127 * (ONE - base_newer) // ONE


def test_answers_zero_below_the_smallest_trade_of_v3(models, price):
    record = copy.deepcopy(dict(models["balancer_v3"].example))
    record["state"].update(scaling_factors=["1", "1"])
    curve = price(record, 0, 1)

    assert curve.amount_out(10**6) == 0
    assert curve.least_in(1) > 10**6
    assert curve.amount_out(curve.least_in(1)) >= 10**6


def test_every_direction_of_a_dead_pool_takes_nothing(models, price):
    # The invariant of these balances overflows 256 bits: d_p·d with D = 2**166.
    record = copy.deepcopy(dict(models["balancer_stable"].example))
    record["state"].update(balances=[str(2**111), str(2**111)], scaling_factors=[str(10**36)] * 2)
    curve = price(record, 0, 1)

    assert curve.max_in == 0
    assert curve.amount_out(0) == 0
    assert curve.line(5) == (0, 0, 1)
    with pytest.raises(
        arbx.InsufficientLiquidity, match=r"rejects every swap: .* overflows 256 bits"
    ):
        curve.amount_out(1)
    with pytest.raises(arbx.InsufficientLiquidity):
        curve.least_in(1)


def test_names_a_generation_as_the_contract_tells_it():
    told = '{"name":"WeightedPool","version":2,"deployment":"20260115-v3-weighted-pool-v2"}'

    assert named_by_version(told, vault=3) in GENERATIONS
    with pytest.raises(arbx.InvalidState, match="not Balancer's version object"):
        named_by_version("1.0", vault=2)
