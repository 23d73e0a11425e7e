"""The host prices records, names the pool in each refusal, and blames a plugin by name."""

import attrs
import pytest

import arbx
from arbx.plugins.loading import Plugin

A, B = "0x" + "a" * 40, "0x" + "b" * 40
RECORD = {
    "chain_id": 1, "block": 5, "kind": "flat", "dex": None, "address": "0x" + "c" * 40,
    "tokens": [
        {"address": A, "symbol": "AAA", "decimals": 18},
        {"address": B, "symbol": None, "decimals": None},
    ],
    "state": {"fee": "7"},
}  # fmt: skip


class Flat:
    max_in = 100

    def __init__(self, fee):
        self.fee = fee

    def amount_out(self, amount_in, /):
        return amount_in - self.fee


def parse(record):
    return record.fields("state").uint("fee")


def curve(state, token_in, token_out):
    return Flat(state)


MODEL = arbx.CurveModel("flat", parse=parse, curve=curve, dump=lambda state: {"fee": str(state)})


def host_with(**changes):
    return arbx.Host([Plugin("xyz", offers={"arbx_curves": (attrs.evolve(MODEL, **changes),)})])


def fails(*_):
    raise ZeroDivisionError("by zero")


def test_prices_a_record():
    assert host_with().curve(RECORD, token_in=0, token_out=1).amount_out(10) == 3


def test_prices_a_vector_which_has_neither_address_nor_tokens():
    vector = {"id": "flat-1", "kind": "flat", "state": {"fee": 1}}

    assert host_with().curve(vector, token_in=1, token_out=0).amount_out(10) == 9


def test_gives_states_that_price_the_same_and_dump_the_same():
    host = host_with()
    state = host.state(RECORD)

    assert state.block == 5
    assert host.price(state, 1, 0).amount_out(10) == 3
    assert host.record(state) == RECORD


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": {"fee": "x"}}, "state.fee: is 'x', not a decimal integer, in pool 0xccc"),
        ({"state": None}, "state: is missing, in pool 0xccc"),
        ({"address": "0xABC"}, "address: '0xABC' is not a lower-case 0x address"),
        ({"address": 5}, "address: is int, not a string"),
        ({"chain_id": "one"}, "chain_id: is 'one', not a decimal integer"),
        ({"chain_id": None}, "chain_id: is missing"),
        ({"block": -1}, "block: is -1, below 0"),
        ({"tokens": []}, "tokens: a pool has at least two tokens, all different"),
        ({"tokens": [{"address": A}] * 2}, "tokens: a pool has at least two tokens"),
        ({"tokens": [{"address": A}, {"address": "0xB"}]}, "tokens[1].address: '0xB' is not"),
        ({"tokens": [{"address": A}, 3]}, "tokens[1]: is int, not an object"),
        ({"tokens": [{"address": A, "decimals": 256}, {"address": B}]}, "tokens[0].decimals"),
        ({"dex": 3}, "dex: is int, not a string"),
    ],
)
def test_names_field_and_pool_of_a_bad_record(changes, says):
    with pytest.raises(arbx.InvalidState) as refusal:
        host_with().state({**RECORD, **changes})

    assert says in str(refusal.value)
    assert ", in " in str(refusal.value)


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        ((0, 0), "token_out: is 0, the same token as token_in"),
        ((0, 2), "token_out: is 2, not the index of one of 2 tokens"),
        ((-1, 1), "token_in: is -1, not the index"),
        ((True, 0), "token_in: is True, not the index"),
        (("0", 1), "token_in: is '0', not the index"),
    ],
)
def test_refuses_what_is_no_direction(ends, says):
    with pytest.raises(arbx.InvalidState) as refusal:
        host_with().curve(RECORD, *ends)

    assert str(refusal.value).startswith(says)


@pytest.mark.parametrize("record", [None, [], "{}", {}, {"kind": None}, {"kind": ["flat"]}])
def test_refuses_what_is_no_record(record):
    with pytest.raises(arbx.InvalidState, match=r"record|kind"):
        host_with().curve(record)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("balancer_weighted", "select 'balancer' (pip install arbx-dex-balancer)"),
        ("frob", "frob: no selected plugin prices it; selected plugins price flat"),
    ],
)
def test_says_which_plugin_would_price_an_unknown_kind(kind, says):
    with pytest.raises(arbx.UnknownKind) as refusal:
        host_with().curve({**RECORD, "kind": kind})

    assert says in str(refusal.value)


@pytest.mark.parametrize(("place", "call"), [("parse", "curve"), ("curve", "curve")])
def test_blames_the_plugin_for_what_it_raises(place, call):
    host = host_with(**{place: fails})

    with pytest.raises(arbx.PluginError, match=f"xyz failed in {place} of flat: ZeroDivisionErr"):
        getattr(host, call)(RECORD)


def test_blames_the_plugin_for_a_dump_that_raises():
    host = host_with(dump=fails)

    with pytest.raises(arbx.PluginError, match="xyz failed in dump of flat"):
        host.record(host.state(RECORD))


def test_refuses_what_is_no_curve():
    with pytest.raises(arbx.PluginError, match="xyz failed in curve: flat gave a NoneType, not a"):
        host_with(curve=lambda *_: None).curve(RECORD)


def test_offers_cannot_be_changed():
    host = host_with()

    with pytest.raises(TypeError):
        host.models["flat"] = MODEL
    with pytest.raises(TypeError):
        host.plugins[0].offers["arbx_curves"] = ()
