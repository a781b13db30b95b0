"""Requests over kept-alive connections whose answers are read: light enough not to be measured.

`load.py` sends more a second and looks at no answer.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from benchmarks.load import LENGTH, STATUS


class Connection:
    """One connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, length = STATUS.match(head), LENGTH.search(head)
        body = await self._reader.readexactly(int(length[1])) if length else b""
        return int(status[1]) if status else 0, body


class Connections:
    """Several; who asks takes one that is free."""

    def __init__(self, free: Sequence[Connection]) -> None:
        self._free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        for connection in free:
            self._free.put_nowait(connection)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """See Connection."""
        connection = await self._free.get()
        try:
            return await connection.ask(request)
        finally:
            self._free.put_nowait(connection)


@asynccontextmanager
async def connected(port: int, count: int) -> AsyncIterator[Connections]:
    """So many connections to a port of this machine."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield Connections([Connection(*one) for one in opened])
    finally:
        for _, writer in opened:
            writer.close()
