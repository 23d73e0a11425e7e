"""Our own coding agrees with eth_abi, and refuses what it refuses."""

import pytest
from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_abi.exceptions import DecodingError
from hypothesis import given
from hypothesis import strategies as st

from arbx.chain.abi import argument_types, calldata, decode, selector
from arbx.chain.aggregate import decode_results, encode_aggregate3
from arbx.model import Call

ADDRESS = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
BITS = st.integers(1, 32).map(lambda count: 8 * count)
RESULTS = st.lists(st.tuples(st.booleans(), st.binary(max_size=100)), max_size=6)


@st.composite
def typed_values(draw):
    kind = draw(st.sampled_from(["uint", "int", "address", "bool"]))
    if kind == "address":
        return kind, draw(ADDRESS)
    if kind == "bool":
        return kind, draw(st.booleans())
    bits = draw(BITS)
    lo, hi = (0, 2**bits - 1) if kind == "uint" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return f"{kind}{bits}", draw(st.integers(lo, hi))


@given(st.lists(typed_values(), min_size=1, max_size=5))
def test_words_are_coded_as_eth_abi_codes_them(rows):
    types, values = zip(*rows, strict=True)
    call = Call("0x" + "00" * 20, f"f({','.join(types)})", types, values)
    encoded = abi_encode(types, values)

    assert calldata(call) == selector(call.signature) + encoded
    assert decode(types, encoded) == values


@given(
    st.lists(
        st.sampled_from(["uint8", "int24", "address", "bool", "uint256"]), min_size=1, max_size=3
    ),
    st.binary(max_size=96),
)
def test_answers_that_eth_abi_refuses_are_none(types, data):
    try:
        expected = abi_decode(types, data)
    except DecodingError:
        expected = None

    assert decode(types, data) == expected


@given(st.lists(st.tuples(ADDRESS, st.binary(max_size=100)), max_size=6))
def test_bundles_are_coded_as_eth_abi_codes_them(calls):
    rows = [(target, True, data) for target, data in calls]
    expected = abi_encode(["(address,bool,bytes)[]"], [rows])

    assert encode_aggregate3(calls) == selector("aggregate3((address,bool,bytes)[])") + expected


@given(RESULTS)
def test_results_are_decoded_as_eth_abi_coded_them(rows):
    assert decode_results(abi_encode(["(bool,bytes)[]"], [rows])) == rows


@given(RESULTS, st.data())
def test_a_cut_answer_is_never_taken_for_a_whole_one(rows, data):
    whole = abi_encode(["(bool,bytes)[]"], [rows])
    padding = -len(rows[-1][1]) % 32 if rows else 0
    cut = whole[: data.draw(st.integers(0, len(whole) - padding - 1))]

    with pytest.raises(ValueError, match=r"of the answer|there is no word"):
        decode_results(cut)


@pytest.mark.parametrize("signature", ["", "f", "()", "f(", "f)", "f(uint256", "f(unknown!)"])
def test_a_signature_that_is_none_is_refused(signature):
    with pytest.raises(ValueError, match="not a function signature"):
        argument_types(signature)


@pytest.mark.parametrize(
    ("types", "args"),
    [
        (("uint8",), (256,)),
        (("uint8",), (-1,)),
        (("int24",), (2**23,)),
        (("bool",), (1,)),
        (("address",), ("0x12",)),
        (("address",), ("0x" + "zz" * 20,)),
        (("uint256",), (1.0,)),
        (("uint256",), ()),
        (("string",), (1,)),
    ],
)
def test_arguments_that_do_not_fit_name_the_call(types, args):
    call = Call("0x" + "12" * 20, f"f({','.join(types)})", (), args)

    with pytest.raises(ValueError, match=r"f\(.*\) on 0x1212"):
        calldata(call)
