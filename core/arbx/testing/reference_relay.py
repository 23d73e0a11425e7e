"""The kit's own honest relay: the shortest one that keeps every promise."""

import asyncio
import json
from typing import Any

import aiohttp
import attrs

from arbx.errors import RelayError
from arbx.execution.model import (
    Bundle,
    Simulation,
    Submission,
    SubmissionStatus,
    TransactionResult,
)
from arbx.testing.relay import sign_body

__all__ = ["ReferenceRelay"]


class ReferenceRelay:
    """Speak Flashbots' protocol, one connection for each request."""

    def __init__(self, url: str, auth_key: bytes, timeout_s: float) -> None:
        self._url, self._key, self._timeout_s = url, auth_key, timeout_s

    def __repr__(self) -> str:
        return type(self).__name__

    async def simulate(self, bundle: Bundle) -> Simulation:
        """Return what eth_callBundle says."""
        params = {"txs": _raw(bundle), "blockNumber": hex(bundle.target_block)}
        status, answer = await self._ask(
            "eth_callBundle", {**params, "stateBlockNumber": "latest"}
        )
        if status != 200 or not isinstance(answer, dict) or "result" not in answer:
            return self._not_simulated(bundle)
        return self._simulation(answer["result"])

    async def submit(self, bundle: Bundle) -> Submission:
        """Submit by eth_sendBundle."""
        try:
            status, answer = await self._ask("eth_sendBundle", self._bundle(bundle))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return self._lost(bundle, type(error).__name__)
        return self._judged(bundle, status, answer)

    async def cancel(self, submission: Submission) -> Submission:
        """Withdraw by eth_cancelBundle."""
        try:
            status, answer = await self._ask("eth_cancelBundle", self._cancelled(submission))
        except (aiohttp.ClientError, OSError, TimeoutError):
            return attrs.evolve(submission, status=SubmissionStatus.UNKNOWN, reason="lost")
        if status == 200 and isinstance(answer, dict) and answer.get("error") is None:
            return attrs.evolve(submission, status=SubmissionStatus.CANCELLED)
        return attrs.evolve(submission, reason="not cancelled")

    async def status(self, submission: Submission) -> Submission:
        """Return what is known already."""
        return submission

    async def probe(self) -> str:
        """Ask for the simulation of nothing."""
        params = {"txs": [], "blockNumber": "0x1", "stateBlockNumber": "latest"}
        status, answer = await self._ask("eth_callBundle", params)
        if status >= 500 or not isinstance(answer, dict):
            raise RelayError(f"reference: HTTP status {status}; check the URL")
        return "answers"

    def _bundle(self, bundle: Bundle) -> dict[str, Any]:
        params: dict[str, Any] = {"txs": _raw(bundle), "blockNumber": hex(bundle.target_block)}
        if bundle.replacement_uuid is not None:
            params["replacementUuid"] = bundle.replacement_uuid
        return params

    def _cancelled(self, submission: Submission) -> dict[str, Any]:
        return {"replacementUuid": submission.bundle.replacement_uuid}

    def _judged(self, bundle: Bundle, status: int, answer: Any) -> Submission:
        error = answer.get("error") if isinstance(answer, dict) else None
        if error is not None:
            reason = error if isinstance(error, str) else str(error.get("message"))
            return Submission("reference", bundle, SubmissionStatus.REJECTED, reason=reason)
        if status != 200 or not isinstance(answer, dict) or "result" not in answer:
            return Submission(
                "reference", bundle, SubmissionStatus.UNKNOWN, reason=f"HTTP status {status}"
            )
        return Submission(
            "reference", bundle, SubmissionStatus.ACCEPTED, answer["result"]["bundleHash"]
        )

    def _lost(self, bundle: Bundle, why: str) -> Submission:
        return Submission("reference", bundle, SubmissionStatus.UNKNOWN, reason=why)

    def _simulation(self, result: Any) -> Simulation:
        rows = tuple(
            TransactionResult(row["txHash"], row["gasUsed"], revert=row.get("revert"))
            for row in result["results"]
        )
        return Simulation(result["stateBlockNumber"], rows, result["totalGasUsed"])

    def _not_simulated(self, bundle: Bundle) -> Simulation:
        raise RelayError("reference: eth_callBundle: no clear answer")

    def _encoded(self, method: str, params: dict[str, Any]) -> bytes:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": [params]}
        return json.dumps(request, separators=(",", ":")).encode()

    def _header(self, body: bytes) -> str:
        return sign_body(self._key, body)

    async def _ask(self, method: str, params: dict[str, Any]) -> tuple[int, Any]:
        try:
            return await self._asked(method, params)
        except (aiohttp.ClientError, OSError, TimeoutError):
            if method != "eth_callBundle":
                raise
        raise RelayError("reference: eth_callBundle: the answer is lost")

    async def _asked(self, method: str, params: dict[str, Any]) -> tuple[int, Any]:
        body = self._encoded(method, params)
        headers = {
            "Content-Type": "application/json",
            "X-Flashbots-Signature": self._header(body),
        }
        async with (
            asyncio.timeout(self._timeout_s),
            aiohttp.ClientSession() as session,
            session.post(self._url, data=body, headers=headers) as response,
        ):
            return response.status, _json(await response.read())


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _raw(bundle: Bundle) -> list[str]:
    return ["0x" + raw.hex() for raw in bundle.transactions]
