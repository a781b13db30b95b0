"""Fetches records of the partitions that are ours, and keeps what is not read yet.

One request at a time for each broker, for all of ours that it leads, and none while something of
the last one is left: so at most one answer for each broker is in memory, of 8 MiB or one record
where that is larger. Records are fetched from the positions that the reader will ask for next; what
was fetched from another position is dropped.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Final

import structlog

from eventlog.kafka_cluster import Cluster
from eventlog.kafka_errors import OFFSET_OUT_OF_RANGE, UNKNOWN_TOPIC, code_name
from eventlog.kafka_fetch_request import Found, Limits
from eventlog.kafka_fetch_session import FetchSession
from eventlog.kafka_records import Fetched
from eventlog.log import LogUnavailableError, Partition, Record

log = structlog.get_logger()

READ_BYTES: Final = 8 * 1024 * 1024
_LIMITS: Final = Limits(wait_ms=250, most=READ_BYTES, most_of_one=1024 * 1024)
_ANSWER_SECONDS: Final = 5.0
_BACKOFF: Final = 0.2
_TROUBLE_COUNTS_SECONDS: Final = 1.0
_NOBODY: Final = -1


class Fetching:
    """Of one event loop; `arrived` is called whenever there may be something new to take."""

    def __init__(self, cluster: Cluster, prefix: str, *, arrived: Callable[[], None]) -> None:
        self._cluster = cluster
        self._prefix = prefix
        self._arrived = arrived
        self._assigned: frozenset[Partition] = frozenset()
        self._turn = 0
        self._sessions: defaultdict[int, FetchSession] = defaultdict(FetchSession)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._fetched: dict[Partition, Fetched] = {}
        self._hungry: Partition | None = None
        self._troubles: dict[int, tuple[float, str]] = {}
        self.lost: dict[Partition, int] = {}
        self.doubtful = False  # a topic was not there: it may be another one when it is back

    def assign(self, partitions: Collection[Partition]) -> None:
        """From now on fetch these; all that was fetched of others before is dropped."""
        self._assigned = frozenset(partitions)
        self._turn += 1
        self._fetched.clear()
        self._troubles.clear()
        self.lost.clear()
        self.doubtful = False

    def take(self, positions: Mapping[Partition, int], limit: int) -> list[Record]:
        """Records from these positions, as far as they are here."""
        taken: list[Record] = []
        size = 0
        for partition, fetched in list(self._fetched.items()):
            if fetched.start != positions.get(partition, 0):
                del self._fetched[partition]
                continue
            if len(taken) < limit and size < READ_BYTES:
                records, more = fetched.take(limit - len(taken), READ_BYTES - size)
                taken += records
                size += more
        return taken

    def begin(self, positions: Mapping[Partition, int]) -> None:
        """Fetch from these positions wherever nothing is under way and nothing left."""
        layout = self._cluster.layout
        if layout is None or not self._assigned:
            return
        led = layout.led(self._assigned)
        for node in [node for node in self._troubles if node not in led]:
            del self._troubles[node]
        for node, partitions in led.items():
            task = self._tasks.get(node)
            if (task and not task.done()) or any(map(self._has_left, partitions)):
                continue
            starts = {
                partition: positions.get(partition, 0)
                for partition in partitions
                if self.lost.get(partition) != positions.get(partition, 0)
            }
            if starts:
                self._tasks[node] = asyncio.create_task(self._fetch_safely(node, starts))

    def problem(self) -> str | None:
        """What keeps some of the partitions from being read, for a second and more."""
        before = time.monotonic() - _TROUBLE_COUNTS_SECONDS
        return next((said for since, said in self._troubles.values() if since < before), None)

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _has_left(self, partition: Partition) -> bool:
        fetched = self._fetched.get(partition)
        return fetched is not None and not fetched.is_empty

    async def _fetch_safely(self, node: int, starts: Mapping[Partition, int]) -> None:
        try:
            if node == _NOBODY:
                name, number = next(iter(starts))
                raise LogUnavailableError(
                    f"{self._cluster.connection}: {name}/{number} has no leader: check that all "
                    "brokers run"
                )
            trouble = await self._fetch(node, starts)
        except LogUnavailableError as away:
            trouble = str(away)
        except Exception:
            log.exception("log_reader_begins_anew")
            trouble = f"{self._cluster.connection}: a fetch failed by a defect"
        if trouble is None:
            self._troubles.pop(node, None)
        else:
            self._troubles.setdefault(node, (time.monotonic(), trouble))
            await asyncio.sleep(_BACKOFF)
            with suppress(LogUnavailableError):
                await self._cluster.refresh()
        self._arrived()

    async def _fetch(self, node: int, starts: Mapping[Partition, int]) -> str | None:
        """Fetch once; return what else went wrong with some of the partitions."""
        turn = self._turn
        behind = {
            partition: fetched.next
            for partition, fetched in self._fetched.items()
            if partition in starts and fetched.start == starts[partition]
        }
        session = self._sessions[node]
        request = session.request({**starts, **behind}, _LIMITS, self._in_turn)
        answer = await self._cluster.ask(node, request, "fetch", seconds=_ANSWER_SECONDS)
        whole, found = session.found(answer)
        trouble = f"{self._cluster.connection}: {code_name(whole)}" if whole else None
        for one in found if turn == self._turn else ():
            start = starts[one.partition]
            trouble = self._keep(one, start, behind.get(one.partition, start)) or trouble
        if self._hungry in starts:
            session.begin_anew()
        return trouble

    def _keep(self, found: Found, start: int, at: int) -> str | None:
        """Keep what a partition has from `at` on; return what is wrong with it."""
        partition, code, end, data = found
        if code == OFFSET_OUT_OF_RANGE:
            self.lost[partition] = start
            return None
        if code:
            self.doubtful = self.doubtful or code == UNKNOWN_TOPIC
            return (
                f"{self._cluster.connection} gives no records of {partition.name}/"
                f"{partition.number}: {code_name(code)}"
            )
        if not data and end <= at:
            return None
        topic = partition.name.removeprefix(self._prefix)
        try:
            fetched = Fetched(data, partition, topic, start, at)
        except LogUnavailableError as damaged:
            return str(damaged)
        if not fetched.is_empty or fetched.next > at:
            self._fetched[partition] = fetched
        elif end > at:
            # A record that is larger than what a partition may send at once comes only as the
            # first of an answer.
            self._hungry = partition
        return None

    def _in_turn(self, partitions: list[Partition]) -> list[Partition]:
        """A broker fills its answer in the order of the request: each comes first now and then."""
        hungry = self._hungry
        if hungry in partitions:
            self._hungry = None
            partitions.remove(hungry)
            return [hungry, *partitions]
        first = time.monotonic_ns() % len(partitions) if partitions else 0
        return partitions[first:] + partitions[:first]
