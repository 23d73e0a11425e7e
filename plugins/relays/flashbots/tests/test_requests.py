"""The bytes on the wire, and their signature."""

import json
import pickle
import traceback

import pytest

import arbx
from arbx_relay_flashbots.identity import KeyIdentity
from arbx_relay_flashbots.requests import (
    call_bundle,
    cancel_bundle,
    encode,
    private_transaction,
    send_bundle,
    unfit,
)

# The first account of the mnemonic that every Hardhat and anvil chain has; it is public.
KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
UUID = "5f2c7f7e-8f0e-4a65-9a0b-6b5a3a1d2c10"
# Computed with eth-account (encode_defunct over the hash as text) for that key and the body of UUID's cancellation.
HEADER = (
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266:0xbb54ed361d6110165b10a50331501aaf89b283c80d6312186c13e516bcd335af"
    "1599fe0b0eec3e5e789ad2cb6ee454b3cfa62e5916e78887029be187515781781c"
)
# Two transfers signed with eth-account for chain 1, nonces 7 and 8; the hashes are keccak256 of the bytes.
RAW1 = bytes.fromhex(
    "02f872010784773594008506fc23ac008252089470997970c51812dc3a010c7d01b50e0d17dc79c887038d7ea4c6800080c080a0944ce691ed"
    "cd63602ae15063d380f846351c2392da0c397c58d056d2674ec821a0030c9a9133e9df5c4e06197046dac88f675912b328228a9c7025f945da"
    "c7ef07"
)
RAW2 = bytes.fromhex(
    "02f872010884773594008506fc23ac008252089470997970c51812dc3a010c7d01b50e0d17dc79c887071afd498d000080c080a005c76aa3db"
    "0ffafce065016f1f0a46e3ea1c4343801323ef61cf776328eb5519a0714f6e7083663ed67a638f1c0dc33f58d20ffcab7c75403214c4f80e63"
    "acda68"
)
HASHES = (
    "0x9dd206b08f839d98ad7cfef40c1c046beba6ee8b8cb5784ffe5a536002d24251",
    "0x4c94aa634abdaffbbc3903a9e90d24a2accf26c11e121af2de8d25986c14e3be",
)
BUNDLE_HASH = "0xdce5ae37aa9a40a65ddb22ab3f2642ef17131b2a992e236d5b55a57116ce3d83"


def identity(key=KEY):
    return KeyIdentity("env:AUTH", lambda reference: key)


async def test_signs_as_the_worked_example():
    body = encode("eth_cancelBundle", cancel_bundle(UUID))

    assert len(body) == 122
    assert await identity().header(body) == HEADER


async def test_other_bytes_have_another_signature():
    body = encode("eth_cancelBundle", cancel_bundle(UUID))

    assert await identity().header(json.dumps(json.loads(body)).encode()) != HEADER


def test_hashes_are_those_of_the_worked_example():
    bundle = arbx.Bundle((RAW1, RAW2), 22_118_714)

    assert bundle.tx_hashes == HASHES
    assert bundle.bundle_hash == BUNDLE_HASH


@pytest.mark.parametrize(
    "key", ["", "0x", "12", KEY[:-1], KEY + "0", "0x" + "zz" * 32, "00" * 32, "ff" * 32]
)
async def test_refuses_what_is_no_key_and_repeats_nothing_of_it(key):
    with pytest.raises(arbx.ConfigError, match="env:AUTH does not hold a private key") as caught:
        await identity(key).header(b"{}")

    told = "".join(traceback.TracebackException.from_exception(caught.value).format())
    assert len(key) < 3 or key not in told


def test_a_key_is_not_pickled():
    with pytest.raises(TypeError, match="stays in its process"):
        pickle.dumps(identity())


def test_asks_for_a_bundle_with_all_that_it_has():
    bundle = arbx.Bundle(
        (RAW1, RAW2),
        255,
        UUID,
        HASHES[:1],
        min_timestamp=1_700_000_000,
        max_timestamp=1_700_000_012,
    )

    assert send_bundle(bundle, ("flashbots", "Titan")) == {
        "txs": ["0x" + RAW1.hex(), "0x" + RAW2.hex()],
        "blockNumber": "0xff",
        "minTimestamp": 1_700_000_000,
        "maxTimestamp": 1_700_000_012,
        "revertingTxHashes": [HASHES[0]],
        "replacementUuid": UUID,
        "builders": ["flashbots", "Titan"],
    }


def test_leaves_out_what_a_bundle_has_not():
    assert set(send_bundle(arbx.Bundle((RAW1,), 255))) == {"txs", "blockNumber"}


def test_simulates_on_the_newest_block():
    assert call_bundle(arbx.Bundle((RAW1,), 255)) == {
        "txs": ["0x" + RAW1.hex()],
        "blockNumber": "0xff",
        "stateBlockNumber": "latest",
    }


def test_asks_for_a_private_transaction():
    asked = private_transaction(arbx.Bundle((RAW1,), 255), ("Titan",), fast=True)

    assert asked == {
        "tx": "0x" + RAW1.hex(),
        "maxBlockNumber": "0xff",
        "preferences": {"fast": True, "privacy": {"builders": ["Titan"]}},
    }


@pytest.mark.parametrize(
    ("transactions", "why"),
    [
        ((RAW1,) * 100, None),
        ((RAW1,) * 101, "101 transactions in one bundle; the relay takes 100"),
        ((b"\x02" * 300_000,), None),
        (
            (b"\x02" * 300_001,),
            "300001 bytes of transactions in one bundle; the relay takes 300000",
        ),
    ],
)
def test_knows_the_relays_limits(transactions, why):
    assert unfit(arbx.Bundle(transactions, 1)) == why
