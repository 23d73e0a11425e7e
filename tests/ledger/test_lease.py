"""Hold the lease to its promise: one process per signer, and who lost it is fenced off."""

import pytest
from ledger_fakes import SIGNER

from arbx.ledger import LeaseHeld, LeaseLost, Ledger, LedgerError


@pytest.fixture
def other(url, ledger):
    with Ledger(url) as opened:
        yield opened


def test_a_second_process_is_refused_and_told_how_long(ledger, other, lease):
    with pytest.raises(LeaseHeld, match=r"wait 1\d\.\d s"):
        other.acquire(1, SIGNER)


def test_another_signer_and_another_chain_are_free(other, lease):
    assert other.acquire(2, SIGNER).token == 1
    assert other.acquire(1, "0x" + "cd" * 20).token == 1


def test_an_expired_lease_is_taken_over_and_its_holder_fenced_off(ledger, other):
    old = ledger.acquire(1, SIGNER, ttl_s=0)
    new = other.acquire(1, SIGNER)

    assert new.token > old.token
    with pytest.raises(LeaseLost, match="taken over by"):
        ledger.intend(old, 0, b"bytes")
    with pytest.raises(LeaseLost):
        ledger.renew(old)
    other.intend(new, 0, b"bytes")


def test_an_expired_lease_that_nobody_took_is_renewed(ledger, other):
    old = ledger.acquire(1, SIGNER, ttl_s=0)
    renewed = ledger.renew(old)

    assert renewed.token == old.token
    with pytest.raises(LeaseHeld):
        other.acquire(1, SIGNER)


def test_a_released_lease_is_free_at_once(ledger, other, lease):
    ledger.release(lease)

    assert other.acquire(1, SIGNER).token == lease.token + 1


def test_releasing_a_lost_lease_takes_nothing_from_its_new_holder(ledger, other):
    old = ledger.acquire(1, SIGNER, ttl_s=0)
    new = other.acquire(1, SIGNER)
    ledger.release(old)

    with pytest.raises(LeaseHeld):
        ledger.acquire(1, SIGNER)
    other.intend(new, 0, b"bytes")


@pytest.mark.parametrize("signer", ["", "0xAB" + "ab" * 19, "ab" * 20, "0x" + "ab" * 21])
def test_a_signer_is_an_address(ledger, signer):
    with pytest.raises(LedgerError, match="signer"):
        ledger.acquire(1, signer)
