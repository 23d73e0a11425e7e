"""What is signed and what is refused, before a key touches it."""

import pytest

import arbx
from arbx_keystore_keyfile.transaction import checked

ADDRESS = "0x" + "0a" * 20
DYNAMIC = {
    "chainId": 1, "nonce": 0, "gas": 21_000, "to": "0x" + "0b" * 20, "maxFeePerGas": 2, "maxPriorityFeePerGas": 1,
}  # fmt: skip
LEGACY = {"chainId": 1, "nonce": 0, "gas": 21_000, "to": "0x" + "0b" * 20, "gasPrice": 2}


def test_fills_in_nothing_but_an_absent_value_and_absent_data():
    assert checked(DYNAMIC, 1, ADDRESS) == {
        **DYNAMIC, "to": b"\x0b" * 20, "value": 0, "data": b"", "type": 2, "accessList": (),
    }  # fmt: skip
    assert checked(LEGACY, 1, ADDRESS) == {**LEGACY, "to": b"\x0b" * 20, "value": 0, "data": b""}


def test_takes_the_creation_of_a_contract():
    assert checked({**DYNAMIC, "to": None, "data": "0x00"}, 1, ADDRESS)["to"] == b""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"chainId": 5}, "for chain 5, the key store for chain 1"),
        ({"chainId": True}, "chainId is not an integer"),
        ({"chainId": "1"}, "chainId is not an integer"),
        ({"nonce": -1}, "nonce is not an integer"),
        ({"nonce": None}, "has no nonce; nothing is guessed"),
        ({"gas": 1.0}, "gas is not an integer"),
        ({"value": 1 << 256}, "value is not an integer from 0"),
        ({"value": "0xzz"}, "value is not an integer"),
        ({"to": "0x0b"}, "to has 1 bytes"),
        ({"to": "vitalik.eth"}, "to is neither bytes nor hex"),
        ({"to": None}, "to and data are both empty"),
        ({"data": "0x0"}, "data is neither bytes nor hex"),
        ({"data": 7}, "data is neither bytes nor hex"),
        ({"from": "0x" + "0c" * 20}, f"the key's address is {ADDRESS}"),
        ({"type": 0}, "type is 0, and the fees are those of type 2"),
        ({"type": 3}, "type is 3"),
        ({"gasPrice": 1}, "has gasPrice, which is in no transaction of its type"),
        ({"blobVersionedHashes": []}, "has blobVersionedHashes"),
        ({"maxPriorityFeePerGas": 3}, "is above maxFeePerGas"),
        ({"accessList": [{"address": ADDRESS}]}, "accessList is not a list of"),
        ({"accessList": 7}, "accessList is not a list of"),
    ],
)
def test_refuses_by_name(change, says):
    with pytest.raises(arbx.SigningError, match=says):
        checked({**DYNAMIC, **change}, 1, ADDRESS)


def test_refuses_an_access_list_with_a_legacy_fee():
    entry = {"address": ADDRESS, "storageKeys": []}

    with pytest.raises(arbx.SigningError, match="accessList needs maxFeePerGas"):
        checked({**LEGACY, "accessList": [entry]}, 1, ADDRESS)


def test_refuses_to_sign_for_no_chain():
    with pytest.raises(arbx.SigningError, match="bound to no chain; set chain_id"):
        checked(DYNAMIC, None, ADDRESS)


def test_refuses_what_is_no_mapping():
    with pytest.raises(arbx.SigningError, match="is a list, not a mapping"):
        checked([1], 1, ADDRESS)
