"""What every log promises to both sides of the seam, whatever stands behind it."""

import asyncio
import time
from contextlib import suppress

import pytest

from eventlog.log import Message
from tests.eventlog.conftest import Log, OpenLog
from tests.eventlog.factories import after, message, read_all, read_some, values

HOSTILE = [
    b"",
    b"plain text",
    b"\x00\xff\xfe not UTF-8 \x80",
    b'"\\ud800"',
    b"[" * 5_000,
    b"x" * 1_000_000,
]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_record_is_what_was_appended_byte_for_byte(log: Log, value: bytes) -> None:
    """Topic, key, value and headers come back as they went in, whatever their bytes are."""
    sent = Message(
        "voucherify.quarantine", b"\x00key\xff", value, (("reason", b"\xff\x00"), ("ce_id", b""))
    )
    await log.writer.append([sent])
    (record,) = await read_some(log.reader)
    came = Message(record.topic, record.key, record.value, tuple(record.headers))
    assert sent == came


async def test_the_records_of_one_key_keep_their_order(log: Log) -> None:
    """Appended one after the other and many at once, one thing's events come in order."""
    for first in range(0, 60, 20):
        await log.writer.append([message(str(first + n), key=b"v_1") for n in range(20)])
    assert [str(n).encode() for n in range(60)] == await values(log.reader)


async def test_offsets_grow_within_a_partition(log: Log) -> None:
    """A record's offset is larger than that of every record before it."""
    for n in range(20):
        await log.writer.append([message(str(n), key=b"v_1")])
    offsets = [record.offset for record in await read_all(log.reader)]
    assert sorted(set(offsets)) == offsets


async def test_appends_of_many_tasks_are_all_there_once(log: Log) -> None:
    """64 tasks that append at the same time lose nothing and repeat nothing."""

    async def append_some(task: int) -> None:
        for n in range(10):
            await log.writer.append([message(f"{task}-{n}", key=str(task).encode())])

    await asyncio.gather(*(append_some(task) for task in range(64)))
    expected = sorted(f"{task}-{n}".encode() for task in range(64) for n in range(10))
    assert expected == sorted(await values(log.reader))


async def test_the_same_positions_give_the_same_records_again(log: Log) -> None:
    """Reading changes nothing: what was read comes again, followed by what is newer."""
    await log.writer.append([message("1")])
    first = await read_all(log.reader)
    await log.writer.append([message("2")])
    again = await read_all(log.reader)
    assert [b"1", b"2"] == [record.value for record in again]
    assert first == again[:1]


async def test_a_position_is_the_next_record_wanted(log: Log) -> None:
    """From the positions behind what was read, only newer records come."""
    await log.writer.append([message("1"), message("2")])
    reached = after(await read_all(log.reader), {})
    await log.writer.append([message("3")])
    assert [b"3"] == await values(log.reader, reached)


@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_no_more_than_the_limit_comes_at_once(log: Log, limit: int) -> None:
    """Pages have at most `limit` records, and together they are all, each once."""
    await log.writer.append([message(str(n)) for n in range(10)])
    await asyncio.gather(*(log.writer.append([message(str(n))]) for n in range(10, 20)))
    page = await read_some(log.reader, limit=limit)
    assert 1 <= len(page) <= limit
    everything = await read_all(log.reader, limit=limit)
    assert list(range(20)) == sorted(int(record.value) for record in everything)


async def test_reading_an_empty_log_ends_after_the_wait(log: Log) -> None:
    """Nothing comes, and that is said after the wait and not much later."""
    begun = time.monotonic()
    records = await log.reader.read({}, limit=10, wait=0.2)
    assert [] == list(records)
    assert 0.15 < time.monotonic() - begun < 2


async def test_a_waiting_reader_gets_what_is_appended(log: Log) -> None:
    """Who waits is given a record as soon as it is there, not when the wait is over."""
    begun = time.monotonic()
    reading = asyncio.create_task(log.reader.read({}, limit=10, wait=30))
    await asyncio.sleep(0.05)
    await log.writer.append([message("1")])
    assert [b"1"] == [record.value for record in await reading]
    assert time.monotonic() - begun < 10


async def test_ends_are_the_positions_behind_the_last_records(log: Log) -> None:
    """Who has read everything stands at the ends; an empty log ends where reading begins."""
    assert all(end == 0 for end in (await log.reader.ends()).values())
    await log.writer.append([message("1"), message("2", key=b"v_2")])
    ends = await log.reader.ends()
    reached = after(await read_all(log.reader), {})
    assert reached == {place: end for place, end in ends.items() if end}


async def test_a_log_begins_at_its_oldest_record(log: Log) -> None:
    """Reading from the begins finds everything; an empty log begins where it ends."""
    assert await log.reader.begins() == await log.reader.ends()
    await log.writer.append([message("1"), message("2")])
    begins = await log.reader.begins()
    assert begins.keys() == (await log.reader.ends()).keys()
    assert [b"1", b"2"] == await values(log.reader, begins)


async def test_what_is_applied_can_be_reported(log: Log) -> None:
    """It changes nothing that is read."""
    await log.writer.append([message("1")])
    await log.reader.report_applied(await log.reader.ends())
    assert [b"1"] == await values(log.reader)


async def test_nothing_appended_is_nothing_to_read(log: Log) -> None:
    """An append without messages returns and leaves no record."""
    await log.writer.append([])
    assert [] == await values(log.reader)


async def test_a_log_that_works_passes_its_check(log: Log) -> None:
    """The check returns, and leaves no record."""
    await log.writer.check()
    assert [] == await values(log.reader)


async def test_a_cancelled_append_harms_no_other(log: Log) -> None:
    """After a cancellation the message is there or not; the others are."""
    cancelled = asyncio.create_task(log.writer.append([message("cancelled")]))
    others = [asyncio.create_task(log.writer.append([message(str(n))])) for n in range(10)]
    await asyncio.sleep(0)
    cancelled.cancel()
    with suppress(asyncio.CancelledError):
        await cancelled
    await asyncio.gather(*others)
    await log.writer.append([message("after")])
    found = [value for value in await values(log.reader) if value != b"cancelled"]
    assert sorted([*(str(n).encode() for n in range(10)), b"after"]) == sorted(found)


async def test_what_was_acknowledged_is_there_after_reopening(open_log: OpenLog) -> None:
    """Closed and opened again, the log has the same records at the same places."""
    log = open_log()
    await log.writer.append([message("1"), message("2")])
    before = await read_all(log.reader)
    await log.close()
    again = open_log()
    await again.writer.append([message("3")])
    records = await read_all(again.reader)
    assert before == records[:2]
    assert [b"1", b"2", b"3"] == [record.value for record in records]


async def test_closing_writes_out_what_was_handed_over(open_log: OpenLog) -> None:
    """Appends that are under way when the log is closed succeed."""
    log = open_log()
    appends = [asyncio.create_task(log.writer.append([message(str(n))])) for n in range(50)]
    await asyncio.sleep(0)
    await log.writer.close()
    await asyncio.gather(*appends)
    expected = sorted(str(n).encode() for n in range(50))
    assert expected == sorted(await values(open_log().reader))


async def test_trimming_keeps_what_is_not_applied(log: Log) -> None:
    """Without a position that says so, nothing counts as applied, however old it is."""
    await log.writer.append([message("1")])
    assert 0 == await log.reader.trim({}, older_than_seconds=0)
    assert [b"1"] == await values(log.reader)
