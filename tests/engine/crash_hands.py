"""What an engine works with, each saying aloud when its stage begins and what is durable."""

import os
import random
import signal
import time

import attrs

from arbx.execution.simulation import NodeSimulator
from arbx.execution.submission import Submitter
from arbx.ledger import Ledger
from arbx.testing.reference_keystore import ReferenceKeyStore

# Between the disk and the network lie microseconds: a pause there lets kills and stops hit them.
PAUSE_S = 0.002
# On a busy machine the one who kills is slower than some stages: now and then a life waits for it there.
LINGER_S = 1.0


class Voice:
    """Speak through a pipe, where it outlives the speaker; stop where *stall* begins, wait where *linger* does."""

    def __init__(self, descriptor, stall=None, linger=None):
        self._descriptor, self._stage = descriptor, None
        self._stall, self._linger = stall, linger

    def say(self, *words):
        os.write(self._descriptor, f"{os.getpid()} {' '.join(map(str, words))}\n".encode())

    def stage(self, name):
        if name != self._stage:
            self._stage = name
            self.say("stage", name)
        if name == self._stall:
            self._stall = None
            os.kill(os.getpid(), signal.SIGSTOP)
        if name == self._linger:
            self._linger = None
            time.sleep(LINGER_S)


class WatchedLedger(Ledger):
    def __init__(self, url, voice):
        self.voice, self.begun = voice, False
        voice.stage("opening")
        super().__init__(url)
        voice.say("opened")

    def acquire(self, chain_id, signer, *, ttl_s):
        self.voice.stage("acquiring")
        return self._held(super().acquire(chain_id, signer, ttl_s=ttl_s), ttl_s)

    def renew(self, lease, *, ttl_s):
        return self._held(super().renew(lease, ttl_s=ttl_s), ttl_s)

    def unsettled(self, chain_id):
        self.voice.stage("settling" if self.begun else "recovering")
        return super().unsettled(chain_id)

    def next_nonce(self, chain_id, signer, chain_nonce):
        self.voice.stage("planning")
        return super().next_nonce(chain_id, signer, chain_nonce)

    def intend(self, lease, nonce, raw, **about):
        self.voice.stage("intending")
        intent = super().intend(lease, nonce, raw, **about)
        self.voice.say("intent", intent.nonce, intent.tx_hash, lease.token)
        self.voice.stage("intended")
        time.sleep(random.random() * PAUSE_S)
        return intent

    def allow(self, lease, intent):
        self.voice.stage("allowing")
        allowed = super().allow(lease, intent)
        self.voice.say("allowed", intent.tx_hash)
        return allowed

    def record_submissions(self, intent, answers):
        super().record_submissions(intent, answers)
        self.voice.say("submissions", intent.tx_hash, len(answers))

    def _held(self, lease, ttl_s):
        until = lease.expires_at.timestamp()
        self.voice.say("lease", lease.token, until - ttl_s, until)
        return lease


class WatchedStore(ReferenceKeyStore):
    def __init__(self, chain_id, voice):
        super().__init__(chain_id=chain_id)
        self.voice = voice

    async def sign(self, transaction):
        self.voice.stage("signing")
        return await super().sign(transaction)


class WatchedSubmitter(Submitter):
    def __init__(self, relays, ledger, voice):
        super().__init__(relays)
        self.ledger, self.voice = ledger, voice

    async def simulate(self, relay, bundle):
        self.voice.stage("clearing")
        return await super().simulate(relay, bundle)

    async def submit(self, bundles):
        self.voice.stage("sending" if self.ledger.begun else "resending")
        answers = await super().submit(bundles)
        self.voice.stage("recording")
        return answers


@attrs.frozen(kw_only=True)
class WatchedSimulator(NodeSimulator):
    voice: Voice

    async def simulate(self, plan, *, sender, block):
        self.voice.stage("simulating")
        return await super().simulate(plan, sender=sender, block=block)


class WatchedSource:
    """A source of pools that says when it begins to read."""

    def __init__(self, source, voice):
        self._source, self._voice = source, voice

    def __getattr__(self, name):
        return getattr(self._source, name)

    async def discover(self, chain, *, block):
        self._voice.stage("reading")
        return await self._source.discover(chain, block=block)
