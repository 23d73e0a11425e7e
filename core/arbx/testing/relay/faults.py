"""How the local relay misbehaves when it is told to."""

from enum import StrEnum

import attrs

__all__ = ["Fault", "Misbehaviour", "body_of"]


class Fault(StrEnum):
    """
    One way in which relays misbehave.

    The request is *carried out* by SLOW, BAD_GATEWAY, DROPS, NEVER_INCLUDES and INCLUDES_LATE: only the answer is
    late, wrong or lost. The others do nothing but answer.
    """

    SLOW = "slow"
    TOO_MANY_REQUESTS = "too_many_requests"
    FORBIDDEN = "forbidden"
    BAD_GATEWAY = "bad_gateway"
    SERVER_ERROR = "server_error"
    STRING_ERROR = "string_error"
    OBJECT_ERROR = "object_error"
    NOT_JSON = "not_json"
    WRONG_JSON = "wrong_json"
    DROPS = "drops"
    NEVER_INCLUDES = "never_includes"
    INCLUDES_LATE = "includes_late"

    @property
    def carried_out(self) -> bool:
        """Tell whether the request is done all the same."""
        return self in _CARRIED_OUT


_CARRIED_OUT = frozenset(
    {Fault.SLOW, Fault.BAD_GATEWAY, Fault.DROPS, Fault.NEVER_INCLUDES, Fault.INCLUDES_LATE}
)


@attrs.frozen
class Misbehaviour:
    """A fault, how long SLOW takes, and which method it is about (None: each)."""

    fault: Fault
    delay_s: float = 0.0
    method: str | None = None

    def concerns(self, method: str | None) -> bool:
        """Tell whether a request of *method* meets the fault."""
        return self.method is None or self.method == method


# flashbots-docs and what its clients have reported: the shapes that errors come in.
_BODIES = {
    Fault.TOO_MANY_REQUESTS: (429, "text/plain", "Too Many Requests"),
    Fault.FORBIDDEN: (403, "text/html", "<html><body><h1>403 Forbidden</h1></body></html>"),
    Fault.BAD_GATEWAY: (502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    Fault.SERVER_ERROR: (
        500,
        "application/json",
        '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"internal server error"}}',
    ),
    Fault.STRING_ERROR: (400, "application/json", '{"error":"unable to decode txs"}'),
    Fault.OBJECT_ERROR: (
        200,
        "application/json",
        '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"unable to decode bundle"}}',
    ),
    Fault.NOT_JSON: (200, "text/plain", "ok"),
    Fault.WRONG_JSON: (200, "application/json", '["accepted"]'),
}


def body_of(fault: Fault) -> tuple[int, str, str] | None:
    """Return HTTP status, content type and body that the fault answers with; None where it has none."""
    return _BODIES.get(fault)
