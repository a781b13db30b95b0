"""The embedded log: sharing of commits, positions, retention, troubles and their end."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from eventlog import batches, embedded, log_file
from eventlog.embedded import EmbeddedLog
from eventlog.group_commit import Limits
from eventlog.log import LogUnavailableError, Partition, PositionLostError
from tests.eventlog.factories import after, message, read_all, values

SECOND = 1_000


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "log.db"


@pytest.fixture
def clock() -> Clock:
    """The log's clock."""
    return Clock()


@pytest.fixture
async def log(path: Path, clock: Clock) -> AsyncIterator[EmbeddedLog]:
    """An empty log, closed at the end."""
    opened = EmbeddedLog(path, now_ms=clock)
    yield opened
    await opened.close()


async def append(log: EmbeddedLog, *texts: str) -> None:
    """One batch of records."""
    await log.append([message(text) for text in texts])


async def partition(log: EmbeddedLog) -> Partition:
    """The one partition of the log."""
    (only,) = await log.ends()
    return only


def stored_batches(path: Path) -> int:
    """How many commits the file holds."""
    with closing(sqlite3.connect(path)) as db:
        count: int = db.execute("SELECT count(*) FROM batch").fetchone()[0]
        return count


async def test_concurrent_appends_share_commits(log: EmbeddedLog, path: Path) -> None:
    """Of 640 appends by 64 tasks, those of one moment are one commit."""

    async def append_some() -> None:
        for _ in range(10):
            await append(log, "x")

    await asyncio.gather(*(append_some() for _ in range(64)))

    assert 640 == len(await read_all(log))
    assert 10 == stored_batches(path)


async def test_a_page_may_begin_and_end_inside_a_commit(log: EmbeddedLog) -> None:
    """Positions are those of records, whatever batches they were committed in."""
    await append(log, *"abcdefg")
    await append(log, *"hij")
    place = await partition(log)
    pages = {
        start: [record.value for record in await log.read({place: start}, limit=4, wait=0)]
        for start in range(11)
    }

    letters = [letter.encode() for letter in "abcdefghij"]
    assert {start: letters[start : start + 4] for start in range(11)} == pages


async def test_one_read_takes_a_bounded_number_of_bytes(
    log: EmbeddedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However high the limit of records is, memory is bounded; all come in the end."""
    monkeypatch.setattr(batches, "_READ_BYTES", 1_000)
    for _ in range(5):
        await append(log, "x" * 600)

    assert 2 == len(await log.read({}, limit=500, wait=0))
    assert 5 == len(await read_all(log))


async def test_a_reader_is_woken_by_an_append_in_its_process(
    log: EmbeddedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several readers that wait are woken without having to ask again."""
    monkeypatch.setattr(embedded, "_POLL_SECONDS", 60)
    waiting = [asyncio.create_task(log.read({}, limit=9, wait=60)) for _ in range(3)]
    await asyncio.sleep(0.05)
    await append(log, "1")
    async with asyncio.timeout(10):
        found = await asyncio.gather(*waiting)

    assert [[b"1"]] * 3 == [[record.value for record in records] for records in found]


async def test_an_append_by_another_connection_is_found_by_asking(
    log: EmbeddedLog, path: Path
) -> None:
    """Who appends through another object (as another process does) is noticed soon."""
    other = EmbeddedLog(path)
    await append(other, "0")
    reading = asyncio.create_task(log.read({await partition(log): 1}, limit=9, wait=60))
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    await append(other, "1")
    records = await reading
    took = time.monotonic() - begun
    await other.close()

    assert [b"1"] == [record.value for record in records]
    assert took < 2


async def test_trimming_drops_what_is_applied_and_old(log: EmbeddedLog, clock: Clock) -> None:
    """Both have to be true; the end stays where it is, and nothing else goes."""
    await append(log, "1", "2")
    clock.now += 100 * SECOND
    await append(log, "3")
    clock.now += 10 * SECOND
    place = await partition(log)

    assert 0 == await log.trim({place: 1}, older_than_seconds=50)
    assert 0 == await log.trim({place: 3}, older_than_seconds=200)
    assert 2 == await log.trim({place: 3}, older_than_seconds=50)
    assert [b"3"] == await values(log, {place: 2})
    assert {place: 3} == await log.ends()


async def test_offsets_are_not_used_again_after_trimming_all(
    log: EmbeddedLog, path: Path, clock: Clock
) -> None:
    """A log that was emptied and opened again goes on counting."""
    await append(log, "1", "2")
    place = await partition(log)
    assert 2 == await log.trim({place: 2}, older_than_seconds=0)
    await log.close()
    again = EmbeddedLog(path, now_ms=clock)
    await append(again, "3")
    records = await read_all(again, {place: 2})
    await again.close()

    assert [(2, b"3")] == [(record.offset, record.value) for record in records]


async def test_trimming_goes_in_small_steps(log: EmbeddedLog) -> None:
    """Many batches and many bytes are several transactions, between which appends get through."""
    for _ in range(150):
        await append(log, "x")
    for _ in range(3):
        await append(log, "x" * 3_000_000)
    place = await partition(log)
    trimming = asyncio.create_task(log.trim({place: 153}, older_than_seconds=0))
    await append(log, "between")

    assert 153 == await trimming
    assert [b"between"] == await values(log, {place: 153})


async def test_records_younger_than_their_follower_keep_it(log: EmbeddedLog, clock: Clock) -> None:
    """A clock that was set back makes no hole: what follows a kept record is kept."""
    await append(log, "1")
    clock.now -= 100 * SECOND
    await append(log, "2")
    clock.now += 50 * SECOND
    place = await partition(log)

    assert 0 == await log.trim({place: 2}, older_than_seconds=10)
    assert [b"1", b"2"] == await values(log)


async def test_a_log_that_can_not_be_trimmed_now_is_trimmed_later(
    log: EmbeddedLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trimming is not urgent: a lock in its way is a line, and no error."""
    monkeypatch.setattr(log_file, "BUSY_SECONDS", 0.05)
    await append(log, "1")
    place = await partition(log)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, capture_logs() as lines:
        other.execute("BEGIN IMMEDIATE")
        assert 0 == await log.trim({place: 1}, older_than_seconds=0)

    assert ["log_not_trimmed"] == [line["event"] for line in lines]
    assert 1 == await log.trim({place: 1}, older_than_seconds=0)


@pytest.mark.parametrize("start", [0, 1])
async def test_a_position_that_is_trimmed_is_lost(log: EmbeddedLog, start: int) -> None:
    """Reading from before the oldest record would skip events; it is refused, waiting or not."""
    await append(log, "1", "2")
    await append(log, "3")
    place = await partition(log)
    await log.trim({place: 2}, older_than_seconds=0)

    assert {place: 2} == await log.begins()
    with pytest.raises(PositionLostError, match=f"begins at 2: the records from {start} on are"):
        await log.read({place: start}, limit=9, wait=5)
    assert [b"3"] == await values(log, {place: 2})


async def test_a_position_in_an_emptied_log_is_lost(log: EmbeddedLog) -> None:
    """Also where there is no record left to read."""
    await append(log, "1")
    place = await partition(log)
    await log.trim({place: 1}, older_than_seconds=0)

    with pytest.raises(PositionLostError):
        await log.read({}, limit=9, wait=0)
    assert [] == await values(log, {place: 1})


async def test_a_position_behind_the_end_is_lost(log: EmbeddedLog) -> None:
    """A log brought back from an old copy is not waited for until it has caught up."""
    await append(log, "1")

    with pytest.raises(PositionLostError, match="ends at 1, before 2"):
        await log.read({await partition(log): 2}, limit=9, wait=5)


async def test_positions_in_a_deleted_log_are_no_positions_in_the_new_one(
    log: EmbeddedLog, path: Path
) -> None:
    """The new file is read from its beginning, and that something is gone is told once."""
    await append(log, "1", "2", "3")
    reached = after(await read_all(log), {})
    await asyncio.to_thread(path.unlink)
    await append(log, "4", "5")
    with capture_logs() as lines:
        found = [await values(log, reached), await values(log, reached)]

    assert [[b"4", b"5"]] * 2 == found
    assert ["log_replaced"] == [line["event"] for line in lines]


async def test_a_locked_file_is_unavailable_until_it_is_let_go(
    log: EmbeddedLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appends and the check say so; reading goes on; afterwards all is as before."""
    monkeypatch.setattr(log_file, "BUSY_SECONDS", 0.05)
    await append(log, "1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LogUnavailableError, match="is locked by another program"):
            await append(log, "2")
        with pytest.raises(LogUnavailableError, match="is locked by another program"):
            await log.check()
        assert [b"1"] == await values(log)
    await append(log, "3")
    await log.check()

    assert [b"1", b"3"] == await values(log)


async def test_a_disk_that_is_all_but_full_fails_the_check(
    log: EmbeddedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark that the check writes is small; a batch needs more space than that."""
    monkeypatch.setattr(log_file, "LEAST_FREE_BYTES", 1 << 62)
    with pytest.raises(LogUnavailableError, match=r"its disk has .* KiB left; free some"):
        await log.check()
    monkeypatch.undo()
    await log.check()


async def test_a_caller_with_a_time_limit_is_not_held(log: EmbeddedLog, path: Path) -> None:
    """A time limit ends the wait for a lock, and the next append works."""
    await append(log, "1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await append(log, "2")
    await append(log, "3")

    assert b"3" in await values(log)


async def test_too_many_waiting_messages_are_refused(path: Path) -> None:
    """Memory is bounded: beyond the limit an append is refused at once."""
    log = EmbeddedLog(path, limits=Limits(waiting_messages=5))
    results = await asyncio.gather(
        *(append(log, str(n)) for n in range(20)), return_exceptions=True
    )
    found = await values(log)
    await log.close()

    assert [b"0", b"1", b"2", b"3", b"4"] == found
    assert 15 == sum(isinstance(result, LogUnavailableError) for result in results)


async def test_a_message_that_can_not_be_packed_fails_alone(log: EmbeddedLog) -> None:
    """Who appends what has no bytes is told; who shares the moment with it is served."""
    results = await asyncio.gather(
        append(log, "1"),
        log.append([message("2", topic="\ud800")]),
        append(log, "3"),
        return_exceptions=True,
    )

    assert [b"1", b"3"] == await values(log)
    assert [None, UnicodeEncodeError, None] == [result and type(result) for result in results]


async def test_a_batch_that_is_damaged_is_not_read_as_records(log: EmbeddedLog, path: Path) -> None:
    """Bytes in the file that are no batch are an error that names the file."""
    await append(log, "1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE batch SET body = x'00'")

    with pytest.raises(LogUnavailableError, match=r"log\.db can't be used \(a batch can't be unp"):
        await values(log)


async def test_a_closed_log_says_so(log: EmbeddedLog) -> None:
    """Each use after the end is refused; closing again is nothing."""
    await append(log, "1")
    await log.close()
    await log.close()

    for use in (append(log, "2"), log.check(), log.ends(), log.read({}, limit=1, wait=1)):
        with pytest.raises(LogUnavailableError, match="is closed"):
            await use


async def test_closing_ends_a_read_that_waits(log: EmbeddedLog) -> None:
    """A reader that waits at the end is not left waiting."""
    reading = asyncio.create_task(log.read({}, limit=1, wait=60))
    await asyncio.sleep(0.05)
    await log.close()

    with pytest.raises(LogUnavailableError, match="is closed"):
        await reading


def test_one_log_serves_one_event_loop_after_the_other(path: Path) -> None:
    """An event loop that ended leaves nothing behind that the next one stumbles over."""
    log = EmbeddedLog(path)
    for text in ("1", "2"):
        asyncio.run(append(log, text))
    found = asyncio.run(values(log))
    asyncio.run(log.close())

    assert [b"1", b"2"] == found
