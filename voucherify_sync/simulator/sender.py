"""The sender: signed webhooks over HTTP, with the vendor's retries on anything but a 2xx.

Each connection is used by one delivery at a time; a delivery that waits for its next attempt holds
none. Stopping means: nothing new is begun, what is in flight gets its answer.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import httpx

from voucherify_sync.simulator.certificates import trusted
from voucherify_sync.simulator.deliveries import Delivery
from voucherify_sync.simulator.wire import signature

RETRY_MINUTES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440)
"""When a failed delivery is tried again, in minutes after the first attempt."""

ANSWER_SECONDS = 10.0
"""An answer that takes longer is a failure, whatever it says."""


@dataclass(slots=True)
class Counts:
    """What became of the deliveries. `latencies` are seconds from an attempt's begin to its 2xx."""

    total: int = 0
    sent: int = 0
    accepted: int = 0
    retried: int = 0
    given_up: int = 0
    duplicates: int = 0
    out_of_order: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    began: float = field(default_factory=perf_counter)
    ended: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every delivery was accepted in the end."""
        return self.accepted == self.total

    @property
    def seconds(self) -> float:
        """How long the sending took, or has taken so far."""
        return (self.ended or perf_counter()) - self.began

    def percentile(self, share: float) -> float:
        """The latency in seconds that this share of the accepted attempts did not exceed."""
        return percentile(self.latencies, share)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast, how many at once, and how much faster than the vendor it is tried again."""

    rate: float | None = None
    concurrency: int = 16
    time_scale: float = 1 / 600


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


Progress = Callable[[Counts], None]
Accepted = Callable[[Delivery, float, float], None]
"""Called with a delivery, and when its accepted attempt began and was answered (perf_counter)."""


class Sender:
    """Sends deliveries to one URL."""

    def __init__(
        self,
        url: str,
        secret: str,
        pace: Pace,
        *,
        progress: Progress | None = None,
        accepted: Accepted | None = None,
    ) -> None:
        self._url = httpx.URL(url)
        self._secret = secret
        self._pace = pace
        self._progress = progress
        self._accepted = accepted
        self._latest = 0
        self._free: deque[httpx.AsyncHTTPTransport] = deque()
        self._slots = asyncio.Semaphore(pace.concurrency)
        self.counts = Counts()

    async def send(self, deliveries: Sequence[Delivery], stop: asyncio.Event) -> Counts:
        """Send all of them and return what became of them; sooner where `stop` is set."""
        self.counts = Counts(
            total=len(deliveries), duplicates=sum(one.duplicate for one in deliveries)
        )
        self._free.extend(_transport() for _ in range(self._pace.concurrency))
        tasks: set[asyncio.Task[None]] = set()
        try:
            for number, delivery in enumerate(deliveries):
                await self._wait_for_turn(number, stop)
                await self._slots.acquire()
                if stop.is_set():
                    self._slots.release()
                    break
                task = asyncio.create_task(self._deliver(delivery, stop))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.gather(*tasks)
        finally:
            self.counts.ended = perf_counter()
            await asyncio.gather(*(transport.aclose() for transport in self._free))
        return self.counts

    async def _wait_for_turn(self, number: int, stop: asyncio.Event) -> None:
        """Wait until the rate allows the number-th delivery."""
        if self._pace.rate is not None:
            due = self.counts.began + number / self._pace.rate
            await _sleep(due - perf_counter(), stop)

    async def _deliver(self, delivery: Delivery, stop: asyncio.Event) -> None:
        """All attempts of one delivery; the first has been given its slot already."""
        begun = perf_counter()
        self._count_order(delivery)
        accepted = await self._attempt(delivery)
        for minutes in RETRY_MINUTES:
            if accepted:
                return
            due = begun + minutes * 60 * self._pace.time_scale
            await _sleep(due - perf_counter(), stop)
            if stop.is_set():
                return
            await self._slots.acquire()
            self.counts.retried += 1
            accepted = await self._attempt(delivery)
        if not accepted:
            self.counts.given_up += 1
            self._tell()

    async def _attempt(self, delivery: Delivery) -> bool:
        """One attempt, in a slot that it gives back; whether it was accepted."""
        transport = self._free.pop()
        begun = perf_counter()
        self.counts.sent += 1
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = str(await self._post(transport, delivery.body))
        except TimeoutError:
            answer = "no answer in time"
        except httpx.HTTPError:
            answer = "no connection"
        finally:
            self._free.append(transport)
            self._slots.release()
        ended = perf_counter()
        self.counts.answers[answer] = self.counts.answers.get(answer, 0) + 1
        accepted = answer.startswith("2")
        if accepted:
            self.counts.accepted += 1
            self.counts.latencies.append(ended - begun)
            if self._accepted is not None:
                self._accepted(delivery, begun, ended)
        self._tell()
        return accepted

    async def _post(self, transport: httpx.AsyncHTTPTransport, body: bytes) -> int:
        request = httpx.Request("POST", self._url, headers=self._headers(body), content=body)
        response = await transport.handle_async_request(request)
        try:
            await response.aread()
        finally:
            await response.aclose()
        return response.status_code

    def _headers(self, body: bytes) -> dict[str, str]:
        return {
            "host": self._url.netloc.decode("ascii"),
            "content-type": "application/json",
            "user-agent": "voucherify-sync-simulator",
            "x-voucherify-signature": signature(self._secret, body),
        }

    def _count_order(self, delivery: Delivery) -> None:
        self.counts.out_of_order += delivery.webhook.at < self._latest
        self._latest = max(self._latest, delivery.webhook.at)

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self.counts)


def _transport() -> httpx.AsyncHTTPTransport:
    """One connection: a pool for each slot costs less than one pool for all."""
    limits = httpx.Limits(max_connections=1)
    return httpx.AsyncHTTPTransport(verify=trusted(), limits=limits, trust_env=False)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    """Sleep, but not longer than until `stop` is set."""
    if seconds <= 0 or stop.is_set():
        return
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
