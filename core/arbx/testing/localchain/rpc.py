"""Speak JSON-RPC to the local node: one connection, batches, no retries."""

import http.client
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from arbx.errors import ChainError

__all__ = ["Rpc"]


class Rpc:
    """Ask a node on this machine; an error answer is a ChainError with the node's own words."""

    def __init__(self, port: int, *, timeout_s: float = 60) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
        self._ids = itertools.count(1)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, method: str, *params: Any) -> Any:
        """Return the result of one request."""
        return _result(method, self._post(self._request(method, params)))

    def batch(self, method: str, rows: Iterable[Sequence[Any]], *, size: int = 500) -> list[Any]:
        """Return the results of many requests of one method, in order."""
        return [_result(method, answer) for answer in self._answers(method, rows, size)]

    def outcomes(
        self, method: str, rows: Iterable[Sequence[Any]], *, size: int = 500
    ) -> list[Any | ChainError]:
        """Do as *batch*, but give the error of each request that is refused instead of raising it."""
        return [_outcome(method, answer) for answer in self._answers(method, rows, size)]

    def _answers(
        self, method: str, rows: Iterable[Sequence[Any]], size: int
    ) -> Iterator[dict[str, Any]]:
        requests = [self._request(method, row) for row in rows]
        for start in range(0, len(requests), size):
            chunk = requests[start : start + size]
            answers = {answer["id"]: answer for answer in self._post(chunk)}
            yield from (answers[request["id"]] for request in chunk)

    def _request(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}

    def _post(self, body: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        try:
            self._connection.request("POST", "/", json.dumps(body), headers)
            return json.loads(self._connection.getresponse().read())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            port = self._connection.port
            raise ChainError(f"the local node on port {port} doesn't answer: {error}") from None


def _result(method: str, answer: dict[str, Any]) -> Any:
    if "error" in answer:
        raise ChainError(f"the local node refused {method}: {answer['error'].get('message')}")
    return answer["result"]


def _outcome(method: str, answer: dict[str, Any]) -> Any | ChainError:
    try:
        return _result(method, answer)
    except ChainError as error:
        return error
