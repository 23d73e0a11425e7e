"""Every recorded swap of the real contracts, to the wei."""

import pytest
from gmpy2 import mpz

import arbx
from arbx.testing import compare
from arbx_dex_curve import arbx_curves
from arbx_dex_curve.cryptoswap import CryptoSwap
from arbx_dex_curve.models import parse_ng, parse_plain
from arbx_dex_curve.ng import NgSwap
from arbx_dex_curve.stableswap import PlainSwap

MODELS = {model.kind: model for model in arbx_curves()}

# What no rule can decide from the recorded state alone.
KNOWN = {
    # sUSD pays one unit for nothing; an input of 0 is always answered 0.
    "curve_stableswap-1-158",
    # The pool's profit is below the last digit of a virtual price that the state does not tell.
    "curve_cryptoswap-1-2040",
    # Reverts while it adjusts the price scale to an oracle that the state does not tell.
    "curve_cryptoswap-1-2813",
}


def curve_of(record):
    model = MODELS[record["kind"]]
    state = model.parse(arbx.Fields(record))
    return model.curve(state, record["token_in"], record["token_out"])


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_agrees_with_every_recorded_swap(kind, recorded):
    records = recorded(kind)

    wrong = [str(found) for record in records if (found := compare(record, curve_of(record)))]
    strange = [line for line in wrong if line.split()[0] not in KNOWN]

    assert not strange
    assert len(wrong) < 3


def stored(record, swap, state):
    i, j = record["token_in"], record["token_out"]
    paid, balance_in, balance_out = swap.settled(state, int(record["amount_in"]))
    after = [int(balance) for balance in record["balances_after"]]
    return (paid, balance_in, balance_out) == (int(record["amount_out"]), after[i], after[j])


@pytest.mark.parametrize(
    ("kind", "parse", "swap"),
    [
        ("curve_stableswap", parse_plain, PlainSwap),
        ("curve_stableswap_ng", parse_ng, NgSwap),
    ],
)
def test_settles_the_balances_that_the_contract_stores(kind, parse, swap, recorded):
    checked, wrong = 0, []
    for record in recorded(kind):
        if "balances_after" not in record:
            continue
        state = parse(arbx.Fields(record))
        made = swap(state, record["token_in"], record["token_out"])
        checked += 1
        if int(record["amount_in"]) and not stored(record, made, state):
            wrong.append(record["id"])

    assert checked > 2000
    assert not wrong


def test_finds_the_invariant_that_the_contract_stores(recorded):
    checked, wrong = 0, []
    for record in recorded("curve_cryptoswap"):
        if record.get("price_scale_after") != record["state"]["price_scale"]:
            continue
        state = MODELS["curve_cryptoswap"].parse(arbx.Fields(record))
        swap = CryptoSwap(state, record["token_in"], record["token_out"])
        checked += 1
        if int(swap.invariant_after(mpz(record["amount_in"]))) != int(record["D_after"]):
            wrong.append(record["id"])

    assert checked > 1000
    assert not wrong
