"""Relays that break one promise each."""

import asyncio
import json
import logging
import uuid
from typing import Any

import attrs

from arbx.errors import RelayError
from arbx.execution.model import Bundle, Simulation, Submission, SubmissionStatus
from arbx.testing.promises.relay_case import bundle_of
from arbx.testing.reference_relay import ReferenceRelay

__all__ = ["RELAY_SABOTEURS"]


class SignsAnotherSpelling(ReferenceRelay):
    """Sign what json.dumps makes of the request, and send something shorter."""

    def _header(self, body: bytes) -> str:
        return super()._header(json.dumps(json.loads(body)).encode())


class SortsItsTransactions(ReferenceRelay):
    """Send the transactions in an order of its own."""

    def _bundle(self, bundle: Bundle) -> dict[str, Any]:
        params = super()._bundle(bundle)
        return {**params, "txs": sorted(params["txs"])}


class SendsTheFirstOnly(ReferenceRelay):
    """Take a bundle for a transaction."""

    def _bundle(self, bundle: Bundle) -> dict[str, Any]:
        params = super()._bundle(bundle)
        return {**params, "txs": params["txs"][:1]}


class AimsOneBlockLater(ReferenceRelay):
    """Believe that the target is the block observed."""

    def _bundle(self, bundle: Bundle) -> dict[str, Any]:
        return {**super()._bundle(bundle), "blockNumber": hex(bundle.target_block + 1)}


class PadsNumbers(ReferenceRelay):
    """Write quantities with leading zeros."""

    def _bundle(self, bundle: Bundle) -> dict[str, Any]:
        return {**super()._bundle(bundle), "blockNumber": f"0x{bundle.target_block:016x}"}


class NamesEachBundleAnew(ReferenceRelay):
    """Send another uuid with each bundle."""

    def _bundle(self, bundle: Bundle) -> dict[str, Any]:
        named = bundle.replacement_uuid is not None
        return super()._bundle(bundle) | ({"replacementUuid": str(uuid.uuid4())} if named else {})


class NumbersItsRequests(ReferenceRelay):
    """Give each request the next id."""

    number = 0

    def _encoded(self, method: str, params: dict[str, Any]) -> bytes:
        self.number += 1
        request = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": [params]}
        return json.dumps(request).encode()


class SharesItsDesk(ReferenceRelay):
    """Leave the bundle in an attribute while another submission comes."""

    desk: Bundle

    async def submit(self, bundle: Bundle) -> Submission:
        """Submit whatever lies there by then."""
        self.desk = bundle
        await asyncio.sleep(0)
        return await super().submit(self.desk)


class RejectsEverything(ReferenceRelay):
    """Be on the safe side."""

    def _judged(self, bundle: Bundle, status: int, answer: Any) -> Submission:
        submission = super()._judged(bundle, status, answer)
        if submission.status is SubmissionStatus.ACCEPTED:
            return Submission("reference", bundle, SubmissionStatus.REJECTED, reason="perhaps")
        return submission


class BelievesEvery200(ReferenceRelay):
    """Look at the HTTP status only."""

    def _judged(self, bundle: Bundle, status: int, answer: Any) -> Submission:
        if status == 200 and not (isinstance(answer, dict) and "result" in answer):
            return Submission("reference", bundle, SubmissionStatus.ACCEPTED)
        return super()._judged(bundle, status, answer)


class ExpectsJson(ReferenceRelay):
    """Fall over a gateway's page."""

    def _judged(self, bundle: Bundle, status: int, answer: Any) -> Submission:
        if answer is None:
            raise ValueError("Expecting value: line 1 column 1 (char 0)")
        return super()._judged(bundle, status, answer)


class SwallowsReasons(ReferenceRelay):
    """Say no more than no."""

    def _judged(self, bundle: Bundle, status: int, answer: Any) -> Submission:
        submission = super()._judged(bundle, status, answer)
        return attrs.evolve(submission, reason=submission.reason and "refused")


class TakesSilenceForNo(ReferenceRelay):
    """Call a lost answer a rejection."""

    def _lost(self, bundle: Bundle, why: str) -> Submission:
        return attrs.evolve(super()._lost(bundle, why), status=SubmissionStatus.REJECTED)


class RaisesInSilence(ReferenceRelay):
    """Raise where the answer is lost."""

    def _lost(self, bundle: Bundle, why: str) -> Submission:
        raise RelayError(f"reference: eth_sendBundle: {why}")


class CancelsByHash(ReferenceRelay):
    """Give the bundle's hash where its uuid is asked for."""

    def _cancelled(self, submission: Submission) -> dict[str, Any]:
        return {"replacementUuid": submission.bundle_hash}


class CancelsWithoutTheRelay(ReferenceRelay):
    """Take every cancellation for done."""

    async def cancel(self, submission: Submission) -> Submission:
        """Ask, and don't listen."""
        answer = await super().cancel(submission)
        return attrs.evolve(answer, status=SubmissionStatus.CANCELLED)


class ForgetsReverts(ReferenceRelay):
    """Read the gas of a simulation only."""

    def _simulation(self, result: Any) -> Simulation:
        simulation = super()._simulation(result)
        calm = tuple(attrs.evolve(row, revert=None) for row in simulation.results)
        return attrs.evolve(simulation, results=calm)


class MakesUpSimulations(ReferenceRelay):
    """Answer something where the relay didn't."""

    def _not_simulated(self, bundle: Bundle) -> Simulation:
        return Simulation(bundle.target_block - 1, (), 0)


class RaisesWhatHappens(ReferenceRelay):
    """Let a KeyError out."""

    def _not_simulated(self, bundle: Bundle) -> Simulation:
        raise KeyError("result")


class ProbesWithABundle(ReferenceRelay):
    """Submit something small, to see whether it is taken."""

    async def probe(self) -> str:
        """Say what became of it."""
        submission = await self.submit(bundle_of(1))
        if submission.status is not SubmissionStatus.ACCEPTED:
            raise RelayError(f"reference: {submission.reason}")
        return "answers"


class ProbesNobody(ReferenceRelay):
    """Believe that all is well."""

    async def probe(self) -> str:
        """Ask nobody."""
        return "answers"


class PrintsItsKey(ReferenceRelay):
    """Show all attributes, as a dataclass does."""

    def __repr__(self) -> str:
        return f"PrintsItsKey({self._key.hex()})"


class LogsItsKey(ReferenceRelay):
    """Leave a line for debugging in."""

    def _header(self, body: bytes) -> str:
        logging.getLogger("relay").debug("signing with %s", self._key.hex())
        return super()._header(body)


class LogsWhatItSends(ReferenceRelay):
    """Log requests, signed transactions included."""

    def _encoded(self, method: str, params: dict[str, Any]) -> bytes:
        body = super()._encoded(method, params)
        logging.getLogger("relay").debug("sending %s", body.decode())
        return body


class RaisesWithItsKey(ReferenceRelay):
    """Have the key in a local variable when it fails."""

    def _not_simulated(self, bundle: Bundle) -> Simulation:
        key = self._key
        raise RelayError(f"reference: not signed by {len(key)} bytes?")


RELAY_SABOTEURS: dict[str, tuple[type[ReferenceRelay], ...]] = {
    "signs_the_exact_bytes": (SignsAnotherSpelling,),
    "sends_all_transactions_in_order": (SortsItsTransactions, SendsTheFirstOnly),
    "names_the_target_block_in_hex": (AimsOneBlockLater, PadsNumbers),
    "keeps_the_uuid_over_replacement": (NamesEachBundleAnew,),
    "sends_the_same_bytes_again": (NumbersItsRequests,),
    "answers_belong_to_their_bundles": (SharesItsDesk, RejectsEverything),
    "believes_only_clear_answers": (BelievesEvery200, ExpectsJson),
    "keeps_the_reason_of_a_rejection": (SwallowsReasons,),
    "calls_a_lost_answer_unknown": (TakesSilenceForNo, RaisesInSilence),
    "cancels_by_uuid": (CancelsByHash,),
    "cancels_only_what_the_relay_cancelled": (CancelsWithoutTheRelay,),
    "simulation_keeps_the_revert": (ForgetsReverts,),
    "simulation_fails_closed": (MakesUpSimulations, RaisesWhatHappens),
    "probe_sends_no_transaction": (ProbesWithABundle,),
    "probe_tells_whether_one_answers": (ProbesNobody,),
    "shows_no_secret": (PrintsItsKey, LogsItsKey, LogsWhatItSends, RaisesWithItsKey),
}
