"""Every recorded swap of the real contracts, to the wei, reverts included."""

import pytest

import arbx
from arbx.testing import compare

KINDS = ("balancer_weighted", "balancer_stable", "balancer_v2_late", "balancer_v3")


def pays_for_a_neighbour(curve, least, wanted):
    """Tell whether one unit less pays as well; a contract that reverts there pays nothing."""
    try:
        return curve.amount_out(least - 1) >= wanted
    except arbx.WouldRevert:
        return False


@pytest.mark.parametrize("kind", KINDS)
def test_pays_what_the_contract_paid_for_every_exact_input(kind, recorded, price):
    records = [record for record in recorded(kind) if record["mode"] == "exact_in"]
    wrong = [str(found) for record in records if (found := compare(record, price(record)))]

    assert len(records) > 1000
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_asks_an_input_that_pays_while_one_unit_less_does_not(kind, recorded, price):
    for record in recorded(kind):
        if record["mode"] != "exact_out" or record["amount_out"] == "0":
            continue
        curve, wanted = price(record), int(record["amount_out"])
        try:
            least = curve.least_in(wanted)
        except arbx.InsufficientLiquidity:
            # Given out, a weighted pool sells up to 30 % of one token; given in, it takes up to 30 % of the other.
            assert curve.max_in == 0 or curve.amount_out(curve.max_in) < wanted, record["id"]
            continue

        assert curve.amount_out(least) >= wanted, record["id"]
        assert not pays_for_a_neighbour(curve, least, wanted), record["id"]


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_every_recorded_payment_by_lines_from_anywhere(kind, recorded, price):
    for record in recorded(kind)[::7]:
        if record["mode"] != "exact_in" or record["revert"]:
            continue
        curve = price(record)
        amount, paid = int(record["amount_in"]), int(record["amount_out"])
        for point in (0, amount // 2, amount, amount * 2, curve.max_in):
            slope, offset, den = curve.line(point)

            assert paid * den <= slope * amount + offset, (record["id"], point)
            assert offset >= 0


@pytest.mark.parametrize("kind", KINDS)
def test_round_trips_every_state_through_dump(kind, recorded, models):
    for record in recorded(kind)[::29]:
        model = models[kind]
        state = model.parse(arbx.Fields(record))

        assert model.parse(arbx.Fields({**record, "state": model.dump(state)})) == state


def test_prices_every_real_pool_that_is_not_empty(snapshot, models):
    refused, priced = [], 0
    for record in snapshot:
        if record["kind"] in models:
            model = models[record["kind"]]
            state = model.parse(arbx.Fields(record))
            try:
                curve = model.curve(state, 0, 1)
            except arbx.InvalidState as error:
                refused.append(error.why)
            else:
                priced += 1

                assert curve.amount_out(curve.max_in) >= curve.amount_out(curve.max_in // 2)

    # 27 empty pools, and 6 bootstrapping pools, whose weights are stored in 16 bits
    assert priced == 159
    assert sum("empty" in why for why in refused) == 27
    assert sum("bootstrapping" in why for why in refused) == 6
