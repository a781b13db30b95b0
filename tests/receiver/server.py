"""A real uvicorn on the loopback address, and raw connections to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette

from receiver.connection import connections
from tests.receiver.factories import Headers


class _Server(uvicorn.Server):
    """Leaves the signals to the test runner."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[int]:
    """Serve the application; gives the port."""
    config = uvicorn.Config(
        app,
        port=0,
        http=cast("Any", connections(app.routes) or "httptools"),
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    (listening,) = server.servers[0].sockets
    yield listening.getsockname()[1]
    server.should_exit = True
    await task


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came over the connection."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.body)


class Connection:
    """One connection, on which anything can be sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *parts: bytes) -> None:
        """Send bytes as they are."""
        self._writer.writelines(parts)
        await self._writer.drain()

    def write(self, part: bytes) -> None:
        """Send bytes as they are, without waiting."""
        self._writer.write(part)

    async def answer(self, *, has_body: bool = True) -> Answer:
        """The next answer; that to HEAD has no body, whatever its headers say."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", "0")) if has_body else 0
        body = await self._reader.readexactly(length)
        return Answer(int(first.split()[1]), headers, body)

    async def ended(self) -> bytes:
        """What comes until the server closes the connection, or resets it."""
        try:
            return await self._reader.read()
        except ConnectionResetError:
            return b""

    def reset(self) -> None:
        """Leave without a word."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """End the connection."""
        self._writer.close()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    """A connection to the server; nothing waits for longer than ten seconds."""
    async with asyncio.timeout(10):
        connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
        try:
            yield connection
        finally:
            await connection.close()


def head(headers: Headers, *, length: int | None = None, method: bytes = b"POST") -> bytes:
    """The head of a delivery; without a length its body comes in chunks."""
    kind = b"transfer-encoding: chunked"
    if length is not None:
        kind = b"content-length: %d" % length
    lines = [b"%s: %s" % header for header in headers]
    start = b"%s /webhooks/voucherify HTTP/1.1" % method
    return b"\r\n".join([start, b"host: localhost", kind, *lines, b"", b""])


def chunk(text: bytes) -> bytes:
    """One chunk of a body; the empty one ends it."""
    return b"%x\r\n%s\r\n" % (len(text), text)
