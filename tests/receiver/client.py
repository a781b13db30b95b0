"""A sender in the same process: hands an application what a server would hand it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message

from tests.receiver.factories import Headers, signed

PATH = "/webhooks/voucherify"
PEER = ("203.0.113.9", 50_000)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back; `asked` is how often the application asked for more of the body."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    asked: int

    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.body)


async def send(
    app: ASGIApp,
    chunks: Sequence[bytes],
    *,
    headers: Headers | None = None,
    method: str = "POST",
    path: str = PATH,
    peer: tuple[str, int] | None = PEER,
    leaves: bool = False,
) -> Answered | None:
    """Send these chunks of a body; after them nothing comes, or the sender leaves in the middle."""
    asked = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        if asked <= len(chunks):
            more = leaves or asked < len(chunks)
            return {"type": "http.request", "body": chunks[asked - 1], "more_body": more}
        if not leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def take(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers or [],
        "client": peer,
        "server": ("127.0.0.1", 8080),
        "state": {},
    }
    await app(scope, receive, take)
    if not sent:
        return None
    start, *parts = sent
    assert [True] * (len(parts) - 1) == [part.get("more_body", False) for part in parts[:-1]]
    assert not parts[-1].get("more_body", False)
    text = b"".join(part.get("body", b"") for part in parts)
    return Answered(start["status"], dict(start["headers"]), text, asked)


async def deliver(app: ASGIApp, text: bytes, *headers: tuple[bytes, bytes]) -> Answered:
    """Send a signed body, as Voucherify does."""
    length = (b"content-length", str(len(text)).encode())
    answered = await send(app, [text], headers=[length, *signed(text), *headers])
    assert answered is not None
    return answered
