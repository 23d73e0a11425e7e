"""
Send transactions in a child process and kill it, again and again; run by test_crash.py.

The children are forked from here, where everything is imported already: a kill then hits the work and not the import.
"""

import asyncio
import json
import os
import random
import select
import signal
import sys
import time

from eth_account import Account
from eth_utils import keccak

from arbx.chain import Chain
from arbx.execution.model import Bundle, Submission, SubmissionStatus
from arbx.ledger import LeaseHeld, Ledger, reconcile
from arbx.testing.localchain.rpc import Rpc

KEY = keccak(text="the key of the crash test")
SIGNER = Account.from_key(KEY).address.lower()
TTL_S = 0.03


def sign(nonce, chain_id):
    """Sign a transfer of a random amount: signed twice, it has other bytes."""
    transaction = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "to": "0x" + "11" * 20,
        "value": random.randrange(1, 10**12),
        "gas": 21_000,
        "maxFeePerGas": 10**11,
        "maxPriorityFeePerGas": 10**9,
        "data": "0x",
    }
    return bytes(Account.sign_transaction(transaction, KEY).raw_transaction)


def lease_of(ledger, chain_id):
    while True:
        try:
            return ledger.acquire(chain_id, SIGNER, ttl_s=TTL_S)
        except LeaseHeld:
            time.sleep(0.005)


async def send(chain, intent, witness):
    """Tell the witness, who can't be killed, and send."""
    os.write(witness, f"{intent.nonce} {intent.tx_hash}\n".encode())
    await chain.send(intent.raw)


async def trade(url, port, witness, ready):
    """Do what a trader does, from its start-up on: reconcile, send again, then intent, send, outcome."""
    rpc = Rpc(port)
    with Ledger(url) as ledger:
        async with await Chain.connect(f"http://127.0.0.1:{port}") as chain:
            lease = lease_of(ledger, chain.chain_id)
            for intent in (await reconcile(ledger, chain)).open:
                await send(chain, intent, witness)
            os.write(ready, b"!")
            while True:
                lease = ledger.renew(lease, ttl_s=TTL_S)
                used = await chain.nonce(SIGNER)
                nonce = ledger.next_nonce(chain.chain_id, SIGNER, used)
                intent = ledger.intend(lease, nonce, sign(nonce, chain.chain_id))
                await send(chain, intent, witness)
                bundle = Bundle((intent.raw,), target_block=1)
                answer = Submission("mempool", bundle, SubmissionStatus.ACCEPTED)
                ledger.record_submissions(intent, [answer])
                if random.random() < 0.5:
                    rpc.ask("evm_mine")
                await reconcile(ledger, chain)


def child(url, port, witness, complaints, ready):
    try:
        asyncio.run(trade(url, port, witness, ready))
    except Exception as error:  # noqa: BLE001  # whatever it is, the test must hear of it
        os.write(complaints, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(1)


def main(url, port, folder, kills, seconds):
    Ledger(url).close()
    append = os.O_CREAT | os.O_WRONLY | os.O_APPEND
    witness = os.open(f"{folder}/witness", append)
    complaints = os.open(f"{folder}/complaints", append)
    random.seed(7)
    end = time.monotonic() + seconds
    killed = 0
    while killed < kills and time.monotonic() < end:
        is_ready, ready = os.pipe()
        pid = os.fork()
        if pid == 0:
            random.seed(os.getpid())
            child(url, port, witness, complaints, ready)
        if random.random() < 0.8:
            select.select([is_ready], [], [], 5)  # else it dies while it starts and recovers
        time.sleep(random.random() * 0.06)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        killed += os.WIFSIGNALED(status)
        os.close(is_ready)
        os.close(ready)
    print(json.dumps({"killed": killed}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
