"""A reverse proxy as strict as can be: it keeps connections, and it never tries anything twice.

What an ingress controller would mend by asking another copy is a failed delivery here, so that a
roll-out that passes does not lean on the proxy's kindness.
"""

import asyncio
import re
from collections import defaultdict
from contextlib import suppress
from types import TracebackType
from typing import Final

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES: Final = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_BAD_GATEWAY: Final = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"
_SECONDS: Final = 10.0

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Listens on a port of the loopback address, in front of what `add` names; in turn."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self._backends: list[int] = []
        self._idle: dict[int, list[_Connection]] = defaultdict(list)
        self._turn = 0
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        for port in [*self._idle]:
            self._forget(port)

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def add(self, port: int) -> None:
        """Send requests there, too."""
        self._backends.append(port)

    def remove(self, port: int) -> None:
        """Send nothing new there. What is under way is answered."""
        self._backends.remove(port)
        self._forget(port)

    def _forget(self, port: int) -> None:
        for _, writer in self._idle.pop(port, []):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)
        # A cancellation ends here: asyncio's streams would report it as an error of this callback.
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                writer.write(await self._answer(await _message(reader)))
                await writer.drain()
        writer.close()

    async def _answer(self, request: bytes) -> bytes:
        if not self._backends:
            self.failures.append("nobody is there")
            return _BAD_GATEWAY
        self._turn += 1
        port = self._backends[self._turn % len(self._backends)]
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._ask(port, request)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.failures.append(f"{port}: {type(error).__name__}")
            return _BAD_GATEWAY

    async def _ask(self, port: int, request: bytes) -> bytes:
        reader, writer = await self._connection(port)
        try:
            writer.write(request)
            await writer.drain()
            answer = await _message(reader)
        except BaseException:
            writer.close()
            raise
        if port in self._backends and not _CLOSES.search(answer.partition(_HEAD_END)[0]):
            self._idle[port].append((reader, writer))
        else:
            writer.close()
        return answer

    async def _connection(self, port: int) -> _Connection:
        """One that is open and known to be, or a new one."""
        while self._idle[port]:
            reader, writer = self._idle[port].pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", port)


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A request or an answer, whose length has to be told."""
    head = await reader.readuntil(_HEAD_END)
    length = _LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")
