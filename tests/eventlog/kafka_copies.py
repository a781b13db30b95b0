"""Copies that read one log together and keep their positions in one place, as handlers do."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from eventlog.kafka_reader import KafkaReader
from eventlog.log import (
    AssignmentChangedError,
    LogReader,
    LogUnavailableError,
    Partition,
    PositionLostError,
    Record,
)
from tests.eventlog.kafka_parts import Place


class Shared:
    """The positions of all copies; like the state's, each moves by compare-and-set only."""

    def __init__(self) -> None:
        self.positions: dict[Partition, int] = {}
        self.applied: Counter[bytes] = Counter()

    def apply(self, records: Sequence[Record], before: dict[Partition, int]) -> None:
        """All of a partition's records, or none where another copy was faster."""
        for partition in {record.partition for record in records}:
            mine = [record for record in records if record.partition == partition]
            if self.positions.get(partition, 0) == before.get(partition, 0):
                self.positions[partition] = mine[-1].offset + 1
                self.applied.update(record.value for record in mine)


class Copy:
    """One of the copies, at work until it is stopped. `slow` seconds go by with each batch."""

    def __init__(self, place: Place, shared: Shared, *, slow: float = 0.0, **more: Any) -> None:
        self.reader: KafkaReader = place.reader(**more)
        self.changes = 0
        self.read = 0
        self.problem: str | None = None
        self.slow = slow
        self._shared = shared
        self._task = asyncio.create_task(self._work(self.reader))
        place.at_end(self.stop)

    async def stop(self) -> None:
        """Leave the group."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self.reader.close()

    async def _work(self, reader: LogReader) -> None:
        while True:
            before = dict(self._shared.positions)
            try:
                records = await reader.read(before, limit=50, wait=0.2)
            except AssignmentChangedError:
                self.changes += 1
            except (LogUnavailableError, PositionLostError) as away:
                self.problem = str(away)
                await asyncio.sleep(0.1)
            else:
                self.problem = None
                self.read += len(records)
                await asyncio.sleep(self.slow)
                self._shared.apply(records, before)


async def until_applied(shared: Shared, values: Sequence[bytes], *, seconds: float = 30) -> None:
    """Wait until all of these are applied."""
    async with asyncio.timeout(seconds):
        while not set(values) <= set(shared.applied):
            await asyncio.sleep(0.05)
