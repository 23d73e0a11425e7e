"""Post one event; try again where that can help."""

import ssl
import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import arbx
from arbx_alert_webhook.message import body_of, signature_of
from arbx_alert_webhook.settings import WebhookSettings

if TYPE_CHECKING:
    import httpx  # takes a third of a second to import, and listing plugins must not

__all__ = ["Webhook"]


class Webhook:
    """Post each event to the URL; the same bytes again where nobody, or a tired server, answered."""

    def __init__(self, settings: WebhookSettings, context: arbx.Context) -> None:
        self._settings, self._context = settings, context
        self._tls: ssl.SSLContext | None = (
            None  # takes 50 ms to make: once, and not before it is needed
        )

    async def send(self, event: str, fields: Mapping[str, Any]) -> None:
        """Send one event with its fields."""
        problem = await self._deliver(event, fields)
        if problem:
            # Raised where no local variable and no chained error holds the URL, which may hold a token.
            cure = "check url, and that it takes a POST of JSON"
            raise arbx.PluginError("webhook", f"send of {event}", problem, cure)

    def __repr__(self) -> str:
        return f"Webhook({self._context.name!r})"

    async def _deliver(self, event: str, fields: Mapping[str, Any]) -> str:
        """Return what went wrong, or nothing."""
        import httpx

        url, sent_at = self._resolved(self._settings.url), int(time.time())
        if not _host(url):
            return "url is no http:// or https:// URL"
        body = body_of(event, fields, str(uuid.uuid4()), sent_at)
        request = httpx.Request(
            "POST",
            url,
            headers=self._headers(body, sent_at),
            content=body,
            extensions={"timeout": httpx.Timeout(self._settings.timeout_s).as_dict()},
        )
        problem = await self._posted(request)
        return problem and f"{_host(url)} {problem}"

    async def _posted(self, request: "httpx.Request") -> str:
        """Return what went wrong in the last attempt, or nothing."""
        import httpx
        import stamina

        attempts = stamina.retry_context(
            on=_Again,
            attempts=self._settings.attempts,
            timeout=None,
            wait_initial=0.1,
            wait_max=2.0,
        )
        try:
            # Not httpx's client, which logs the URL of each request.
            self._tls = self._tls or httpx.create_ssl_context()
            async with httpx.AsyncHTTPTransport(verify=self._tls) as transport:
                async for attempt in attempts:
                    with attempt:
                        return await _attempt(transport, request)
        except _Again as why:
            return str(why)
        return "was not asked"

    def _headers(self, body: bytes, sent_at: int) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "arbx-alert-webhook"}
        if self._settings.secret is not None:
            secret = self._resolved(self._settings.secret)
            headers["X-Arbx-Signature"] = signature_of(body, secret, sent_at)
        return headers

    def _resolved(self, reference: str) -> str:
        if self._context.secrets is not None:
            return self._context.secrets(reference)
        if reference.startswith(("env:", "file:")):
            raise arbx.ConfigError("nothing resolves references here; give Context(secrets=…)")
        return reference


class _Again(Exception):  # says what to do about it
    """Say what went wrong, where another attempt may help."""


async def _attempt(transport: "httpx.AsyncHTTPTransport", request: "httpx.Request") -> str:
    import httpx

    try:
        answer = await transport.handle_async_request(request)
        await answer.aclose()
    except httpx.TransportError as error:
        raise _Again(f"can't be reached: {type(error).__name__}") from None
    if answer.status_code == 429 or answer.status_code >= 500:
        raise _Again(f"answered {answer.status_code}")
    return "" if answer.is_success else f"answered {answer.status_code}"


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in {"http", "https"} else ""
