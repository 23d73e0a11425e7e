"""Read signed bytes: the worked vector, and what is none."""

import pytest

from arbx.chain.signatures import message_signer, read_transaction
from arbx.testing import ReferenceKeyStore
from arbx.testing.promises.keystores import dynamic, legacy

# Signed by eth-account 0.14 with Anvil's published account 0; r, s and the hash checked against its docs' example.
RAW = bytes.fromhex(
    "02f872010784773594008506fc23ac008252089470997970c51812dc3a010c7d01b50e0d17dc79c887038d7ea4c6800080c0"
    "80a0944ce691edcd63602ae15063d380f846351c2392da0c397c58d056d2674ec821"
    "a0030c9a9133e9df5c4e06197046dac88f675912b328228a9c7025f945dac7ef07"
)


def test_reads_the_recorded_transaction():
    signed = read_transaction(RAW)

    assert signed.signer == "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
    assert (signed.chain_id, signed.v) == (1, 0)
    assert signed.r == 0x944CE691EDCD63602AE15063D380F846351C2392DA0C397C58D056D2674EC821
    assert signed.s == 0x030C9A9133E9DF5C4E06197046DAC88F675912B328228A9C7025F945DAC7EF07
    assert signed.fields == {
        "chainId": 1, "nonce": 7, "maxPriorityFeePerGas": 2 * 10**9, "maxFeePerGas": 30 * 10**9, "gas": 21_000,
        "to": bytes.fromhex("70997970c51812dc3a010c7d01b50e0d17dc79c8"), "value": 10**15, "data": b"",
        "accessList": [],
    }  # fmt: skip


@pytest.mark.parametrize("make", [dynamic, legacy])
@pytest.mark.parametrize("chain_id", [1, 31_337, 2**40])
async def test_reads_the_chain_of_either_type(make, chain_id):
    store = ReferenceKeyStore(chain_id=chain_id)
    signed = read_transaction(await store.sign(make(chain_id)))

    assert (signed.chain_id, signed.signer) == (chain_id, store.address)


@pytest.mark.parametrize(
    "raw", [b"", b"\x02", RAW[:-1], RAW + b"\x00", b"\x03" + RAW[1:], b"\xc0", b"\x05"]
)
def test_what_is_no_transaction_is_refused(raw):
    with pytest.raises(ValueError, match="not a signed transaction"):
        read_transaction(raw)


@pytest.mark.parametrize("signature", [b"", b"\x00" * 64, b"\x00" * 65, b"\xff" * 65])
def test_what_is_no_signature_is_refused(signature):
    with pytest.raises(ValueError, match="not a signature"):
        message_signer(b"arbx", signature)


async def test_another_message_has_another_signer():
    store = ReferenceKeyStore()
    signature = await store.sign_message(b"arbx")

    assert message_signer(b"arbx", signature) == store.address
    assert message_signer(b"arby", signature) != store.address
