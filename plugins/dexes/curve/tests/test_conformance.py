"""The kit's promises, on pools of every generation with the answers of their real contracts."""

import gzip
import json

import pytest

import arbx
from arbx.testing import CurveModelTests, CurveTests, Slack
from arbx.testing.promises import bounds, quotes
from arbx.testing.samples import sample_amounts
from arbx_dex_curve import arbx_curves

from .conftest import SHARED

MODELS = {model.kind: model for model in arbx_curves()}
POOLS_OF_A_GENERATION = 1

pytestmark = pytest.mark.skipif(
    SHARED is None, reason="../shared is not here: recorded swaps can't be compared"
)


def usable(record):
    paid = int(record.get("amount_out") or 0)
    return record["mode"] == "exact_in" and int(record["amount_in"]) > 0 and paid > 10**6


def sample(kind, wanted=lambda record: True):
    """Return curves by name, and what their contracts paid, of a few pools of each generation."""
    curves, vectors, seen = {}, [], {}
    if SHARED is None:
        return curves, vectors
    with gzip.open(SHARED / "vectors" / f"{kind}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            name = f"{record['state']['pool']} {record.get('level', '')} {way(record)}"
            if not usable(record) or not wanted(record):
                continue
            if seen.get(name, 0) < POOLS_OF_A_GENERATION:
                seen[name] = seen.get(name, 0) + 1
                model = MODELS[kind]
                state = model.parse(arbx.Fields(record))
                curves[record["id"]] = model.curve(state, record["token_in"], record["token_out"])
                vectors.append((record["id"], int(record["amount_in"]), int(record["amount_out"])))
    return curves, vectors


def way(record):
    """Say what a metapool's swap does in its base pool."""
    if record.get("level") != "underlying":
        return ""
    return f"{'base' if record['token_in'] else 'coin'} to {'base' if record['token_out'] else 'coin'}"


def deposits(record):
    return way(record) == "base to coin"


def no_deposit(record):
    return not deposits(record)


def constant_fee(record):
    return int(record["state"]["offpeg_fee_multiplier"]) <= 10**10


def dynamic_fee(record):
    return not constant_fee(record)


def never_decreases_up_to_the_pools_size(tests):
    for case in tests.cases():
        usual = case.curve._prepare().usual_in() // 16
        quotes.never_decreases(case, [a for a in sample_amounts(case.curve) if a <= usual])


def touches_where_the_tangent_is_proven(tests):
    """Before its balance point a pool's fee falls: only the bound is promised there, not how near it is."""
    asked = 0
    for case in tests.cases():
        if not isinstance(case.curve, arbx.Provable):
            continue
        lines = case.curve._prepare()
        amounts = sample_amounts(case.curve)
        if hasattr(lines, "touches"):
            amounts = [amount for amount in amounts if lines.touches(amount)]
        asked += len(amounts)
        bounds.line_touches_near_its_point(case, amounts)

    assert asked > 20


def refuses_more_than_the_pool_has(tests):
    # With a dynamic fee the largest input does not pay most, so the kit's own question has another answer.
    for case in tests.cases():
        most = max(case.curve.amount_out(amount) for amount in sample_amounts(case.curve))

        with pytest.raises(arbx.InsufficientLiquidity):
            case.curve.least_in(2 * most)


class TestStableSwap(CurveTests):
    curves, vectors = sample("curve_stableswap")
    slack = Slack(units=256)  # get_D rounds: by some units of 1e-18 in badly imbalanced pools

    examples = 15

    def make_curves(self):
        return self.curves


class TestStableSwapNg(CurveTests):
    curves, vectors = sample("curve_stableswap_ng", constant_fee)

    examples = 15

    def make_curves(self):
        return self.curves


class TestMetapool(CurveTests):
    curves, vectors = sample("curve_metapool", no_deposit)
    slack = Slack(units=256)  # get_D rounds, in the metapool and in its base pool

    examples = 15

    def make_curves(self):
        return self.curves

    def test_line_touches_near_its_point(self):
        touches_where_the_tangent_is_proven(self)

    def test_never_decreases(self):
        never_decreases_up_to_the_pools_size(self)

    def test_least_in_refuses_what_the_pool_cannot_pay(self):
        refuses_more_than_the_pool_has(self)


class TestMetapoolThatDepositsFirst(TestMetapool):
    curves, vectors = sample("curve_metapool", deposits)
    # The base pool rounds its fee on the two dollars with 6 decimals down: up to two units of 1e-6 each.
    slack = Slack(units=5 * 10**12)


class TestStableSwapNgWithDynamicFee(CurveTests):
    curves, vectors = sample("curve_stableswap_ng", dynamic_fee)

    examples = 15

    def make_curves(self):
        return self.curves

    def test_line_touches_near_its_point(self):
        touches_where_the_tangent_is_proven(self)

    def test_never_decreases(self):
        # The fee of the contract grows on after the coin out is used up: only usual inputs are monotone.
        never_decreases_up_to_the_pools_size(self)

    def test_least_in_refuses_what_the_pool_cannot_pay(self):
        refuses_more_than_the_pool_has(self)


class TestCryptoSwap(CurveTests):
    curves, vectors = sample("curve_cryptoswap")
    slack = Slack(units=10**9)  # what Cardano's formula may be off by, in units of 1e-18
    # "Loss": among dust, one input leaves the pool a profit of 1e-18 and the next one does not.
    wobble_units = 10**13

    examples = 15

    def make_curves(self):
        return self.curves

    def test_line_touches_near_its_point(self):
        touches_where_the_tangent_is_proven(self)


class TestStableSwapModel(CurveModelTests):
    optional = ("pool", "n", "a_precision")

    def make_model(self):
        return MODELS["curve_stableswap"]


class TestStableSwapNgModel(CurveModelTests):
    optional = ("pool", "n", "a_precision", "asset_types")

    def make_model(self):
        return MODELS["curve_stableswap_ng"]


class TestMetapoolModel(CurveModelTests):
    optional = ("pool", "n", "a_precision", "level")

    def make_model(self):
        return MODELS["curve_metapool"]


class TestCryptoSwapModel(CurveModelTests):
    optional = ("pool", "n")

    def make_model(self):
        return MODELS["curve_cryptoswap"]
