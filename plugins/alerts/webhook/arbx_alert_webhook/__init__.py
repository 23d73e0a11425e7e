"""Post events as JSON to a URL, signed with HMAC where a secret is given."""

from collections.abc import Iterator

import arbx
from arbx_alert_webhook.settings import WebhookSettings
from arbx_alert_webhook.sink import Webhook

__all__ = ["Webhook", "WebhookSettings", "arbx_alert_sinks"]

EXAMPLE = {"url": "env:ARBX_WEBHOOK_URL", "secret": "file:webhook.secret"}


@arbx.hookimpl
def arbx_alert_sinks() -> Iterator[arbx.Provider[arbx.AlertSink]]:
    """Offer the sink."""
    yield arbx.Provider(
        "webhook", Webhook, WebhookSettings, summary="signed JSON to a URL", examples=(EXAMPLE,)
    )
