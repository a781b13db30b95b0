"""Every answer of the webhook endpoint, and how it is sent.

An error says in a small JSON object what is wrong and what to do, and never quotes the body, a
secret or a path of ours.
"""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.types import Message, Receive, Scope, Send

from receiver.delivery import Delivery
from receiver.limits import Limits
from schemas import jsontext

_RETRY_AFTER: Final = (b"retry-after", b"5")
_CLOSE: Final = (b"connection", b"close")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a reason of few possible values, and the ASGI messages that say so.

    `linger` is for answers given while the body may still be arriving: the connection is to end,
    but to close it at once would reset it, and the sender could lose the answer. `parts` are the
    same as bytes: the first line, and all that follows on the server's own headers.
    """

    status: int
    reason: str
    start: Message
    body: bytes
    linger: bool = False
    parts: tuple[bytes, bytes] = field(init=False)

    def __post_init__(self) -> None:
        status = HTTPStatus(self.status)
        first = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode("ascii")
        lines = b"".join(b"%s: %s\r\n" % header for header in self.start["headers"])
        object.__setattr__(self, "parts", (first, b"%s\r\n%s" % (lines, self.body)))

    @property
    def closes(self) -> bool:
        """Whether the connection ends with it."""
        return _CLOSE in self.start["headers"]

    async def send(self, scope: Scope, receive: Receive, send: Send, limits: Limits) -> None:
        """Send it whole at once; to linger is to read for a moment more and drop what comes."""
        await send(self.start)
        if self.linger and not _waits_for_go_ahead(scope):
            await send({"type": "http.response.body", "body": self.body, "more_body": True})
            await _drop_rest(receive, limits)
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": self.body})


class Refused(Exception):  # noqa: N818 - an outcome, not a failure of ours
    """Ends the handling of a delivery with an answer; the others are for the log line alone."""

    def __init__(
        self, answer: Answer, problem: str | None = None, delivery: Delivery | None = None
    ) -> None:
        super().__init__(answer.reason)
        self.answer = answer
        self.problem = problem
        self.delivery = delivery


def _refusal(
    status: int, reason: str, message: str, *, close: bool = False, linger: bool = False
) -> Answer:
    key = reason.replace("-", "_")
    body = jsontext.encode({"code": status, "key": key, "message": message})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode("ascii")),
    ]
    if status == 503:
        headers.append(_RETRY_AFTER)
    if close or linger:
        headers.append(_CLOSE)
    return Answer(status, reason, _start(status, headers), body, linger)


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _waits_for_go_ahead(scope: Scope) -> bool:
    """`Expect: 100-continue`: who gets a refusal instead of the go-ahead sends no body."""
    return any(name == b"expect" for name, _ in scope["headers"])


async def _drop_rest(receive: Receive, limits: Limits) -> None:
    dropped = 0
    try:
        async with asyncio.timeout(limits.linger_seconds):
            while dropped < limits.linger_bytes:
                message = await receive()
                dropped += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        pass


ACCEPTED: Final = Answer(202, "accepted", _start(202, [(b"content-length", b"0")]), b"")

SIGNATURE: Final = {
    reason: _refusal(401, reason, message)
    for reason, message in {
        "signature-missing": "Send the header X-Voucherify-Signature, as Voucherify does.",
        "signature-repeated": "Send the header X-Voucherify-Signature once.",
        "signature-malformed": (
            "X-Voucherify-Signature has to be an HMAC-SHA256 in 64 lower-case hex digits."
        ),
        "signature-wrong": (
            "X-Voucherify-Signature does not belong to this body under any secret set here. "
            "Compare the webhook's secret in Voucherify with the one in this receiver's settings."
        ),
    }.items()
}

SOURCE_NOT_ALLOWED: Final = _refusal(
    403,
    "source-not-allowed",
    "This address may not deliver here. Add its region or network to the allowed sources, or the "
    "proxy in between to the trusted proxies.",
    linger=True,
)

BODY_TOO_SLOW: Final = _refusal(
    408, "body-too-slow", "The whole body did not arrive in time. Send it again.", close=True
)

OVERLOADED: Final = _refusal(
    503, "overloaded", "Too much is arriving at once. Send it again later.", linger=True
)

BUSY: Final = _refusal(
    503, "overloaded", "More is arriving than can be written. Send it again later."
)

LOG_UNAVAILABLE: Final = _refusal(
    503, "log-unavailable", "The event log does not take deliveries now. Send it again later."
)

LOG_SLOW: Final = _refusal(
    503, "log-slow", "The event log did not take the delivery in time. Send it again later."
)

INTERNAL_ERROR: Final = _refusal(
    503,
    "internal-error",
    "The receiver failed; its log lines say why. Send it again later.",
)

USUAL: Final = (
    ACCEPTED,
    *SIGNATURE.values(),
    SOURCE_NOT_ALLOWED,
    BODY_TOO_SLOW,
    OVERLOADED,
    LOG_UNAVAILABLE,
    LOG_SLOW,
    INTERNAL_ERROR,
)
"""One for each status and reason that does not depend on a setting."""


def body_too_large(limit: int) -> Answer:
    """413, with the limit in bytes."""
    return _refusal(
        413,
        "body-too-large",
        f"The body is larger than {limit} bytes. Raise the receiver's largest body, if that is "
        "what Voucherify sends.",
        linger=True,
    )
