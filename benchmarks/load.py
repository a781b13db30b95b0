"""A load generator: prepared HTTP requests over kept-alive connections, one in flight on each.

It parses no more of an answer than its status and length, so that one core of it outruns the server
that is measured. `run` sends as fast as answers come, `run_at` at a rate, whatever comes.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_PATIENCE_SECONDS = 15.0


@dataclass(slots=True)
class Result:
    """What came back: for each status, the seconds that each answer took.

    `unsent` were due, and no connection was free until the end. `last_at` is when the last answer
    of a status came, in seconds from the beginning. `since_sent` leaves out for how long a request
    that was due waited for a free connection.
    """

    seconds: float = 0.0
    unsent: int = 0
    by_status: dict[int, list[float]] = field(default_factory=dict)
    since_sent: dict[int, list[float]] = field(default_factory=dict)
    last_at: dict[int, float] = field(default_factory=dict)

    @property
    def latencies(self) -> list[float]:
        """Of all answers."""
        return [one for latencies in self.by_status.values() for one in latencies]

    @property
    def statuses(self) -> dict[int, int]:
        """How many answers had each status."""
        return {status: len(latencies) for status, latencies in self.by_status.items()}

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float, status: int | None = None) -> float:
        """The latency in seconds that this share of the answers (of a status) did not exceed."""
        return _percentile(self.latencies if status is None else self.by_status.get(status), share)

    def percentile_since_sent(self, share: float, status: int) -> float:
        """The same, from when the request was sent."""
        return _percentile(self.since_sent.get(status), share)


def _percentile(of: Sequence[float] | None, share: float) -> float:
    ordered = sorted(of or [0.0])
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Run(Protocol):
    """Says what each connection does next."""

    def ready(self, connection: "_Connection") -> None:
        """It is connected, or has its answer."""

    def note(self, status: int, latency: float, since_sent: float) -> None:
        """An answer came."""

    def left(self) -> None:
        """A connection ended."""


class _Connection(asyncio.Protocol):
    """One connection: asks the run what to do as soon as an answer is complete."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._buffer = b""
        self._begun = 0.0
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._run.ready(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not separator or len(rest) < (int(length[1]) if length else 0):
            return
        self._buffer = b""
        status = STATUS.match(head)
        now = time.perf_counter()
        self._run.note(int(status[1]) if status else 0, now - self._begun, now - self._sent)
        self._run.ready(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # whatever ended it
        self._run.left()

    def send(self, request: bytes, begun: float) -> None:
        """One request; its latency counts from `begun`."""
        if self._transport:
            self._begun = begun
            self._sent = time.perf_counter()
            self._transport.write(request)

    def close(self) -> None:
        """No more requests."""
        if self._transport:
            self._transport.close()


class _Requests:
    """The prepared requests in turn, and what came of them."""

    def __init__(self, requests: Sequence[bytes], seconds: float, connections: int) -> None:
        self._requests = requests
        self._next = 0
        self._open = connections
        self.begun = time.perf_counter()
        self.until = self.begun + seconds
        self.result = Result()
        self.done = asyncio.Event()

    @property
    def is_over(self) -> bool:
        return time.perf_counter() >= self.until

    def next_request(self) -> bytes:
        self._next += 1
        return self._requests[self._next % len(self._requests)]

    def note(self, status: int, latency: float, since_sent: float) -> None:
        self.result.by_status.setdefault(status, []).append(latency)
        self.result.since_sent.setdefault(status, []).append(since_sent)
        self.result.last_at[status] = time.perf_counter() - self.begun

    def left(self) -> None:
        self._open -= 1
        if not self._open:
            self.done.set()


class _AsFastAsAnswered(_Requests):
    """Each connection sends again when it has its answer."""

    def ready(self, connection: _Connection) -> None:
        if self.is_over:
            connection.close()
        else:
            connection.send(self.next_request(), time.perf_counter())


class _AtRate(_Requests):
    """Requests fall due by the clock and go out on whatever connection is free.

    Latency counts from when they were due, so that a server that stalls can't hide it.
    """

    def __init__(self, requests: Sequence[bytes], seconds: float, connections: int) -> None:
        super().__init__(requests, seconds, connections)
        self._idle: list[_Connection] = []
        self._due: deque[float] = deque()

    def ready(self, connection: _Connection) -> None:
        if self.is_over:
            connection.close()
        elif self._due:
            connection.send(self.next_request(), self._due.popleft())
        else:
            self._idle.append(connection)

    async def pace(self, per_second: float) -> None:
        begun, sent = time.perf_counter(), 0
        while not self.is_over:
            while sent < (time.perf_counter() - begun) * per_second:
                self._due.append(begun + sent / per_second)
                sent += 1
                if self._idle:
                    self.ready(self._idle.pop())
            await asyncio.sleep(0.001)
        self.result.unsent = len(self._due)
        for connection in self._idle:
            connection.close()


async def run(
    port: int, requests: Sequence[bytes], *, seconds: float, connections: int = 64
) -> Result:
    """Send the requests in turn for some seconds, over so many connections."""
    begun = time.perf_counter()
    measured = _AsFastAsAnswered(requests, seconds, connections)
    await _connect(measured, port, connections)
    await measured.done.wait()
    measured.result.seconds = time.perf_counter() - begun
    return measured.result


async def run_at(
    port: int, requests: Sequence[bytes], per_second: float, *, seconds: float, connections: int
) -> Result:
    """Send so many a second, and wait a little for the last answers."""
    measured = _AtRate(requests, seconds, connections)
    await _connect(measured, port, connections)
    measured.begun = time.perf_counter()
    measured.until = measured.begun + seconds
    await measured.pace(per_second)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await measured.done.wait()
    measured.result.seconds = seconds
    return measured.result


async def _connect(run: _Run, port: int, connections: int) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port)


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A prepared POST request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\n{lines}content-length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body


def get(path: str) -> bytes:
    """A prepared GET request."""
    return f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode("ascii")
