"""A log that is not the one that was applied is noticed, however far it has grown."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from eventlog.embedded import EmbeddedLog
from eventlog.log import Message, Partition, Record
from handlers.same_log import AnotherLogError, SameLog, mark_of
from state.store import Mark
from tests.handlers.test_consumer import System, message, problem_of, running


class Told:
    """A log of two partitions that gives what it is told to, and remembers what was asked."""

    def __init__(self, *records: Record, begins: int = 0) -> None:
        self.records = records
        self.begin = begins
        self.asked: list[Mapping[Partition, int]] = []

    async def read(
        self, positions: Mapping[Partition, int], *, limit: int, wait: float
    ) -> Sequence[Record]:
        """See LogReader."""
        del wait
        self.asked.append(positions)
        found = [one for one in self.records if one.offset >= positions.get(one.partition, 0)]
        return found[:limit]

    async def begins(self) -> Mapping[Partition, int]:
        """See LogReader."""
        return {one.partition: self.begin for one in self.records}

    async def ends(self) -> Mapping[Partition, int]:
        """See LogReader."""
        return {one.partition: one.offset + 1 for one in self.records}

    async def report_applied(self, applied: Mapping[Partition, int]) -> None:
        """See LogReader."""

    async def trim(self, applied: Mapping[Partition, int], *, older_than_seconds: float) -> int:
        """See LogReader."""
        del applied, older_than_seconds
        return 0

    async def close(self) -> None:
        """See LogReader."""


A, B = Partition("a", 0), Partition("b", 0)


def record(partition: Partition, offset: int, value: bytes = b"v") -> Record:
    """A record there."""
    return Record(partition, offset, "topic", b"k", value, (("h", b"1"),))


def test_a_mark_is_of_all_that_a_record_holds() -> None:
    """Key, value and headers, each with its length."""
    one = Record(A, 1, "topic", b"ab", b"c", (("h", b"1"),))
    others = [
        Record(A, 1, "topic", b"a", b"bc", (("h", b"1"),)),
        Record(A, 1, "topic", b"ab", b"d", (("h", b"1"),)),
        Record(A, 1, "topic", b"ab", b"c", (("h", b"2"),)),
        Record(A, 1, "topic", b"ab", b"c", ()),
    ]
    assert 5 == len({mark_of(each) for each in (one, *others)})
    assert mark_of(one) == mark_of(Record(B, 2, "other", b"ab", b"c", (("h", b"1"),)))


async def test_the_same_log_is_looked_at_once() -> None:
    """The record before the position is read once more and given to nobody; then nothing is."""
    log = Told(*(record(A, offset) for offset in range(4)))
    same = SameLog(log)
    await same.expect({A: Mark(2, mark_of(log.records[1]))})

    assert [2] == [one.offset for one in await same.read({A: 2}, limit=1, wait=0)]
    assert [2, 3] == [one.offset for one in await same.read({A: 2}, limit=9, wait=0)]
    assert [{A: 1}, {A: 2}] == log.asked


async def test_another_log_gives_nothing() -> None:
    """Each attempt says so, until the position is moved."""
    log = Told(*(record(A, offset) for offset in range(4)))
    same = SameLog(log)
    await same.expect({A: Mark(2, b"other")})

    for _ in range(2):
        with pytest.raises(AnotherLogError, match="skip-lost"):
            await same.read({A: 2}, limit=9, wait=0)
    assert 4 == len(await same.read({A: 0}, limit=9, wait=0))


@pytest.mark.parametrize(("position", "begin"), [(2, 2), (5, 0)])
async def test_what_is_not_there_is_not_compared(position: int, begin: int) -> None:
    """It is trimmed, or the log ends right before it, and then refuses the position."""
    log = Told(*(record(A, offset) for offset in range(begin, 4)), begins=begin)
    same = SameLog(log)
    await same.expect({A: Mark(position, b"other")})

    await same.read({A: position}, limit=9, wait=0)
    assert [{A: position}] == log.asked


async def test_a_log_that_grows_over_the_position_meanwhile() -> None:
    """It ended before the position at the look; what stands there by the next read is compared."""
    log = Told(*(record(A, offset) for offset in range(4)))
    same = SameLog(log)
    await same.expect({A: Mark(9, b"other")})
    log.records += tuple(record(A, offset) for offset in range(4, 12))

    with pytest.raises(AnotherLogError):
        await same.read({A: 9}, limit=9, wait=0)


async def test_which_partitions_are_another_log() -> None:
    """All of them are named, also beside those that are the same."""
    log = Told(record(A, 0), record(A, 1), record(B, 0), record(B, 1, b"mine"))
    same = SameLog(log)
    await same.expect({A: Mark(1, b"other"), B: Mark(2, mark_of(log.records[-1]))})
    assert {A} == await same.others()


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    """A log, a state and a consumer between them."""
    parts = System(tmp_path)
    await parts.state.migrate()
    yield parts
    await parts.reader.close()
    await parts.state.close()
    await parts.log.close()


def copied(path: Path, to: Path) -> None:
    """A copy of a log as it is now, as a backup makes it."""
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)


def restore(copy: Path, path: Path) -> None:
    """Put a copy in the place of a log that nobody uses."""
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    copy.replace(path)


async def test_an_older_copy_of_the_log_that_has_grown(system: System, tmp_path: Path) -> None:
    """Nothing is skipped: it stops, says so, and goes on once the position is moved."""
    await system.log.append([message(number) for number in range(10)])
    copied(tmp_path / "log.db", tmp_path / "copy.db")
    await system.log.append([message(number) for number in range(10, 20)])
    async with running(system.consumer()):
        await system.caught_up()
    await system.log.close()
    restore(tmp_path / "copy.db", tmp_path / "log.db")
    system.log = EmbeddedLog(tmp_path / "log.db")
    await system.log.append([message(number) for number in range(20, 40)])

    async with running(system.consumer()) as consumer:
        while "another one" not in (consumer.problem or ""):
            await asyncio.sleep(0.01)
        assert 20 == await system.applied()
        ((place, position),) = (await system.state.positions()).items()
        await system.state.move_position(place, position, 0)
        await system.caught_up()
    assert 40 == await system.applied()


async def test_the_position_after_a_restart(system: System) -> None:
    """The same log goes on without a word, also behind a dead letter and after a move by hand."""
    await system.log.append([message(number) for number in range(5)])
    await system.log.append([Message("voucherify.v2024-01-01.voucher", b"k", b"no event", ())])
    for _ in range(2):
        async with running(system.consumer()) as consumer:
            await system.caught_up()
            assert await problem_of(consumer) is None
    ((place, position),) = (await system.state.positions()).items()
    assert {place} == (await system.state.marks()).keys()
    await system.state.move_position(place, position, 3)
    assert {} == await system.state.marks()
    async with running(system.consumer()):
        await system.caught_up()
    assert {place: position} == await system.state.positions()
