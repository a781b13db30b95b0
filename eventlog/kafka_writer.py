"""The write side of the log on Kafka: many callers, one produce request for each broker at a time.

While a request is under way, what arrives gathers and shares the next one, a batch for each
partition: requests grow by themselves with the load. A message counts as written when all in-sync
replicas have it (acks=all), and the brokers drop a batch that comes twice (idempotence). What a
broker refuses or does not answer is sent again for 5 seconds and then given up.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from eventlog.group_commit import Limits
from eventlog.kafka_cluster import Cluster
from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_lanes import Load, letters_of
from eventlog.kafka_outage import Outage
from eventlog.kafka_sender import Sender
from eventlog.kafka_topics import Creation, leaderless
from eventlog.log import LogUnavailableError, Message
from eventlog.written import Written

_CHECK_SECONDS: Final = 1.0
_REFUSAL_COUNTS_SECONDS: Final = 10.0


class KafkaWriter:
    """LogWriter to `topics`, which are made where they do not exist. Of one event loop.

    Nothing connects before the first `append` or `check`; from then on it connects in the
    background, again and again while the cluster is away.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        *,
        topics: Sequence[str],
        creation: Creation | None = None,
        limits: Limits | None = None,
        close_seconds: float = 10.0,
    ) -> None:
        self._connection = connection
        self._topics = topics
        self._creation = creation or Creation()
        self._limits = limits or Limits()
        self._close_seconds = close_seconds
        self._outage = Outage("writer")
        self._running: tuple[Cluster, Sender, asyncio.Task[None]] | None = None
        self._closed = False

    async def append(self, messages: Sequence[Message]) -> None:
        """See LogWriter. Waits while the cluster is away, as long as not too much waits already.

        A caller that is cancelled takes back what is not in a batch yet, within half a second.
        """
        if self._closed:
            raise self._closed_error()
        if messages:
            await self.put(messages)

    def put(self, messages: Sequence[Message]) -> Written:
        """See LogWriter, and `append`."""
        if self._closed:
            raise self._closed_error()
        sender = self._start()[1]
        self._refuse_if_full(sender.load)
        done = Written(loop=sender.loop)
        sender.put(letters_of(messages, done))
        return done

    async def check(self) -> None:
        """See LogWriter. Asks the cluster; answers within a second."""
        if self._closed:
            raise self._closed_error()
        cluster, sender, _ = self._start()
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await sender.prepared.wait()
                layout = await cluster.refresh()
                await cluster.reach_leaders()
        except TimeoutError:
            raise LogUnavailableError(
                self._outage.problem or f"{self._connection} did not answer within a second"
            ) from None
        lost = [*layout.refused, *leaderless(layout)]
        if lost:
            sender.look_again()
            raise LogUnavailableError(
                f"{self._connection}: {len(lost)} topics or partitions have no leader, such as "
                f"{lost[0]}: check that all brokers run"
            )
        refused_for = time.monotonic() - sender.refused_at
        if sender.refused_at > sender.acknowledged_at and refused_for < _REFUSAL_COUNTS_SECONDS:
            raise LogUnavailableError(sender.refusal or f"{self._connection} refused a message")

    async def close(self) -> None:
        """See LogWriter. After `close_seconds`, what could not be written is given up."""
        self._closed = True
        if self._running is None:
            return
        cluster, sender, task = self._running
        self._running = None
        waiting = {letter.receipt.done for letter in sender.waiting()}
        if waiting:
            await asyncio.wait(waiting, timeout=self._close_seconds)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        sender.fail_all(f"{self._connection} was away until the log was closed")
        await cluster.close()

    def _start(self) -> tuple[Cluster, Sender, asyncio.Task[None]]:
        if self._running is None:
            topics = self._creation.full(self._topics)
            cluster = Cluster(self._connection, topics, "voucherify-sync")
            sender = Sender(cluster, self._creation, self._outage)
            self._running = cluster, sender, asyncio.create_task(sender.run())
        return self._running

    def _refuse_if_full(self, load: Load) -> None:
        limits = self._limits
        if load.messages >= limits.waiting_messages or load.bytes >= limits.waiting_bytes:
            raise LogUnavailableError(
                f"{self._connection}: {load.messages} messages ({load.bytes >> 20} MiB) already "
                f"wait to be written: {self._outage.problem or 'it is slow'}"
            )

    def _closed_error(self) -> LogUnavailableError:
        return LogUnavailableError(f"{self._connection}: the log is closed")
