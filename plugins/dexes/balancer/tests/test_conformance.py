"""The kit's promises, kept by pools whose swaps the real contracts recorded."""

import copy
import gzip
import json
from functools import cache

import pytest

import arbx
from arbx.testing import CurveModelTests, CurveTests, Slack

from .conftest import MODELS, SHARED

needs_records = pytest.mark.skipif(
    SHARED is None, reason="../shared is not here: no recorded swaps to compare with"
)


@cache
def chosen(kind, through_bpt=False):
    """Return one recorded swap of each generation, between tokens of few decimals."""
    if SHARED is None:
        return {}
    found = {}
    with gzip.open(SHARED / "vectors" / f"{kind}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            state = record["state"]
            ends = (record["token_in"], record["token_out"])
            if record["mode"] != "exact_in" or record["revert"] or record["amount_out"] == "0":
                continue
            if through_bpt != (state.get("bpt_index") in ends):
                continue
            if through_bpt or max(state["token_decimals"][end] for end in ends) <= 8:
                found.setdefault(state["pool"], record)
    return found


def curve_of(record):
    model = MODELS[record["kind"]]
    return model.curve(model.parse(arbx.Fields(record)), record["token_in"], record["token_out"])


def vectors_of(records):
    return [
        (name, int(record["amount_in"]), int(record["amount_out"]))
        for name, record in records.items()
    ]


@needs_records
class TestWeighted(CurveTests):
    vectors = vectors_of(chosen("balancer_weighted"))

    def make_curves(self):
        return {name: curve_of(record) for name, record in chosen("balancer_weighted").items()}


class TestEvenWeights(CurveTests):
    # WeightedMath._calcOutGivenIn by hand: 1e12·5e11/(2e13 + 5e11), the base rounded up to 18 digits
    vectors = (("even", 5 * 10**11, 24_390_243_902),)

    def make_curves(self):
        record = copy.deepcopy(dict(MODELS["balancer_weighted"].example))
        half, balances = str(5 * 10**17), [str(2 * 10**13), str(10**12)]
        record["state"].update(weights=[half, half], balances=balances, swap_fee="0")
        curve = curve_of({**record, "token_in": 0, "token_out": 1})
        record["state"]["swap_fee"] = str(3 * 10**15)
        assert len(curve.pieces()) == 1
        return {"even": curve, "with a fee": curve_of({**record, "token_in": 1, "token_out": 0})}


@needs_records
class TestStable(CurveTests):
    vectors = vectors_of(chosen("balancer_stable"))

    def make_curves(self):
        return {name: curve_of(record) for name, record in chosen("balancer_stable").items()}


@needs_records
class TestLate(CurveTests):
    vectors = vectors_of(chosen("balancer_v2_late"))

    def make_curves(self):
        return {name: curve_of(record) for name, record in chosen("balancer_v2_late").items()}


@needs_records
class TestV3(CurveTests):
    vectors = vectors_of(chosen("balancer_v3"))

    def make_curves(self):
        return {name: curve_of(record) for name, record in chosen("balancer_v3").items()}


@needs_records
class TestThroughBpt(CurveTests):
    # The ratio of the invariants has 18 digits, of which a small join moves the last ones only.
    slack = Slack(units=10**14, ppm=100)
    wobble_units = 10**9
    examples = 10
    vectors = vectors_of(chosen("balancer_stable", through_bpt=True))

    def make_curves(self):
        records = chosen("balancer_stable", through_bpt=True)
        return {name: curve_of(record) for name, record in records.items()}

    def test_accepts_max_in(self):
        # Far from balance the contract's invariant does not come to rest for some amounts below max_in.
        for name, curve in self.make_curves().items():
            assert curve.amount_out(curve.max_in) >= 0, name


@pytest.mark.parametrize("kind", sorted(MODELS))
class TestModels(CurveModelTests):
    optional = ("pool", "bpt_index", "token_decimals", "balances_live_scaled18")

    @pytest.fixture(autouse=True)
    def _kind(self, kind):
        self.kind = kind

    def make_model(self):
        return MODELS[self.kind]
