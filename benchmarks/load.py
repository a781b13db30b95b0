"""A load generator: prepared HTTP requests over kept-alive connections, one in flight on each.

It parses no more of an answer than its status and length, so that one core of it outruns the server
that is measured.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Result:
    """What came back: seconds for each answer, and how many answers had each status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in seconds that this share of the answers did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Connection(asyncio.Protocol):
    """One connection: sends the next request as soon as an answer is complete."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._buffer = b""
        self._begun = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not separator or len(rest) < (int(length[1]) if length else 0):
            return
        self._buffer = b""
        status = _STATUS.match(head)
        self._run.note(int(status[1]) if status else 0, time.perf_counter() - self._begun)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # whatever ended it
        self._run.left()

    def _send(self) -> None:
        request = self._run.next_request()
        if self._transport is None:
            return
        if request is None:
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)


class _Run:
    def __init__(self, requests: Sequence[bytes], seconds: float, connections: int) -> None:
        self._requests = requests
        self._next = 0
        self._until = time.perf_counter() + seconds
        self._open = connections
        self.result = Result()
        self.done = asyncio.Event()

    def next_request(self) -> bytes | None:
        if time.perf_counter() >= self._until:
            return None
        self._next += 1
        return self._requests[self._next % len(self._requests)]

    def note(self, status: int, latency: float) -> None:
        self.result.latencies.append(latency)
        self.result.statuses[status] = self.result.statuses.get(status, 0) + 1

    def left(self) -> None:
        self._open -= 1
        if not self._open:
            self.done.set()


async def run(
    port: int, requests: Sequence[bytes], *, seconds: float, connections: int = 64
) -> Result:
    """Send the requests in turn for some seconds, over so many connections."""
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    measured = _Run(requests, seconds, connections)
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(measured), "127.0.0.1", port)
    await measured.done.wait()
    measured.result.seconds = time.perf_counter() - begun
    return measured.result


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A prepared POST request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\n{lines}content-length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body


def get(path: str) -> bytes:
    """A prepared GET request."""
    return f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode("ascii")
