"""Requests and answers without a task, over a real connection to a pretend broker."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import pytest

from eventlog.kafka_exchange import Exchange

Broker = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Text:
    """A request that is a text; so is its answer."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def prepare(self, _versions: object) -> "Text":
        return self

    def build_request_header(self, number: int, _client: str) -> "Text":
        return Text(struct.pack(">i", number))

    def encode(self) -> bytes:
        return self._text

    class RESPONSE_TYPE:  # noqa: N801 - aiokafka's name
        @staticmethod
        def decode(data: BytesIO) -> bytes:
            if (answer := data.read()) == b"broken":
                raise ValueError
            return answer


class Connection:
    """What an exchange takes over, as aiokafka's connections have it."""

    _versions: dict[int, tuple[int, int]] = {}  # noqa: RUF012 - never written
    _client_id = "test"
    _last_action = 0.0

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._protocol = writer.transport.get_protocol()
        self._number = 0

    def _next_correlation_id(self) -> int:
        self._number += 1
        return self._number


class Answers:
    """What came of each request."""

    def __init__(self) -> None:
        self.found: list[Any] = []
        self._came = asyncio.Event()

    def __call__(self, answer: Any, error: BaseException | None) -> None:
        self.found.append(answer if error is None else type(error))
        self._came.set()

    async def until(self, number: int) -> list[Any]:
        """Wait for so many."""
        async with asyncio.timeout(10):
            while len(self.found) < number:
                self._came.clear()
                await self._came.wait()
        return self.found


@asynccontextmanager
async def exchange(broker: Broker) -> AsyncIterator[Exchange]:
    """An exchange with a broker that does this with each request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                await broker(await reader.readexactly(size), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    yield Exchange(Connection(writer))
    writer.transport.abort()
    server.close()
    await asyncio.sleep(0.01)


def frame(data: bytes) -> bytes:
    """Bytes with their size before them."""
    return struct.pack(">i", len(data)) + data


@pytest.mark.parametrize("cut", [1, 3, 7, 1_000])
async def test_answers_in_their_order_however_they_are_cut(cut: int) -> None:
    """Each caller has its own answer once."""

    async def broker(data: bytes, writer: asyncio.StreamWriter) -> None:
        answer = frame(data[:4] + data[4:].upper())
        for at in range(0, len(answer), cut):
            writer.write(answer[at : at + cut])
            await asyncio.sleep(0.001)

    answers = Answers()
    async with exchange(broker) as asked:
        for text in (b"one", b"two", b""):
            asked.ask(Text(text), answers, seconds=10)
        assert [] == answers.found
        assert [b"ONE", b"TWO", b""] == await answers.until(3)


async def test_a_broker_that_is_silent() -> None:
    """After the time limit whoever waits is told, and the connection is given up."""

    async def broker(_data: bytes, _writer: asyncio.StreamWriter) -> None:
        pass

    answers = Answers()
    async with exchange(broker) as asked:
        asked.ask(Text(b"one"), answers, seconds=0.05)
        asked.ask(Text(b"two"), answers, seconds=10)
        assert [TimeoutError, TimeoutError] == await answers.until(2)


@pytest.mark.parametrize("said", [b"\0\0\0\7other", b""])
async def test_a_broker_that_answers_something_else_or_leaves(said: bytes) -> None:
    """An answer to what was not asked ends the connection, as the broker may itself."""

    async def broker(_data: bytes, writer: asyncio.StreamWriter) -> None:
        if said:
            writer.write(frame(said))
        else:
            writer.close()

    answers = Answers()
    async with exchange(broker) as asked:
        asked.ask(Text(b"one"), answers, seconds=10)
        assert [ConnectionResetError] == await answers.until(1)


async def test_an_answer_that_can_not_be_read() -> None:
    """It is an error of its own, and what was asked behind it is told."""

    async def broker(data: bytes, writer: asyncio.StreamWriter) -> None:
        if data.endswith(b"one"):
            writer.write(frame(data[:4] + b"broken"))

    answers = Answers()
    async with exchange(broker) as asked:
        asked.ask(Text(b"one"), answers, seconds=10)
        asked.ask(Text(b"two"), answers, seconds=10)
        found = await answers.until(2)

    assert [ValueError, ConnectionResetError] == found
