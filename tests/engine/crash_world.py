"""Let the world go on around engines that are killed: a chain, a relay that misbehaves, and who kills."""

import json
import os
import random
import select
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import attrs
from crash_witness import Testimony

from arbx.errors import ChainError
from arbx.testing.localchain.prices import move_a_price
from arbx.testing.relay import Fault

LIFE = Path(__file__).with_name("crash_life.py")
FAULTS = (Fault.DROPS, Fault.NEVER_INCLUDES, Fault.INCLUDES_LATE, Fault.SERVER_ERROR, Fault.SLOW)
# A stage, and how long it takes until that was seen, in seconds.
STAGES = {
    "opening": 0.003,
    "connecting": 0.005,
    "acquiring": 0.002,
    "recovering": 0.02,
    "resending": 0.02,
    "reading": 0.04,
    "observing": 0.005,
    "settling": 0.02,
    "simulating": 0.005,
    "planning": 0.005,
    "signing": 0.001,
    "intending": 0.002,
    "intended": 0.002,
    "clearing": 0.01,
    "allowing": 0.002,
    "sending": 0.01,
    "recording": 0.005,
    "landing": 0.005,
}
# They come once in a life; the others at each block.
ONCE = ("opening", "connecting", "acquiring", "recovering", "resending", "reading")
CLEARING = ("clearing", "allowing")
# After a kill in one of them something is open; in the same block the next life sends it again.
LEAVE_OPEN = ("intended", "sending", "recording", "landing")
# Who comes after a long one has to wait.
LEASES_S = (0.04, 0.04, 0.04, 0.25)
MOST_TURNS, MOST_S = 3, 3.0


class Nursery:
    """Have lives forked from a process that has imported everything, and hear what they say."""

    def __init__(self):
        self._voices, written = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, LIFE, str(written)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            pass_fds=[written],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        os.close(written)
        self._said = b""
        assert self._process.stdout.readline() == "ready\n"

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()
        os.close(self._voices)

    def bear(self, wish):
        self._order(f"live {json.dumps(wish)}")
        return int(self._process.stdout.readline())

    def signal(self, name, pid):
        """Let a life end (*kill*) or *continue*."""
        self._order(f"{name} {pid}")

    def ended(self, pid):
        """Wait for a life's end; return its exit code, or minus the signal that killed it."""
        self._order(f"wait {pid}")
        return int(self._process.stdout.readline())

    def hear(self, timeout_s):
        """Return who said which word about what, or None when nothing is said for so long."""
        while b"\n" not in self._said:
            if not select.select([self._voices], [], [], max(timeout_s, 0))[0]:
                return None
            self._said += os.read(self._voices, 65_536)
        line, self._said = self._said.split(b"\n", 1)
        pid, word, *rest = line.decode().split(" ", 2)
        return int(pid), word, rest[0] if rest else ""

    def _order(self, text):
        self._process.stdin.write(text + "\n")


@attrs.define
class World:
    """Build blocks with the relay, move prices, misbehave now and then, and leak a bundle to the public."""

    floor: object = attrs.field(repr=False)
    rng: random.Random = attrs.field(repr=False)
    faults: Counter = attrs.field(factory=Counter)
    included: int = 0

    @property
    def seen(self):
        return len(self.floor.relay.heard.sightings)

    def turn(self):
        """Mine a block with what the relay has, and perhaps another one with a trade."""
        self.included += len(self.floor.relay.build().included)
        if self.rng.random() < 0.03:
            self._leak()
        if self.rng.random() < 0.6:
            move_a_price(self.floor.market, self.rng)
        self._choose_manners()

    def _choose_manners(self):
        if self.rng.random() < 0.2:
            fault = self.rng.choice(FAULTS)
            self.faults[fault.value] += 1
            self.floor.relay.misbehave(fault, delay_s=0.03)
        else:
            self.floor.relay.behave()

    def _leak(self):
        """Publish a bundle's transaction: it may land in any later block, on its own."""
        submitted = [heard for heard in self.floor.relay.heard[-8:] if heard.kind == "submit"]
        for heard in submitted[:1]:
            try:
                self.floor.chain.rpc.ask("eth_sendRawTransaction", heard.transactions[0])
                self.faults["leaked"] += 1
            except ChainError:
                pass  # it has landed already


@attrs.define
class Killer:
    """Kill one life after the other, each in a stage that was hit least, or at any time."""

    nursery: Nursery
    world: World
    wish: dict
    rng: random.Random
    opening_s: float
    aims: tuple = tuple(STAGES)
    told: Testimony = attrs.field(factory=Testimony)
    fell: Counter = attrs.field(factory=Counter)
    spans: dict = attrs.field(factory=lambda: dict(STAGES))
    _last: str = ""
    _again: bool = False

    def kill(self, count, *, every_stage=False):
        """Kill so many, or more until one was killed in *every_stage*; give up where lives only end by themselves."""
        for _ in range(2 * count):
            missed = every_stage and set(self.aims) - self.fell.keys()
            if self.fell.total() >= count and not missed:
                break
            self._kill_one()
            if self._last in LEAVE_OPEN and self._lacks("resending", 0.5):
                self._again = True
            elif self.rng.random() < 0.6:
                self.world.turn()

    def take_over(self, stage, *, clears=False):
        """Let a life hang where *stage* begins, another take its place, and the first wake up again."""
        hung = self.born(stall=stage, blocks=5, clears=clears)
        self._until(hung, stage)
        heir = self.born(blocks=5)
        self._until(heir, "landing")
        self.nursery.signal("continue", hung)
        self._until(hung, None)
        ends = [why for pid, why in self.told.ends if pid == hung]
        if [why.partition(":")[0] for why in ends] == ["LeaseLost"]:
            self.told.ends = [end for end in self.told.ends if end[0] != hung]
        else:
            self.told.ends.append((hung, f"it was not fenced off: {ends}"))
        for pid in (hung, heir):
            self.nursery.signal("kill", pid)
            self.nursery.ended(pid)
        while (heard := self.nursery.hear(0)) is not None:
            self.understood(heard)

    def _until(self, pid, stage):
        """Let the world go on until *pid* is in a stage, or ended, or takes too long."""
        until = time.monotonic() + MOST_S
        while (heard := self.nursery.hear(until - time.monotonic())) is not None:
            began = self.understood(heard)
            if heard[0] == pid and (heard[1] == "ended" or (stage and began == stage)):
                return
            if began in ("landing", "idle"):
                self.world.turn()

    def born(self, *, clears=False, **wish):
        """Begin a life; where it *clears*, the relay must simulate its bytes before they are submitted."""
        chosen = {"blocks": self.rng.choice((1, 2, 4)), "lease_s": self.rng.choice(LEASES_S)}
        pid = self.nursery.bear({**chosen, "clears": clears, **self.wish, **wish})
        self.told.begin(pid, self.world.seen)
        return pid

    def _kill_one(self):
        first = not self.told.opened
        aim, passes, wait_s = self._aim()
        lingers = aim != "opening" and self._lacks(aim, 0.25)
        clears = aim in CLEARING or self.rng.random() < 0.3
        pid = self.born(linger=aim if lingers else None, clears=clears)
        stage = self._live_until(aim, passes and not lingers, wait_s)
        self.nursery.signal("kill", pid)
        code = self.nursery.ended(pid)
        while (heard := self.nursery.hear(0)) is not None:
            stage = self.understood(heard) or stage
        if code != -9:
            return  # it ended by itself, and has said why
        self._last = "migrating" if first and not self.told.opened else stage
        self.fell[self._last] += 1

    def _lacks(self, stage, chance):
        """Tell whether a stage was never hit; say yes at times even if it was."""
        return not self.fell[stage] or self.rng.random() < chance

    def _aim(self):
        """Choose a stage, how often it is to be passed before, and how long to wait within it."""
        if not self.told.opened:  # each time twice as late, until one life has made the ledger
            return "opening", 0, self.opening_s * 2 ** self.fell["migrating"]
        if "opening" in self.aims and self.rng.random() < 0.25:
            return "opening", 0, self.rng.random() * 0.25
        aims = [name for name in self.aims if name != "resending"]
        aims.sort(key=lambda name: (self.fell[name], self.rng.random()))
        stage = "resending" if self._again else self.rng.choice(aims[:5])
        self._again = False
        passes = stage not in ONCE and self.rng.random() < 0.15
        return stage, passes, self.rng.random() * self.spans[stage]

    def _live_until(self, aim, passes, wait_s):
        """Hear a life and let the world go on, until it is to be killed; return its stage."""
        stage, since, turns, until = "opening", time.monotonic(), 0, time.monotonic() + MOST_S
        while (heard := self.nursery.hear(until - time.monotonic())) is not None:
            began = self.understood(heard)
            if heard[1] == "ended":
                break
            if began is None:
                continue
            now = time.monotonic()
            if stage in self.spans:
                self.spans[stage] += 0.1 * (min(now - since, 1.0) - self.spans[stage])
            stage, since = began, now
            if stage == aim:
                passes -= 1
                if passes < 0:
                    time.sleep(wait_s)
                    break
            turns += stage in ("landing", "idle")
            if turns > MOST_TURNS:
                break
            if stage in ("landing", "idle") or self.rng.random() < 0.02:
                self.world.turn()
        return stage

    def understood(self, heard):
        pid, word, rest = heard
        if word == "stage":
            return rest
        self.told.hear(pid, word, rest)
        return None
