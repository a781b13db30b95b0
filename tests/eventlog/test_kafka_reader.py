"""What the read side on Kafka does that the embedded one has no part in."""

from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from eventlog import kafka_fetch_request
from eventlog.kafka_fetch import READ_BYTES
from eventlog.kafka_records import Fetched
from eventlog.log import (
    AssignmentChangedError,
    LogReader,
    LogUnavailableError,
    Partition,
    PositionLostError,
)
from tests.eventlog import kafka_admin
from tests.eventlog.conftest import OpenPlace
from tests.eventlog.factories import TOPIC, after, message, read_all, read_some, settle, values
from tests.eventlog.kafka_parts import QUARANTINE, Place
from tests.services.kafka import Kafka


async def test_the_first_share_is_a_change(open_place: OpenPlace) -> None:
    """Said once; then the caller reads its positions and goes on."""
    place = open_place()
    reader = place.reader()
    with pytest.raises(AssignmentChangedError, match="6 partitions"):
        await reader.read({}, limit=1, wait=20)
    assert [] == list(await reader.read({}, limit=1, wait=0))


async def test_begins_and_ends_are_those_of_all_partitions(open_place: OpenPlace) -> None:
    """Whoever reads them, and without being one of the group."""
    place = open_place()
    writer, reader, watcher = place.writer(), place.reader(), place.reader()
    await settle(reader)
    await writer.append([message(str(n), key=str(n).encode()) for n in range(20)])
    begins, ends = await watcher.begins(), await watcher.ends()
    name = place.name()
    assert {0} == set(begins.values())
    assert begins.keys() == ends.keys()
    assert 20 == sum(ends[Partition(name, number)] for number in range(3))
    assert [] == list(await reader.read(ends, limit=1, wait=0.3))


async def test_a_retention_that_passed_is_loud(open_place: OpenPlace) -> None:
    """It says what is gone and what to do, again and again, and goes on from what is there."""
    place = open_place(topics=[TOPIC], partitions=1)
    writer, reader = place.writer(), place.reader()
    await writer.append([message(str(n)) for n in range(10)])
    records = await read_all(reader)
    (partition,) = await reader.ends()
    await kafka_admin.delete_records(place.servers, {partition: 4})
    for _ in range(2):
        with pytest.raises(PositionLostError, match=r"no record 2 any more, but 4 to 10: its ret"):
            await read_some(reader, after(records[:2], {}))
    assert {partition: 4} == await reader.begins()
    assert [b"%d" % n for n in range(4, 10)] == await values(reader, await reader.begins())


async def test_a_position_behind_the_end_is_loud(open_place: OpenPlace) -> None:
    """The topic is another one than that in which the position was reached."""
    place = open_place(topics=[TOPIC], partitions=1)
    writer, reader = place.writer(), place.reader()
    await writer.append([message("1")])
    (partition,) = await reader.ends()
    with pytest.raises(PositionLostError, match=r"deleted and made anew.*skip-lost"):
        await read_some(reader, {partition: 7})


async def test_a_large_record_comes_among_many(open_place: OpenPlace) -> None:
    """Also one that is larger than what a partition may send at once."""
    await _read_a_large_one(open_place(topics=[TOPIC, QUARANTINE], partitions=2))


async def _read_a_large_one(place: Place) -> None:
    writer, reader = place.writer(), place.reader()
    large = b"x" * 1_900_000
    small = [message(b"%d" % n, key=b"%d" % n) for n in range(200)]
    await writer.append([*small, message(large, topic=QUARANTINE), *small])
    found = await values(reader)
    assert 401 == len(found)
    assert 1 == found.count(large)


async def test_a_broker_is_told_what_changed(
    open_place: OpenPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not, each time, where all partitions are."""
    place = open_place(topics=[TOPIC], partitions=60)
    writer, reader = place.writer(), place.reader()
    asked: list[int] = []
    request = kafka_fetch_request.request

    def counted(positions: list[tuple[Partition, int]], *more: Any, **named: Any) -> Any:
        asked.append(len(positions))
        return request(positions, *more, **named)

    monkeypatch.setattr(kafka_fetch_request, "request", counted)
    positions: dict[Partition, int] = {}
    for n in range(20):
        await writer.append([message(b"%d" % n, key=b"%d" % n)])
        (record,) = await read_some(reader, positions)
        assert b"%d" % n == record.value
        positions = after([record], positions)
    assert 60 == max(asked)
    assert [1] * 15 == asked[-15:]


async def test_a_broker_that_remembers_nothing(tmp_path: Path, open_place: OpenPlace) -> None:
    """It has no room for what others asked for, and is asked for everything each time."""
    kafka = Kafka(tmp_path / "kafka", settings={"max.incremental.fetch.session.cache.slots": "0"})
    try:
        kafka.start()
        await _read_a_large_one(open_place(kafka, topics=[TOPIC, QUARANTINE], partitions=2))
    finally:
        kafka.kill()


async def test_a_damaged_batch_holds_no_other_partition_up(
    open_place: OpenPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are read to their ends, and then it is said what is the matter."""
    place = open_place(topics=[TOPIC], partitions=3)
    writer, reader = place.writer(), place.reader()
    await writer.append([message(b"%d" % n, key=b"%d" % n) for n in range(30)])
    ends = await reader.ends()
    damaged = max(ends)

    class Damaged(Fetched):
        def __init__(self, data: bytes, partition: Partition, *more: Any) -> None:
            if partition == damaged:
                raise LogUnavailableError("the batch broke")
            super().__init__(data, partition, *more)

    monkeypatch.setattr("eventlog.kafka_fetch.Fetched", Damaged)
    positions: dict[Partition, int] = {}
    while positions != {one: end for one, end in ends.items() if one != damaged}:
        positions = after(await read_some(reader, positions, limit=3), positions)
    with pytest.raises(LogUnavailableError, match="the batch broke"):
        await _read_until_it_fails(reader, positions)


async def _read_until_it_fails(reader: LogReader, positions: dict[Partition, int]) -> None:
    for _ in range(50):
        await reader.read(positions, limit=3, wait=0.2)


async def test_a_read_is_bounded_in_bytes(open_place: OpenPlace) -> None:
    """However many records were asked for."""
    place = open_place(topics=[TOPIC], partitions=3)
    writer, reader = place.writer(), place.reader()
    body = b"x" * 500_000
    for _ in range(4):
        sent = [message(body, key=b"%d" % n) for n in range(12)]
        await writer.append(sent)
    await settle(reader)
    largest = total = 0
    positions: dict[Partition, int] = {}
    while total < 48:
        page = await read_some(reader, positions)
        positions = after(page, positions)
        total += len(page)
        largest = max(largest, len(page) * len(body))
    assert 0 < largest <= READ_BYTES + len(body)


async def test_records_of_others_are_read(open_place: OpenPlace) -> None:
    """Without a key, a value or a header's value: for us they are empty."""
    place = open_place(topics=[TOPIC], partitions=1)
    reader = place.reader()
    await reader.ends()
    producer = AIOKafkaProducer(bootstrap_servers=place.servers)
    await producer.start()
    name = place.name()
    await producer.send_and_wait(name, None, b"k", headers=[("h", None)])
    await producer.send_and_wait(name, b"v", None)
    await producer.stop()
    records = await read_all(reader)
    assert [(b"k", b""), (b"", b"v")] == [(record.key, record.value) for record in records]
    assert (("h", b""),) == records[0].headers
    assert [TOPIC, TOPIC] == [record.topic for record in records]


async def test_the_group_is_told_how_far_records_are_applied(open_place: OpenPlace) -> None:
    """For tools that watch the lag, at the latest when a copy leaves; not what others read."""
    place = open_place()
    reader = place.reader()
    await settle(reader)
    partition = Partition(place.name(), 0)
    await reader.report_applied({partition: 5, Partition("nobody's", 0): 1})
    await reader.close()
    assert {partition: 5} == await kafka_admin.committed(place.servers, place.group)


async def test_reporting_never_raises(open_place: OpenPlace) -> None:
    """Not before the group is joined, and not after it is left."""
    reader = open_place().reader()
    await reader.report_applied({Partition("x", 0): 1})
    await settle(reader)
    await reader.close()
    await reader.report_applied({Partition("x", 0): 1})


async def test_topics_that_grow_are_read(open_place: OpenPlace) -> None:
    """A copy that joins later gets partitions that were added meanwhile."""
    place = open_place(topics=[TOPIC], partitions=1)
    first = place.reader()
    await settle(first)
    await kafka_admin.add_partitions(place.servers, place.name(), 3)
    second = place.reader()
    await settle(second)
    while True:
        try:
            await first.read({}, limit=1, wait=0.2)
        except AssignmentChangedError:
            break
    assert 3 == len(await second.ends())


async def test_ends_are_those_of_partitions_added_just_now(open_place: OpenPlace) -> None:
    """A writer that knows of them already may have had messages acknowledged there."""
    place = open_place(topics=[TOPIC], partitions=1)
    watcher = place.reader()
    assert 1 == len(await watcher.ends())
    await kafka_admin.add_partitions(place.servers, place.name(), 4)
    await place.writer().append([message(key=b"%d" % n) for n in range(20)])
    ends = await watcher.ends()
    assert 4 == len(ends)
    assert 20 == sum(ends.values())


async def test_ends_lack_no_topic(open_place: OpenPlace) -> None:
    """One that was deleted is made anew; its end counts again."""
    place = open_place(partitions=1)
    watcher = place.reader()
    before = await watcher.ends()
    await kafka_admin.delete(place.servers, place.name())
    assert before.keys() == (await watcher.ends()).keys()


@pytest.mark.parametrize("codec", ["gzip", "lz4", "snappy", "zstd"])
async def test_a_topic_that_is_compressed_is_read(open_place: OpenPlace, codec: str) -> None:
    """The brokers may compress what we wrote plainly."""
    place = open_place(topics=[TOPIC], partitions=1)
    await kafka_admin.create(place.servers, place.name(), compression_type=codec)
    await place.writer().append([message(b"x" * 1_000)])
    assert [b"x" * 1_000] == await values(place.reader())
