"""Sees to it that a position is of the log that is read, before anything behind it is applied.

A log that was brought back from an older copy, or a topic that was deleted and made anew, grows
over the position in time. From then on the position looks right, and what comes before it would be
skipped silently. So the state keeps a mark of the last record that it applied of each partition,
and that record is read once more: another one in its place is another log.

It stands between the log and what reads it, and forgets a partition once it has looked.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Final

from eventlog.log import (
    AssignmentChangedError,
    LogReader,
    LogUnavailableError,
    Partition,
    PositionLostError,
    Record,
)
from state.store import DeadLetter, Mark, PartitionKey

_MARK_BYTES: Final = 16
_AT_ONCE: Final = 100
_READ_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 15.0


class AnotherLogError(PositionLostError):
    """The record before the position of `partition` is not the one that was applied."""

    def __init__(self, partition: Partition, position: int) -> None:
        self.partition = partition
        super().__init__(
            f"{partition.name}/{partition.number} is not the log that was applied up to "
            f"{position}: the record before that is another one. It was brought back from an older "
            "copy, or the topic was deleted and made anew. `voucherify-sync positions skip-lost` "
            "has it read again from its begin, which changes nothing that is known"
        )


class SameLog:
    """Reads from a log; the first record of each partition that is expected is compared."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader
        self.expected: dict[Partition, Mark] = {}

    async def expect(self, marks: Mapping[PartitionKey, Mark]) -> None:
        """Compare with these marks once. Raises LogUnavailableError.

        What the log no longer has can't be compared. Where it ends just before the record, the
        position is refused as it is.
        """
        self.expected = {}
        if not marks:
            return
        begins, ends = await self._reader.begins(), await self._reader.ends()
        for key, mark in marks.items():
            place, at = Partition(*key), mark.position - 1
            if begins.get(place, 0) <= at != ends.get(place):
                self.expected[place] = mark

    async def read(
        self, positions: Mapping[Partition, int], *, limit: int, wait: float
    ) -> Sequence[Record]:
        """See LogReader. Raises AnotherLogError, too."""
        if not self.expected:
            return await self._reader.read(positions, limit=limit, wait=wait)
        from_ = {
            place: mark.position - 1
            for place, mark in self.expected.items()
            if positions.get(place) == mark.position
        }
        records = await self._reader.read(
            {**positions, **from_}, limit=limit + len(from_), wait=wait
        )
        for record in records:
            self._compare(record)
        return [one for one in records if one.offset >= positions.get(one.partition, 0)][:limit]

    async def others(self) -> set[Partition]:
        """The expected partitions that are another log. Of a reader that is given all partitions.

        One that ends before its position is none of them: that shows by itself.
        Raises LogUnavailableError.
        """
        found: set[Partition] = set()
        ends = await self._reader.ends()
        for place, mark in [*self.expected.items()]:
            if mark.position > ends.get(place, 0):
                del self.expected[place]
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while self.expected:
            at = {place: mark.position for place, mark in self.expected.items()}
            try:
                await self.read({**ends, **at}, limit=_AT_ONCE, wait=_READ_SECONDS)
            except AssignmentChangedError:
                continue
            except AnotherLogError as another:
                found.add(another.partition)
                del self.expected[another.partition]
            if time.monotonic() > give_up_at:
                raise LogUnavailableError("the log gives no records, though it has some")
        return found

    def _compare(self, record: Record) -> None:
        mark = self.expected.get(record.partition)
        if mark is None:
            return
        if record.offset == mark.position - 1 and mark_of(record) != mark.digest:
            raise AnotherLogError(record.partition, mark.position)
        del self.expected[record.partition]


def mark_of(record: Record | DeadLetter) -> bytes:
    """A digest of all that a record holds: two deliveries of one event differ in their headers."""
    made = hashlib.blake2b(digest_size=_MARK_BYTES)
    headers = (part for name, told in record.headers for part in (name.encode(), told))
    for part in (record.key, record.value, *headers):
        made.update(b"%d:" % len(part))
        made.update(part)
    return made.digest()
