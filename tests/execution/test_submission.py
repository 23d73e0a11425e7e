"""Bundles to all relays at once: each fails alone, and unknown is a state."""

import asyncio
import uuid

import attrs
import pytest

import arbx
from arbx.execution.model import Bundle, Simulation, Submission, SubmissionStatus
from arbx.execution.submission import Submitter, bundles_for, uuid_for
from arbx.plugins.boundary import FailureCounter
from arbx.testing.reference_relay import ReferenceRelay
from arbx.testing.relay import Fault, LocalRelay, sign_transfer

UUID = "5f2c7f7e-8f0e-4a65-9a0b-6b5a3a1d2c10"
RAW = sign_transfer(b"\x22" * 32, chain_id=1, nonce=0, to="0x" + "70" * 20)
BUNDLE = Bundle((RAW,), 101, UUID)
ACCEPTED, REJECTED = SubmissionStatus.ACCEPTED, SubmissionStatus.REJECTED
UNKNOWN, CANCELLED = SubmissionStatus.UNKNOWN, SubmissionStatus.CANCELLED


class Scripted:
    """Answer each submission with the next of *steps*: a status, an error to raise, or a function."""

    def __init__(self, *steps, on_cancel=CANCELLED):
        self.steps, self.on_cancel, self.seen = list(steps), on_cancel, []
        self.closed = False

    async def simulate(self, bundle):
        return await self._next(bundle)

    async def submit(self, bundle):
        return await self._next(bundle)

    async def cancel(self, submission):
        if isinstance(self.on_cancel, BaseException):
            raise self.on_cancel
        return attrs.evolve(submission, status=self.on_cancel)

    async def status(self, submission):
        return submission

    async def close(self):
        self.closed = True

    async def _next(self, bundle):
        self.seen.append(bundle)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, SubmissionStatus):
            return Submission("scripted", bundle, step, reason=None if step is ACCEPTED else "no")
        return await step(bundle)


async def hang(bundle):
    await asyncio.sleep(60)


async def submit(relay, **options):
    (answer,) = await Submitter({"main": relay}, **options).submit([BUNDLE])
    return answer


async def test_every_relay_gets_every_bundle():
    relays = {"one": Scripted(ACCEPTED), "two": Scripted(REJECTED)}
    bundles = bundles_for([RAW], block=100, count=3)
    answers = await Submitter(relays).submit(bundles)

    assert [(a.relay, a.bundle.target_block, a.status) for a in answers] == [
        ("one", 101, ACCEPTED),
        ("two", 101, REJECTED),
        ("one", 102, ACCEPTED),
        ("two", 102, REJECTED),
        ("one", 103, ACCEPTED),
        ("two", 103, REJECTED),
    ]
    assert all(relay.seen == list(bundles) for relay in relays.values())


async def test_all_are_asked_at_once():
    waiting = asyncio.Barrier(6)

    async def together(bundle):
        await waiting.wait()
        return Submission("scripted", bundle, ACCEPTED)

    relays = {name: Scripted(together) for name in ("one", "two")}
    answers = await Submitter(relays, timeout_s=5).submit(bundles_for([RAW], block=100, count=3))

    assert [answer.status for answer in answers] == [ACCEPTED] * 6


async def test_a_relay_that_hangs_is_unknown_and_delays_no_other():
    relays = {"slow": Scripted(hang), "fast": Scripted(ACCEPTED)}
    slow, fast = await Submitter(relays, timeout_s=0.05, attempts=1).submit([BUNDLE])

    assert (slow.status, slow.reason) == (
        UNKNOWN,
        "slow failed in submit: no answer within 0.05 s",
    )
    assert fast.status is ACCEPTED
    assert slow.latency_s >= 0.05 > fast.latency_s


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (RuntimeError("boom"), "main failed in submit: RuntimeError: boom"),
        (arbx.RelayError("main: gone"), "main: gone"),
        (SystemExit(3), "main failed in submit: SystemExit: 3"),
    ],
)
async def test_what_a_relay_raises_makes_its_submission_unknown(step, why):
    answer = await submit(Scripted(step))

    assert (answer.status, answer.reason) == (UNKNOWN, why)


async def test_a_reason_repeats_no_signed_transaction():
    answer = await submit(Scripted(RuntimeError(f"can't send {RAW.hex()}")))

    assert RAW.hex()[:80] not in answer.reason
    assert answer.reason.endswith("can't send …")


async def test_a_strange_answer_is_unknown_and_blamed():
    async def strange(bundle):
        return {"status": "accepted"}

    answer = await submit(Scripted(strange))

    assert answer.status is UNKNOWN
    assert "answered a dict, not a Submission" in answer.reason


async def test_an_answer_about_another_bundle_is_unknown():
    async def mixed_up(bundle):
        return Submission("main", attrs.evolve(bundle, target_block=999), ACCEPTED)

    answer = await submit(Scripted(mixed_up))

    assert answer.status is UNKNOWN
    assert "answered about another bundle" in answer.reason


async def test_a_lost_answer_is_sent_again_as_the_same_bundle():
    relay = Scripted(UNKNOWN, ACCEPTED)
    answer = await submit(relay)

    assert answer.status is ACCEPTED
    assert relay.seen == [BUNDLE, BUNDLE]


async def test_a_rejected_repetition_leaves_the_first_unknown():
    answer = await submit(Scripted(UNKNOWN, REJECTED))

    assert answer.status is UNKNOWN
    assert "the first may have arrived" in answer.reason


@pytest.mark.parametrize("status", [ACCEPTED, REJECTED])
async def test_a_clear_answer_is_not_asked_for_twice(status):
    relay = Scripted(status)
    await submit(relay, attempts=5)

    assert len(relay.seen) == 1


async def test_attempts_end():
    relay = Scripted(UNKNOWN)

    assert (await submit(relay, attempts=3)).status is UNKNOWN
    assert len(relay.seen) == 3


async def test_resend_is_for_what_is_unknown_only():
    relay = Scripted(ACCEPTED)
    submitter = Submitter({"main": relay})
    sent = [Submission("main", BUNDLE, status) for status in SubmissionStatus]
    answers = await submitter.resend(sent)

    assert [answer.status for answer in answers] == [
        ACCEPTED if status is UNKNOWN else status for status in SubmissionStatus
    ]
    assert len(relay.seen) == 1


async def test_resend_that_is_rejected_stays_unknown():
    submitter = Submitter({"main": Scripted(REJECTED)})
    (answer,) = await submitter.resend([Submission("main", BUNDLE, UNKNOWN, reason="lost")])

    assert answer.status is UNKNOWN
    assert "the first may have arrived: lost" in answer.reason


async def test_a_relay_of_an_older_configuration_is_left_alone():
    submitter = Submitter({"main": Scripted(ACCEPTED)})
    sent = Submission("gone", BUNDLE, UNKNOWN)

    assert (await submitter.resend([sent]))[0].reason == (
        "not sent again: the relay is not configured"
    )
    assert (await submitter.cancel([sent]))[0].reason == (
        "not cancelled: the relay is not configured"
    )


async def test_cancels_what_may_still_land():
    submitter = Submitter({"main": Scripted(ACCEPTED)})
    sent = [Submission("main", BUNDLE, status) for status in SubmissionStatus]
    answers = await submitter.cancel(sent)

    assert [answer.status for answer in answers] == [CANCELLED, REJECTED, CANCELLED, CANCELLED]


async def test_what_has_no_uuid_cannot_be_cancelled():
    submitter = Submitter({"main": Scripted(ACCEPTED)})
    sent = Submission("main", Bundle((RAW,), 101), ACCEPTED)
    (answer,) = await submitter.cancel([sent])

    assert (answer.status, answer.reason) == (
        ACCEPTED,
        "not cancelled: it has no replacement_uuid",
    )


async def test_a_cancellation_that_fails_is_unknown():
    submitter = Submitter({"main": Scripted(ACCEPTED, on_cancel=RuntimeError("boom"))})
    (answer,) = await submitter.cancel([Submission("main", BUNDLE, ACCEPTED)])

    assert answer.status is UNKNOWN
    assert answer.reason == "not cancelled: main failed in cancel: RuntimeError: boom"


async def test_a_relay_that_keeps_failing_is_quarantined_until_it_is_released():
    relay = Scripted(RuntimeError("boom"))
    submitter = Submitter({"main": relay}, attempts=1, failures=FailureCounter(limit=2))
    answers = [(await submitter.submit([BUNDLE]))[0] for _ in range(3)]
    submitter.failures.release("main")
    await submitter.submit([BUNDLE])

    assert [answer.status for answer in answers] == [UNKNOWN, UNKNOWN, REJECTED]
    assert answers[2].reason == "not asked: in quarantine after repeated failures"
    assert len(relay.seen) == 3


async def test_a_relay_in_quarantine_is_not_sent_to_again():
    relay = Scripted(RuntimeError("boom"))
    submitter = Submitter({"main": relay}, attempts=1, failures=FailureCounter(limit=1))
    sent = await submitter.submit([BUNDLE])
    (answer,) = await submitter.resend(sent)

    assert (answer.status, answer.reason) == (
        UNKNOWN,
        "not sent again: the relay is in quarantine",
    )
    assert len(relay.seen) == 1


async def test_answers_that_say_no_are_no_failures():
    submitter = Submitter({"main": Scripted(REJECTED)}, failures=FailureCounter(limit=1))
    await submitter.submit([BUNDLE])

    assert submitter.failures.quarantined == frozenset()


async def test_simulates_at_one_relay():
    simulation = Simulation(100, (), 21_000)

    async def simulated(bundle):
        return simulation

    submitter = Submitter({"main": Scripted(simulated)})

    assert await submitter.simulate("main", BUNDLE) is simulation


@pytest.mark.parametrize(
    ("step", "error", "why"),
    [
        (hang, arbx.PluginError, "no answer within 0.05 s"),
        (ACCEPTED, arbx.PluginError, "answered a Submission, not a Simulation"),
        (arbx.RelayError("main: no"), arbx.RelayError, "main: no"),
    ],
)
async def test_simulation_fails_closed(step, error, why):
    submitter = Submitter({"main": Scripted(step)}, timeout_s=0.05)

    with pytest.raises(error, match=why):
        await submitter.simulate("main", BUNDLE)


async def test_a_relay_is_asked_by_a_configured_name():
    with pytest.raises(arbx.ConfigError, match="no relay is called 'mian'; configured are main"):
        await Submitter({"main": Scripted(ACCEPTED)}).simulate("mian", BUNDLE)


async def test_closes_what_can_be_closed():
    class Stuck(Scripted):
        async def close(self):
            raise OSError("stuck")

    relays = {"stuck": Stuck(ACCEPTED), "open": Scripted(ACCEPTED)}
    await Submitter(relays).close()

    assert relays["open"].closed


def test_needs_a_relay():
    with pytest.raises(arbx.ConfigError, match="add a section"):
        Submitter({})


def test_each_block_has_a_bundle_with_a_name_of_its_own():
    bundles = bundles_for([RAW], block=100, count=3, replacement_uuid=UUID)
    names = [bundle.replacement_uuid for bundle in bundles]

    assert [bundle.target_block for bundle in bundles] == [101, 102, 103]
    assert {bundle.transactions for bundle in bundles} == {(RAW,)}
    assert len(set(names)) == 3
    assert all(uuid.UUID(name).version == 4 for name in names)
    assert names == [uuid_for(UUID, block) for block in (101, 102, 103)]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"transactions": [], "block": 1}, "at least one transaction"),
        ({"transactions": ["0x02"], "block": 1}, "as bytes"),
        ({"transactions": [RAW], "block": 1, "count": 0}, "count is 0, below 1"),
        ({"transactions": [RAW], "block": -1}, "not the number of a block to come"),
    ],
)
def test_refuses_what_is_no_bundle(arguments, why):
    with pytest.raises(ValueError, match=why):
        bundles_for(arguments.pop("transactions"), **arguments)


@pytest.mark.parametrize("name", ["x", "", UUID.upper(), UUID.replace("-", ""), 7])
def test_a_replacement_uuid_is_written_in_one_way(name):
    with pytest.raises(ValueError, match="is not a UUID in lower case"):
        Bundle((RAW,), 1, name)


async def test_a_plan_replaces_the_one_before_at_every_relay_and_block():
    later = sign_transfer(b"\x22" * 32, chain_id=1, nonce=0, to="0x" + "71" * 20)
    with LocalRelay(head=100) as one, LocalRelay(head=100) as two:
        relays = {"one": one, "two": two}
        key = b"\x11" * 32
        submitter = Submitter({n: ReferenceRelay(r.url, key, 2.0) for n, r in relays.items()})
        for raw in (RAW, later):
            bundles = bundles_for([raw], block=100, count=2, replacement_uuid=UUID)
            sent = await submitter.submit(bundles)
        kept = [{(k.bundle.target_block, k.hash) for k in relay.book} for relay in relays.values()]
        cancelled = await submitter.cancel(sent)

        assert kept == [{(b.target_block, b.bundle_hash) for b in bundles}] * 2
        assert {submission.status for submission in cancelled} == {CANCELLED}
        assert [list(relay.book) for relay in relays.values()] == [[], []]


async def test_the_same_bytes_reach_a_relay_that_dropped_the_connection():
    with LocalRelay(head=100) as server:
        submitter = Submitter({"main": ReferenceRelay(server.url, b"\x11" * 32, 2.0)}, attempts=1)
        server.misbehave(Fault.DROPS)
        sent = await submitter.submit([BUNDLE])
        server.behave()
        again = await submitter.resend(sent)

        assert [s.status for s in (*sent, *again)] == [UNKNOWN, ACCEPTED]
        assert server.heard[0].body == server.heard[1].body
        assert server.build().included == (BUNDLE.bundle_hash,)
