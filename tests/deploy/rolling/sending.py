"""Deliveries at a rate, by a sender that takes little of the processor from what it sends to.

The simulator's own sender would do the same with a whole HTTP client, which takes as long for a
delivery as everything behind it. Each connection has one delivery under way; what is not answered
2xx is counted and sent again until it is.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from voucherify_sync.simulator.deliveries import Delivery
from voucherify_sync.simulator.sender import percentile
from voucherify_sync.simulator.wire import signature

_AGAIN_SECONDS: Final = 0.2
_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Sent:
    """What came of it. `latencies` are seconds from when a delivery was due to its 2xx."""

    total: int
    begun: float = field(default_factory=perf_counter)
    seconds: float = 0.0
    failed: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """How many were answered 2xx."""
        return len(self.latencies)

    def percentile(self, share: float) -> float:
        """The latency that this share did not exceed."""
        return percentile(self.latencies, share)


class Sending:
    """Sends all deliveries to a URL, so many a second, over so many connections."""

    def __init__(
        self,
        url: str,
        secret: str,
        deliveries: Sequence[Delivery],
        *,
        rate: float,
        connections: int,
    ) -> None:
        self._to = urlsplit(url)
        self._secret = secret
        self._deliveries = deliveries
        self._left = iter(enumerate(deliveries))
        self._rate = rate
        self._connections = connections
        self.sent = Sent(len(deliveries))

    async def run(self) -> Sent:
        """Return once each of them is accepted."""
        self.sent = Sent(len(self._deliveries))
        await asyncio.gather(*(self._work() for _ in range(self._connections)))
        self.sent.seconds = perf_counter() - self.sent.begun
        return self.sent

    async def _work(self) -> None:
        """One connection, made anew where it failed; it takes whatever is due next."""
        connection: _Connection | None = None
        for number, delivery in self._left:
            due = self.sent.begun + number / self._rate
            await asyncio.sleep(due - perf_counter())
            request = self._request(delivery.body)
            while True:
                try:
                    connection = connection or await self._connect()
                    accepted = await _ask(connection, request)
                except (OSError, asyncio.IncompleteReadError):
                    connection, accepted = None, False
                if accepted:
                    break
                self.sent.failed += 1
                await asyncio.sleep(_AGAIN_SECONDS)
            self.sent.latencies.append(perf_counter() - due)
        if connection:
            connection[1].close()

    async def _connect(self) -> _Connection:
        return await asyncio.open_connection(self._to.hostname, self._to.port)

    def _request(self, body: bytes) -> bytes:
        lines = (
            f"POST {self._to.path} HTTP/1.1",
            f"host: {self._to.netloc}",
            "content-type: application/json",
            f"x-voucherify-signature: {signature(self._secret, body)}",
            f"content-length: {len(body)}",
        )
        return "\r\n".join(lines).encode("ascii") + _HEAD_END + body


async def _ask(connection: _Connection, request: bytes) -> bool:
    """Whether the answer is a 2xx."""
    reader, writer = connection
    writer.write(request)
    head = await reader.readuntil(_HEAD_END)
    length = _LENGTH.search(head)
    if length:
        await reader.readexactly(int(length[1]))
    return head.startswith(b"HTTP/1.1 2")
