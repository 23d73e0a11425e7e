"""One JSON-RPC endpoint: requests, batches and retries; its URL's secrets stay here."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import stamina

from arbx.chain.answers import answer_as
from arbx.chain.refusal import RefusedError, UnansweredError
from arbx.chain.transport import AsyncHTTPProvider, RPCEndpoint
from arbx.errors import ChainError, ConfigError

__all__ = ["Endpoint", "public_name"]

T = TypeVar("T")

# An HTTP status that is about this one request (too large, no batches here), not about the
# endpoint.
_REQUEST_STATUSES = frozenset({400, 405, 413, 422, 501})
# -32005 and 429 are how nodes say "too many requests" in JSON.
_BUSY_CODES = frozenset({-32005, 429})
_BUSY_WORDS = ("rate limit", "too many requests", "capacity", "try again")
_CURES = MappingProxyType(
    {
        401: "check the key in the URL",
        403: "check the key in the URL and the origins it allows",
        404: "check the URL's path",
        429: "the provider limits the rate: wait, or use another endpoint",
    }
)


class _TransientError(Exception):
    """Say what went wrong for the moment; without the URL, because stamina logs it."""

    def __init__(self, why: str, cure: str, *, hung: bool = False) -> None:
        self.why, self.cure, self.hung = why, cure, hung
        super().__init__(why)


class Endpoint:
    """
    Ask one HTTP endpoint, with arbx's retries instead of web3's own.

    One that hung is asked again only when *patient*: who has another endpoint doesn't wait twice.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 20,
        attempts: int = 4,
        first_wait_s: float = 0.2,
        patient: bool = True,
        name: str | None = None,
    ) -> None:
        self.name = name or public_name(url)
        self._timeout_s, self._attempts, self._first_wait_s = timeout_s, attempts, first_wait_s
        self._patient = patient
        # web3 retries five times by itself, and its middleware adds an eth_chainId to each
        # eth_call: make_request goes below the middleware, None turns the retries off.
        self._provider = AsyncHTTPProvider(
            url,
            request_kwargs={"timeout": aiohttp.ClientTimeout(total=timeout_s)},
            exception_retry_configuration=None,
        )
        # web3 logs whole URLs, some of them at INFO
        self._provider.logger = _silent()
        self._provider._request_session_manager.logger = _silent()

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r})"

    async def close(self) -> None:
        """Close the connections."""
        await self._provider.disconnect()

    async def ask(self, method: str, params: Sequence[Any], read: Callable[[Any], T]) -> T:
        """Return what *read* makes of one request's result; raise RefusedError for a node's error."""

        async def once() -> T:
            answer = await self._provider.make_request(RPCEndpoint(method), list(params))
            result = self._result_or_refusal(method, answer)
            if isinstance(result, RefusedError):
                raise result
            return answer_as(read, result, self.name, method)

        return await self._retried(method, once)

    async def batch(
        self, method: str, rows: Sequence[Sequence[Any]], read: Callable[[Any], T]
    ) -> list[T | RefusedError]:
        """Return what *read* makes of each request's result, or its RefusedError, from one HTTP request."""
        requests = [(RPCEndpoint(method), list(row)) for row in rows]

        async def once() -> list[T | RefusedError]:
            answers = await self._provider.make_batch_request(requests)
            if not isinstance(answers, list):
                refusal = self._result_or_refusal(method, answers)
                raise refusal if isinstance(refusal, RefusedError) else self._strange(method)
            if len(answers) != len(rows):
                raise self._strange(method)
            results = [self._result_or_refusal(method, answer) for answer in answers]
            return [
                one if isinstance(one, RefusedError) else answer_as(read, one, self.name, method)
                for one in results
            ]

        return await self._retried(method, once)

    def _worth_another(self, error: Exception) -> bool:
        return isinstance(error, _TransientError) and (self._patient or not error.hung)

    async def _retried(self, method: str, once: Callable[[], Awaitable[T]]) -> T:
        tries = 0
        try:
            async for attempt in stamina.retry_context(
                on=self._worth_another,
                attempts=self._attempts,
                timeout=self._attempts * self._timeout_s,
                wait_initial=self._first_wait_s,
                wait_max=5,
                wait_jitter=self._first_wait_s,
            ):
                with attempt:
                    tries = attempt.num
                    return await self._translated(method, once)
        except _TransientError as error:
            failed = f"failed {tries} times" if tries > 1 else "failed"
            text = f"{self.name}: {method} {failed}: {error.why}; {error.cure}"
            raise UnansweredError(text, hung=error.hung) from None
        raise AssertionError("stamina ends by returning or raising")

    async def _translated(self, method: str, once: Callable[[], Awaitable[T]]) -> T:
        try:
            return await once()
        except aiohttp.ClientResponseError as error:
            raise self._http_error(method, error.status) from None
        except TimeoutError:
            raise _TransientError(
                f"no answer within {self._timeout_s:g} s",
                "the endpoint hangs: try another one",
                hung=True,
            ) from None
        except (aiohttp.ClientError, OSError) as error:
            cause = getattr(error, "os_error", None) or error
            why = getattr(cause, "strerror", None) or type(cause).__name__
            raise _TransientError(
                f"can't be reached: {why}",
                "is the node running, and the URL's host and port right?",
            ) from None
        except (KeyError, RecursionError, TypeError, ValueError):
            raise self._strange(method) from None

    def _http_error(self, method: str, status: int) -> Exception:
        if status == 429 or (status >= 500 and status not in _REQUEST_STATUSES):
            return _TransientError(
                f"HTTP status {status}", _CURES.get(status, "wait, or use another endpoint")
            )
        if status in _REQUEST_STATUSES:
            why = f"was refused with HTTP status {status}; check the URL's path"
            return RefusedError(f"{self.name}: {method} {why}", status)
        cure = _CURES.get(status, "check the URL")
        return ChainError(f"{self.name}: {method} failed: HTTP status {status}; {cure}")

    def _result_or_refusal(self, method: str, answer: Any) -> Any:
        if not isinstance(answer, dict) or not ("result" in answer or "error" in answer):
            raise self._strange(method)
        error = answer.get("error")
        if error is None:
            return answer.get("result")
        if not isinstance(error, dict):
            error = {"message": str(error)}
        code, why = error.get("code"), str(error.get("message", "no message"))[:300]
        if code in _BUSY_CODES and any(word in why.lower() for word in _BUSY_WORDS):
            raise _TransientError(f"the node is busy: {why}", _CURES[429])
        number = code if isinstance(code, int) else 0
        return RefusedError(
            f"{self.name}: {method} was refused: {why} (code {code})", number, error.get("data")
        )

    def _strange(self, method: str) -> ChainError:
        return ChainError(
            f"{self.name}: {method} was answered with something that is not JSON-RPC; "
            "is this the URL of an Ethereum node, path included?"
        )


def _silent() -> logging.Logger:
    return logging.Logger("web3 within arbx", level=logging.CRITICAL + 1)


def public_name(url: str) -> str:
    """Return what may be shown of an endpoint's URL; raise ConfigError for one that can't be used."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise ConfigError(
            "the RPC URL can't be read; write it like http://127.0.0.1:8545"
        ) from None
    if parts.scheme not in {"http", "https"}:
        scheme = f"{parts.scheme}://" if "://" in url else "no scheme"
        raise ConfigError(
            f"the RPC URL has {scheme}; write it like http://127.0.0.1:8545 or https://…"
        )
    if not parts.hostname:
        raise ConfigError("the RPC URL names no host; write it like http://127.0.0.1:8545")
    return f"{parts.scheme}://{parts.hostname}{port}"
