"""Deliveries with defaults, a log that records, and an application to deliver to."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette

from eventlog.log import LogIntake, Message
from eventlog.written import Written
from receiver.limits import Limits
from receiver.routes import routes
from receiver.secrets import FixedSecrets
from receiver.signature import sign
from receiver.sources import AllowedSources
from tests import factories

SECRET = b"secretKey"
NOW = 1_740_787_200_123
MAX_BODY = 1 << 20

Headers = list[tuple[bytes, bytes]]


class RecordingLog:
    """A log whose messages can be looked at; it fails or hangs when told to."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.failure: Exception | None = None
        self.seconds = 0.0

    async def append(self, messages: Sequence[Message]) -> None:
        """Take the messages, unless it fails."""
        await self.put(messages)

    def put(self, messages: Sequence[Message]) -> Written:
        """The same, without waiting."""
        loop = asyncio.get_running_loop()
        done = Written(loop=loop)
        loop.call_later(self.seconds, self._take, messages, done)
        return done

    def _take(self, messages: Sequence[Message], done: Written) -> None:
        if done.done():
            return
        if self.failure:
            done.settle(self.failure)
        else:
            self.messages += messages
            done.settle()

    async def check(self) -> None:
        """It works."""

    async def close(self) -> None:
        """Nothing to let go of."""

    def values(self) -> list[bytes]:
        """The bodies that were taken."""
        return [message.value for message in self.messages]


def event(event_type: str = "voucher.updated", **changes: Any) -> dict[str, Any]:
    """A project webhook."""
    data = {"id": "v_1", "object": "voucher", "code": "CODE-1"}
    return factories.webhook(event_type, data) | changes


def body(event_type: str = "voucher.updated", **changes: Any) -> bytes:
    """The text of a project webhook, as it is signed and sent."""
    return factories.body(event(event_type, **changes))


def signed(text: bytes, secret: bytes = SECRET) -> Headers:
    """The headers with which Voucherify sends this body."""
    return [(b"x-voucherify-signature", sign(secret, text))]


def application(
    log: LogIntake | None = None,
    *,
    secrets: Sequence[str] = ("secretKey",),
    allowed: str = "any",
    proxies: Sequence[str] = (),
    max_body: int = MAX_BODY,
    **limits: Any,
) -> Starlette:
    """An application that takes deliveries; `limits` shortens what tests would wait for."""
    return Starlette(
        routes=routes(
            log=log or RecordingLog(),
            secrets=FixedSecrets(secrets),
            sources=AllowedSources.parse(allowed, proxies),
            max_body=max_body,
            now_ms=lambda: NOW,
            limits=Limits(**{"linger_seconds": 0.3, **limits}),
        )
    )
