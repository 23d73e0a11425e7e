"""Turn an event into the bytes that are posted, and sign them."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import arbx

__all__ = ["body_of", "signature_of"]


def body_of(event: str, fields: Mapping[str, Any], message_id: str, sent_at: int) -> bytes:
    """Return the JSON body; integers of the fields are decimal strings, for amounts exceed 2**53."""
    message = {
        "id": message_id,
        "sent_at": sent_at,
        "event": event,
        "severity": arbx.event_kind(event).severity.word,
        "fields": _plain(fields),
    }
    return json.dumps(message, ensure_ascii=False).encode(errors="backslashreplace")


def signature_of(body: bytes, secret: str, sent_at: int) -> str:
    """
    Return the header that proves the sender and the time.

    >>> signature_of(b"{}", "word", 1)[:20]
    't=1,v1=76fb2859f552f'
    """
    digest = hmac.new(secret.encode(), b"%d." % sent_at + body, hashlib.sha256).hexdigest()
    return f"t={sent_at},v1={digest}"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, bytes | bytearray):
        return f"0x{value.hex()}"
    if isinstance(value, float):
        return (
            value if abs(value) < float("inf") else str(value)
        )  # JSON has no NaN and no infinity
    return str(value)
