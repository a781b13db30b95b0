"""What is done with the open file of the embedded log: append, read, trim.

Plain functions of a connection, called by `embedded.py` in its threads. A row is a batch of records
as one commit wrote it. Each call into SQLite gives up the interpreter's lock and has to win it back
from a busy event loop, which can take milliseconds: with one call and one row a commit, and as many
records in a row as the load brought, both sides stay quick under load.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from eventlog import packing
from eventlog.log import Partition, PositionLostError, Record
from eventlog.log_file import transaction
from schemas import named_sql

_READ_BYTES: Final = 8 * 1024 * 1024
_TRIM_BATCHES: Final = 64
_TRIM_BYTES: Final = 4 * 1024 * 1024

_SQL: Final = named_sql.load("eventlog", "embedded.sql")


@dataclass(frozen=True, slots=True)
class Found:
    """Batches from a position on: offset of the first record, and the records packed."""

    batches: Sequence[tuple[int, bytes]]
    position: int

    def records(self, partition: Partition, limit: int) -> list[Record]:
        """The records from the position on, at most `limit`. Raises msgspec.MsgspecError."""
        records: list[Record] = []
        for first, body in self.batches:
            records += packing.unpack(body, partition, first)[max(0, self.position - first) :]
        return records[:limit]


def append(db: sqlite3.Connection, packed: Sequence[bytes], now_ms: int) -> None:
    """Commit packed messages as one batch; without any, commit a mark that a write works.

    One statement, which is its own transaction.
    """
    if packed:
        batch = {"records": len(packed), "now": now_ms, "body": packing.batch(packed)}
        written = db.execute(_SQL["append"], batch)
    else:
        written = db.execute(_SQL["touch"], {"now": now_ms})
    if written.rowcount != 1:
        raise _empty()


def begin(db: sqlite3.Connection) -> int:
    """The offset of the oldest record that is not trimmed."""
    return _offset(db, "begin")


def end(db: sqlite3.Connection) -> int:
    """The offset that the next record gets."""
    return _offset(db, "end")


def _offset(db: sqlite3.Connection, which: str) -> int:
    row = db.execute(_SQL[which]).fetchone()
    if row is None:
        raise _empty()
    offset: int = row[0]
    return offset


def read(db: sqlite3.Connection, position: int, limit: int) -> Found:
    """Batches that hold `limit` records from `position` on, or 8 MiB, or all there are.

    Raises PositionLostError.
    """
    batches: list[tuple[int, bytes]] = []
    records = size = 0
    # The cursor is closed at once: an open one would keep the WAL from being written back.
    with closing(db.execute(_SQL["read"], {"position": position, "limit": limit})) as rows:
        for oldest, next_, first, count, body in rows:
            _refuse_lost(position, oldest, next_)
            if body is None:
                break
            batches.append((first, body))
            records += first + count - max(first, position)
            size += len(body)
            if records >= limit or size >= _READ_BYTES:
                break
    return Found(batches, position)


def trim(db: sqlite3.Connection, applied: int, before_ms: int) -> int:
    """Drop a few of the oldest batches that are applied and older; return how many records went."""
    rows = db.execute(_SQL["oldest_batches"], {"limit": _TRIM_BATCHES}).fetchall()
    old = list(_droppable(rows, applied, before_ms))
    if not old:
        return 0
    last_first, last_records = old[-1]
    cut = {"cut": last_first + last_records}
    with transaction(db):
        db.execute(_SQL["drop_batches"], cut)
        db.execute(_SQL["move_oldest"], cut)
    return sum(records for _, records in old)


def _droppable(
    rows: Sequence[tuple[int, int, int, int]], applied: int, before_ms: int
) -> Iterator[tuple[int, int]]:
    """From the oldest on, so that what is left has no hole, whatever the clocks said."""
    size = 0
    for first, records, appended_at, length in rows:
        if first + records > applied or appended_at > before_ms or size > _TRIM_BYTES:
            return
        size += length
        yield first, records


def _refuse_lost(position: int, oldest: int, next_: int) -> None:
    if position < oldest:
        raise PositionLostError(
            f"the event log begins at {oldest}: the records from {position} on are trimmed. The "
            "state was begun anew or brought back from a copy that is older than the log keeps"
        )
    if position > next_:
        raise PositionLostError(
            f"the event log ends at {next_}, before {position}: it was brought back from a copy "
            "that is older than the state"
        )


def _empty() -> sqlite3.DatabaseError:
    return sqlite3.DatabaseError("the table `log` is empty")
