"""What the owner sends is waited for, and what came of it is said."""

import types

import pytest

from arbx.errors import ChainError
from arbx.execution.executor.ownership import created_address, send_and_wait


class Store:
    async def sign(self, transaction):
        return b"signed"


class Mempool:
    """A chain that tells what it was told to of a transaction, the last one for ever."""

    def __init__(self, *told):
        self.told = list(told)

    async def send(self, raw):
        assert raw == b"signed"
        return "0xabc"

    async def receipts(self, hashes):
        assert hashes == ["0xabc"]
        return [self.told.pop(0) if len(self.told) > 1 else self.told[0]]


def receipt(*, succeeded):
    return types.SimpleNamespace(succeeded=succeeded, block=7)


async def test_a_receipt_is_waited_for():
    wanted = receipt(succeeded=True)

    assert await send_and_wait(Mempool(None, wanted), Store(), {}, timeout_s=5) is wanted


async def test_a_revert_is_an_error():
    with pytest.raises(ChainError, match="0xabc reverted in block 7"):
        await send_and_wait(Mempool(receipt(succeeded=False)), Store(), {}, timeout_s=5)


async def test_what_is_in_no_block_may_still_come():
    with pytest.raises(ChainError, match="it may still come"):
        await send_and_wait(Mempool(None), Store(), {}, timeout_s=0.3)


@pytest.mark.parametrize(
    ("nonce", "address"),
    [
        # from the documentation of Ethereum's address scheme, as widely quoted
        (0, "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"),
        (2, "0xf778b86fa74e846c4f0a1fbd1335fe81c00a0c91"),
    ],
)
def test_the_address_of_a_creation_is_known_before(nonce, address):
    assert created_address("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0", nonce) == address


def test_large_nonces_change_the_address():
    sender = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"

    assert len({created_address(sender, nonce) for nonce in (127, 128, 255, 256, 2**40)}) == 5
