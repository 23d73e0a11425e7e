"""What a relay promises: to send exactly the bundle, to believe only clear answers, to show no secret."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from arbx.errors import ArbxError
from arbx.execution.model import Bundle, Simulation, Submission, SubmissionStatus
from arbx.protocols import Probeable, Relay
from arbx.testing.case import Broken, NotBrought
from arbx.testing.leaks import leak_in, overhear, shown_by
from arbx.testing.promises.relay_case import (
    ANSWERED_WRONGLY,
    LOST,
    UNWELL,
    RelayCase,
    RelayPromise,
    bundle_of,
    new_uuid,
)
from arbx.testing.relay import Fault, Heard

T = TypeVar("T")

__all__ = [
    "RELAY_PROMISES",
    "answers_belong_to_their_bundles",
    "believes_only_clear_answers",
    "calls_a_lost_answer_unknown",
    "cancels_by_uuid",
    "cancels_only_what_the_relay_cancelled",
    "keeps_the_reason_of_a_rejection",
    "keeps_the_uuid_over_replacement",
    "names_the_target_block_in_hex",
    "probe_sends_no_transaction",
    "probe_tells_whether_one_answers",
    "sends_all_transactions_in_order",
    "sends_the_same_bytes_again",
    "shows_no_secret",
    "signs_the_exact_bytes",
    "simulation_fails_closed",
    "simulation_keeps_the_revert",
]


async def signs_the_exact_bytes(case: RelayCase) -> None:
    """Promise a valid signature over exactly the bytes sent, in each kind of request."""
    if not case.signs:
        raise NotBrought("the protocol has no signatures")
    async with case.relay() as relay:
        await _use(relay)
    for request in case.server.heard:
        if request.signer is None:
            raise Broken(f"the signature of a {request.kind} request is not one of the bytes sent")


async def sends_all_transactions_in_order(case: RelayCase) -> None:
    """Promise each transaction of the bundle, and no other, in the order of the bundle."""
    bundle = bundle_of(5, 3, 9)
    request = await _submitted(case, bundle)
    wanted = [raw.hex() for raw in bundle.transactions]
    if [text.removeprefix("0x").lower() for text in request.transactions] != wanted:
        raise Broken(f"sends {len(request.transactions)} transactions that aren't the bundle's 3")


async def names_the_target_block_in_hex(case: RelayCase) -> None:
    """Promise the target block as a hex quantity: 0x, no leading zeros."""
    bundle = bundle_of(1)
    request = await _submitted(case, bundle)
    if request.target_block != hex(bundle.target_block):
        raise Broken(f"aims at {request.target_block!r}, asked {hex(bundle.target_block)!r}")


async def keeps_the_uuid_over_replacement(case: RelayCase) -> None:
    """Promise the bundle's replacement_uuid in each request, so that the later replaces the earlier."""
    if not case.replaces:
        raise NotBrought("the protocol has no replacement")
    uuid = new_uuid(1)
    async with case.relay() as relay:
        for nonce in (1, 2):
            await relay.submit(bundle_of(nonce, replacement_uuid=uuid))
    for request in case.heard("submit"):
        if request.replacement_uuid != uuid:
            raise Broken(f"sends replacement uuid {request.replacement_uuid!r}, asked {uuid!r}")


async def sends_the_same_bytes_again(case: RelayCase) -> None:
    """Promise the same bundle as the same bytes, also by a relay built anew: re-sending adds nothing."""
    bundle = bundle_of(1, 2)
    for _ in range(2):
        async with case.relay() as relay:
            await relay.submit(bundle)
            await relay.submit(bundle)
    if len({request.body for request in case.heard("submit")}) != 1:
        raise Broken("the same bundle is sent as different bytes")


async def answers_belong_to_their_bundles(case: RelayCase) -> None:
    """Promise each of many concurrent submissions its own bundle, accepted, with its own hash."""
    bundles = [bundle_of(nonce) for nonce in range(12)]
    async with case.relay() as relay:
        answers = await asyncio.gather(*(relay.submit(bundle) for bundle in bundles))
    for bundle, answer in zip(bundles, answers, strict=True):
        if answer.status is not SubmissionStatus.ACCEPTED:
            raise Broken(f"an accepted bundle is {answer.status}: {answer.reason}")
        if answer.bundle != bundle or answer.bundle_hash not in (None, bundle.bundle_hash):
            raise Broken(f"the answer about {bundle.bundle_hash} is about another bundle")


async def believes_only_clear_answers(case: RelayCase) -> None:
    """Promise rejected or unknown, with a reason, for each error, page and body that is no acceptance."""
    for fault in ANSWERED_WRONGLY:
        answer = await _misanswered(case, fault)
        if isinstance(answer, Exception):
            raise Broken(
                f"{fault}: raises {type(answer).__name__} instead of answering"
            ) from answer
        if answer.status not in {SubmissionStatus.REJECTED, SubmissionStatus.UNKNOWN}:
            raise Broken(f"{fault}: the submission is {answer.status}")
        if not answer.reason:
            raise Broken(f"{fault}: the submission is {answer.status} without a reason")


async def keeps_the_reason_of_a_rejection(case: RelayCase) -> None:
    """Promise the relay's own words, whether its error is a text or an object."""
    words = {
        Fault.STRING_ERROR: "unable to decode txs",
        Fault.OBJECT_ERROR: "unable to decode bundle",
    }
    for fault, said in words.items():
        answer = await _misanswered(case, fault)
        # What is believed or raised has a promise of its own.
        if isinstance(answer, Exception) or answer.status is SubmissionStatus.ACCEPTED:
            continue
        if said not in (answer.reason or ""):
            raise Broken(f"{fault}: the reason is {answer.reason!r}, the relay said {said!r}")


async def calls_a_lost_answer_unknown(case: RelayCase) -> None:
    """Promise unknown, not rejected, where the connection drops or the time is over: the relay may have it."""
    for fault in LOST:
        answer = await _misanswered(case, fault)
        if isinstance(answer, Exception):
            raise Broken(
                f"{fault}: raises {type(answer).__name__} instead of answering"
            ) from answer
        if answer.status is not SubmissionStatus.UNKNOWN:
            raise Broken(f"{fault}: the submission is {answer.status}, and the relay has it")


async def cancels_by_uuid(case: RelayCase) -> None:
    """Promise to withdraw the bundle by its replacement_uuid, and cancelled once that is confirmed."""
    if not case.replaces:
        raise NotBrought("the protocol has no cancellation")
    uuid = new_uuid(2)
    bundle = bundle_of(1, replacement_uuid=uuid)
    async with case.relay() as relay:
        answer = await relay.cancel(await relay.submit(bundle))
    asked = [request.replacement_uuid for request in case.heard("cancel")]
    if asked != [uuid]:
        raise Broken(f"asks to cancel {asked}, the bundle's uuid is {uuid!r}")
    if answer.status is not SubmissionStatus.CANCELLED:
        raise Broken(f"the confirmed cancellation is {answer.status}")


async def cancels_only_what_the_relay_cancelled(case: RelayCase) -> None:
    """Promise another status than cancelled where the relay refuses, or its answer is lost."""
    if not case.replaces:
        raise NotBrought("the protocol has no cancellation")
    for fault in (*ANSWERED_WRONGLY, Fault.DROPS):
        async with case.relay() as relay:
            sent = await relay.submit(bundle_of(1, replacement_uuid=new_uuid(3)))
            with case.misbehaving(fault):
                answer = await _outcome(relay.cancel(sent))
        if isinstance(answer, Exception):
            raise Broken(
                f"{fault}: raises {type(answer).__name__} instead of answering"
            ) from answer
        if answer.status is SubmissionStatus.CANCELLED:
            raise Broken(f"{fault}: the submission is cancelled")


async def simulation_keeps_the_revert(case: RelayCase) -> None:
    """Promise a result for each transaction, and the reason of the one that reverts."""
    bundle = bundle_of(1, 2, 3)
    case.server.let_revert(bundle.tx_hashes[1], "not profitable")
    async with case.relay() as relay:
        simulation = await relay.simulate(bundle)
    reverts = [result.revert for result in simulation.results]
    if len(reverts) != 3 or reverts[0] is not None or reverts[2] is not None:
        raise Broken(f"three transactions, the second reverts; answered {reverts}")
    if "not profitable" not in (reverts[1] or "") or simulation.revert != reverts[1]:
        raise Broken(f"the reason is {reverts[1]!r}, the contract said 'not profitable'")


async def simulation_fails_closed(case: RelayCase) -> None:
    """Promise an arbx error for each simulation that is refused, lost or malformed."""
    for fault in (*ANSWERED_WRONGLY, Fault.DROPS):
        async with case.relay() as relay:
            with case.misbehaving(fault):
                answer = await _outcome(relay.simulate(bundle_of(1)))
        if isinstance(answer, Simulation):
            raise Broken(f"{fault}: answers a simulation that never was")
        if not isinstance(answer, ArbxError):
            what = type(answer).__name__
            raise Broken(f"{fault}: answers {what} instead of raising an arbx error")


async def probe_sends_no_transaction(case: RelayCase) -> None:
    """Promise a probe that submits, cancels and carries nothing."""
    async with case.relay() as relay:
        await _probed(relay)
    for request in case.server.heard:
        if request.kind not in {"simulate", "other"} or request.transactions:
            count = len(request.transactions)
            raise Broken(f"probes by a {request.kind} request with {count} transactions")


async def probe_tells_whether_one_answers(case: RelayCase) -> None:
    """Promise words where the relay answers, and an arbx error for each page, nonsense and silence."""
    async with case.relay() as relay:
        words = await _probed(relay)
        if not isinstance(words, str) or not words:
            raise Broken(f"the relay answers, and the probe says {words!r}")
    for fault in UNWELL:
        async with case.relay() as relay:
            with case.misbehaving(fault):
                answer = await _outcome(_probed(relay))
        if not isinstance(answer, ArbxError):
            raise Broken(f"{fault}: the probe says {answer!r} instead of raising an arbx error")


async def shows_no_secret(case: RelayCase) -> None:
    """Promise logs, prints, reprs and errors without the signing key; and without signed transactions."""
    bundle = bundle_of(1, 2)
    secrets = (case.auth_key, *bundle.transactions)
    with overhear() as heard:
        async with case.relay() as relay:
            submission = await relay.submit(bundle)
            with case.misbehaving(Fault.OBJECT_ERROR):
                error = await _outcome(relay.simulate(bundle))
            shown = {"repr": repr(relay), "submission": repr(submission)}
    shown["logs"] = heard.text
    for where, text in shown.items():
        if leak_in(text, secrets):
            raise Broken(f"{where}: shows the key, or a signed transaction")
    # How it prints has been looked at; the relay itself is a local variable of its frames.
    if isinstance(error, BaseException) and leak_in(
        shown_by(error).replace(repr(relay), ""), (case.auth_key,)
    ):
        raise Broken("an error, its chain or its frames show the key")


async def _use(relay: Relay) -> None:
    await relay.simulate(bundle_of(1, 2))
    submission = await relay.submit(bundle_of(1, 2, replacement_uuid=new_uuid(4)))
    await relay.cancel(submission)
    await relay.status(submission)
    if isinstance(relay, Probeable):
        await relay.probe()


async def _probed(relay: Relay) -> str:
    if not isinstance(relay, Probeable):
        raise NotBrought("the relay brings no probe")
    return await relay.probe()


async def _submitted(case: RelayCase, bundle: Bundle) -> Heard:
    async with case.relay() as relay:
        await relay.submit(bundle)
    requests = case.heard("submit")
    if len(requests) != 1:
        raise Broken(f"one submission is {len(requests)} requests")
    return requests[0]


async def _misanswered(case: RelayCase, fault: Fault) -> Submission | Exception:
    async with case.relay() as relay:
        with case.misbehaving(fault):
            return await _outcome(relay.submit(bundle_of(1)))


async def _outcome(call: Awaitable[T]) -> T | Exception:
    try:
        return await call
    except Exception as error:  # noqa: BLE001  # the promise judges it
        return error


RELAY_PROMISES: tuple[RelayPromise, ...] = (
    signs_the_exact_bytes,
    sends_all_transactions_in_order,
    names_the_target_block_in_hex,
    keeps_the_uuid_over_replacement,
    sends_the_same_bytes_again,
    answers_belong_to_their_bundles,
    believes_only_clear_answers,
    keeps_the_reason_of_a_rejection,
    calls_a_lost_answer_unknown,
    cancels_by_uuid,
    cancels_only_what_the_relay_cancelled,
    simulation_keeps_the_revert,
    simulation_fails_closed,
    probe_sends_no_transaction,
    probe_tells_whether_one_answers,
    shows_no_secret,
)
