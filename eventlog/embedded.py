"""The embedded log: both sides of the seam on one SQLite file, for one machine.

The receiver appends, the handlers read, in one process or in several on the same file. There is one
partition, so there is one order. A record is acknowledged after the fsync that makes it durable.

Reading skips nothing: SQLite has one writer at a time, an append takes its offsets while it holds
that lock and lets go of the lock by committing, so records become visible in the order of their
offsets.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import structlog

from eventlog import batches, metrics, packing
from eventlog.group_commit import GroupCommit, Limits
from eventlog.log import LogUnavailableError, Message, Partition, Record
from eventlog.log_file import LogFile
from eventlog.written import Written

T = TypeVar("T")

log = structlog.get_logger()

_POLL_SECONDS: Final = 0.025
_TRIM_PAUSE_SECONDS: Final = 0.005


def _wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class EmbeddedLog:
    """LogWriter and LogReader on the SQLite file at `path`.

    File and folder are made at the first use. `now_ms` is the clock by which records grow old.
    """

    def __init__(
        self,
        path: Path,
        *,
        limits: Limits | None = None,
        now_ms: Callable[[], int] = _wall_clock_ms,
    ) -> None:
        self._name = f"event log {path}"
        self._now_ms = now_ms
        self._written = LogFile(path)
        self._commits = GroupCommit(
            self._commit,
            name=self._name,
            limits=limits or Limits(),
            committed=self._committed,
        )
        self._read_from = LogFile(path)
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="log-reader")
        self._appended = asyncio.Event()
        self._told_of_replacement = False
        self._closed = False

    async def append(self, messages: Sequence[Message]) -> None:
        """See LogWriter. Appends of many callers share a commit."""
        if messages:
            await self.put(messages)

    def put(self, messages: Sequence[Message]) -> Written:
        """See LogWriter."""
        return self._commits.hand_over([packing.pack(message) for message in messages])

    async def check(self) -> None:
        """See LogWriter. It commits a mark, and looks at the space that is left on the disk."""
        await self._commits.hand_over(())

    async def read(
        self, positions: Mapping[Partition, int], *, limit: int, wait: float
    ) -> Sequence[Record]:
        """See LogReader. At most 8 MiB at once, or one batch where that is larger.

        An append in this process ends the wait at once, one in another process within 25 ms.
        """
        give_up_at = time.monotonic() + wait
        while True:
            appended = self._appended
            records = await self._in_reader(lambda db: self._read(db, positions, limit))
            left = give_up_at - time.monotonic()
            if records or left <= 0:
                return records
            try:
                async with asyncio.timeout(min(left, _POLL_SECONDS)):
                    await appended.wait()
            except TimeoutError:
                pass

    async def begins(self) -> Mapping[Partition, int]:
        """See LogReader."""
        return await self._in_reader(lambda db: {self._read_from.partition: batches.begin(db)})

    async def ends(self) -> Mapping[Partition, int]:
        """See LogReader."""
        return await self._in_reader(lambda db: {self._read_from.partition: batches.end(db)})

    async def report_applied(self, applied: Mapping[Partition, int]) -> None:
        """See LogReader. Nobody else watches this log."""

    async def trim(self, applied: Mapping[Partition, int], *, older_than_seconds: float) -> int:
        """See LogReader. Drops whole batches, few at a time, so that no append waits for long.

        Stops early where the log can't be written: trimming is not urgent.
        """
        before = self._now_ms() - round(older_than_seconds * 1000)
        dropped = 0
        try:
            while count := await self._in_reader(lambda db: self._trim(db, applied, before)):
                dropped += count
                await asyncio.sleep(_TRIM_PAUSE_SECONDS)
        except LogUnavailableError as away:
            log.warning("log_not_trimmed", problem=str(away))
        return dropped

    async def close(self) -> None:
        """See LogWriter and LogReader."""
        self._closed = True
        await self._commits.close()
        await asyncio.to_thread(self._reading.shutdown)
        self._written.close()
        self._read_from.close()
        self._wake_readers()

    def _committed(self, messages: int) -> None:
        if messages:
            metrics.BATCH_MESSAGES.observe(messages)
        self._wake_readers()

    def _wake_readers(self) -> None:
        """Each reader holds the event that it found before it looked, so none misses an append."""
        appended, self._appended = self._appended, asyncio.Event()
        appended.set()

    async def _in_reader(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise LogUnavailableError(f"{self._name} is closed")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, self._read_from.read, work)

    def _commit(self, packed: Sequence[bytes]) -> None:
        self._written.write(lambda db: batches.append(db, packed, self._now_ms()))
        if not packed:
            self._written.require_space()

    def _read(
        self, db: sqlite3.Connection, positions: Mapping[Partition, int], limit: int
    ) -> list[Record]:
        partition = self._read_from.partition
        if positions and partition not in positions:
            self._tell_of_replacement(positions)
        found = batches.read(db, positions.get(partition, 0), limit)
        try:
            return found.records(partition, limit)
        except msgspec.MsgspecError as error:
            raise sqlite3.DatabaseError(f"a batch can't be unpacked: {error}") from error

    def _trim(self, db: sqlite3.Connection, applied: Mapping[Partition, int], before: int) -> int:
        return batches.trim(db, applied.get(self._read_from.partition, 0), before)

    def _tell_of_replacement(self, positions: Mapping[Partition, int]) -> None:
        """The file is another one than before: what the old one held unapplied went with it."""
        if not self._told_of_replacement:
            self._told_of_replacement = True
            gone = sorted(f"{name}/{number}" for name, number in positions)
            log.error("log_replaced", log=self._name, gone=gone)
