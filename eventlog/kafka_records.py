"""The bytes that a broker gives, to records. Knows no broker.

Records of other producers may lack a key or a value; for us those are empty.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.record.memory_records import MemoryRecords

from eventlog.log import LogUnavailableError, Partition, Record


class Fetched:
    """The records of one partition as a broker gave them, unpacked only as they are taken.

    `start` is the position at which the next record is looked for, `next` the one behind all that
    is taken and all that holds no record for us.
    """

    def __init__(self, data: bytes, partition: Partition, topic: str, start: int, next_: int):
        self.start = start
        self.next = next_
        self._partition = partition
        self._topic = topic
        self._records = self._unpack(data)
        self._ahead = next(self._records, None)

    @property
    def is_empty(self) -> bool:
        """Whether all is taken."""
        return self._ahead is None

    def take(self, limit: int, size: int) -> tuple[list[Record], int]:
        """The next records and their size: so many, and of so many bytes or one more.

        Raises LogUnavailableError where bytes are damaged.
        """
        taken: list[Record] = []
        taken_size = 0
        while self._ahead and len(taken) < limit and taken_size < size:
            taken.append(self._ahead)
            taken_size += _size(self._ahead)
            self.start = self._ahead.offset + 1
            self._ahead = next(self._records, None)
        return taken, taken_size

    def _unpack(self, data: bytes) -> Iterator[Record]:
        """A broker gives whole batches, of which the first may begin before the position."""
        batches = MemoryRecords(data)
        while batches.has_next():
            batch = batches.next_batch()
            if not batch.validate_crc():
                name, number = self._partition
                raise LogUnavailableError(
                    f"{name}/{number}: the batch at {batch.base_offset} broke"
                )
            if not batch.is_control_batch:
                yield from (self._record(one) for one in batch if one.offset >= self.next)
            self.next = max(self.next, batch.next_offset)

    def _record(self, came: Any) -> Record:
        headers = tuple((name, value or b"") for name, value in came.headers)
        return Record(
            self._partition, came.offset, self._topic, came.key or b"", came.value or b"", headers
        )


def _size(record: Record) -> int:
    return len(record.value) + len(record.key) + sum(len(value) for _, value in record.headers)
