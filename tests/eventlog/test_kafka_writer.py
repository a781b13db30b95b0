"""What the write side on Kafka does that the embedded one has no part in."""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from structlog.testing import capture_logs

from eventlog import kafka_packing
from eventlog.group_commit import Limits
from eventlog.kafka_cluster import Cluster
from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_writer import KafkaWriter
from eventlog.log import LogUnavailableError
from tests.eventlog import kafka_admin
from tests.eventlog.conftest import OpenPlace
from tests.eventlog.factories import TOPIC, message, read_all, values
from tests.eventlog.kafka_parts import TOPICS

NOBODY = KafkaConnection(["127.0.0.1:1"])


async def test_topics_are_made_by_many_at_once(open_place: OpenPlace) -> None:
    """Whoever comes second finds them there."""
    place = open_place()
    writers = [place.writer() for _ in range(4)]
    reader = place.reader()
    await asyncio.gather(*(writer.append([message("1")]) for writer in writers), reader.ends())
    ends = await reader.ends()
    assert 2 * 3 == len(ends)
    assert 4 == sum(ends.values())


async def test_an_existing_topic_is_taken_as_it_is(open_place: OpenPlace) -> None:
    """Whatever its partitions are."""
    place = open_place(topics=[TOPIC], partitions=3)
    await kafka_admin.create(place.servers, place.name(), partitions=5)
    writer, reader = place.writer(), place.reader()
    await writer.check()
    assert 5 == len(await reader.ends())


async def test_a_topic_that_can_not_be_made_is_named_with_the_mend(open_place: OpenPlace) -> None:
    """It stays not ready and says what is to be done."""
    place = open_place(topics=[TOPIC], replication=3)
    mend = f"{place.name()} can't be created: .* a replication of 3 needs as many brokers"
    with pytest.raises(LogUnavailableError, match=mend):
        await place.writer().check()


async def test_a_message_that_is_too_large_fails_alone(open_place: OpenPlace) -> None:
    """Its neighbours of the same batch are written, and what follows as well."""
    place = open_place(topics=[TOPIC], partitions=1)
    name = place.name()
    await kafka_admin.create(place.servers, name, max_message_bytes="10000")
    writer, reader = place.writer(), place.reader()
    await writer.check()
    sizes = [4_000, 4_000, 20_000, 4_000, 4_000, 4_000, 4_000]
    outcomes = await asyncio.gather(
        *(writer.append([message(os.urandom(size))]) for size in sizes), return_exceptions=True
    )
    assert [size < 10_000 for size in sizes] == [outcome is None for outcome in outcomes]
    (error,) = (outcome for outcome in outcomes if outcome is not None)
    assert isinstance(error, LogUnavailableError)
    assert f"{name} does not take a message of 20" in str(error)
    assert "max.message.bytes" in str(error)
    await writer.append([message("after")])
    assert [*[4_000] * 6, 5] == [len(value) for value in await values(reader)]


async def test_a_topic_that_it_was_not_opened_for_is_refused(open_place: OpenPlace) -> None:
    """A message does not wait for a topic that nobody makes."""
    writer = open_place(topics=[TOPIC]).writer()
    with pytest.raises(LogUnavailableError, match="is not opened here"):
        await writer.append([message(topic="voucherify.nowhere")])


async def test_a_header_that_can_not_be_sent_fails_alone(open_place: OpenPlace) -> None:
    """Before it is in a batch with others."""
    place = open_place()
    writer, reader = place.writer(), place.reader()
    with pytest.raises(UnicodeEncodeError):
        await writer.append([message(headers=(("\ud800", b""),))])
    await writer.append([message("1")])
    assert [b"1"] == await values(reader)


async def test_a_topic_that_was_deleted_is_made_again(open_place: OpenPlace) -> None:
    """The next message waits for it."""
    place = open_place(topics=[TOPIC], partitions=1)
    writer, reader = place.writer(), place.reader()
    await writer.append([message("before")])
    await kafka_admin.delete(place.servers, place.name())
    await writer.append([message("after")])
    assert [b"after"] == await values(reader)


async def test_a_topic_that_is_not_there_now_is_said(open_place: OpenPlace) -> None:
    """The check saw it first; the message says that it is looked for, and a later one is taken."""
    place = open_place(topics=[TOPIC], partitions=1)
    writer = place.writer()
    await writer.append([message("before")])
    await kafka_admin.delete(place.servers, place.name())
    with pytest.raises(LogUnavailableError):
        await writer.check()
    with pytest.raises(LogUnavailableError, match="is not there now; it is looked for again"):
        await writer.append([message("meanwhile")])
    async with asyncio.timeout(10):
        while True:
            with suppress(LogUnavailableError):
                await writer.append([message("after")])
                break
            await asyncio.sleep(0.05)
    assert [b"after"] == await values(place.reader())


async def test_leaders_that_can_not_be_reached_are_said_once(
    open_place: OpenPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The brokers answer at the address that we have, but name one that leads nowhere."""
    place = open_place(topics=[TOPIC], partitions=1)
    writer = place.writer()
    await writer.check()
    link = Cluster.link

    async def no_link(*_: object) -> None:
        raise LogUnavailableError("can't be reached")

    monkeypatch.setattr(Cluster, "link", no_link)
    with capture_logs() as lines:
        with pytest.raises(LogUnavailableError, match="can't be reached"):
            await writer.check()
        waiting = asyncio.create_task(writer.append([message()]))
        await asyncio.sleep(2)
        assert ["log_away"] == [line["event"] for line in lines]
        monkeypatch.setattr(Cluster, "link", link)
        await waiting
    assert "log_back" == lines[-1]["event"]
    await writer.check()


async def test_a_batch_that_can_not_be_written_stops_no_other(
    open_place: OpenPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a defect of ours whoever waits is told, and every partition goes on."""
    place = open_place(topics=[TOPIC], partitions=3)
    writer = place.writer()
    await writer.check()
    sound_batch = kafka_packing.batch

    def broken(packed: Sequence[bytes], *more: Any) -> kafka_packing.Batch:
        if any(b"broken" in one for one in packed):
            raise RuntimeError
        return sound_batch(packed, *more)

    monkeypatch.setattr(kafka_packing, "batch", broken)
    sound = [message(key=b"%d" % n) for n in range(20)]
    outcomes = await asyncio.gather(
        *(writer.append([one]) for one in [*sound, message("broken", key=b"x")]),
        return_exceptions=True,
    )
    assert isinstance(outcomes[-1], LogUnavailableError)
    async with asyncio.timeout(10):
        await writer.append(sound)


async def test_what_waits_is_bounded() -> None:
    """While the cluster is away, no more than the limit waits; the rest is refused at once."""
    writer = KafkaWriter(NOBODY, topics=TOPICS, limits=Limits(waiting_messages=3))
    waiting = [asyncio.create_task(writer.append([message(str(n))])) for n in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(LogUnavailableError, match=r"3 messages .* already wait"):
        await writer.append([message("4")])
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    await asyncio.sleep(1)  # what is given up leaves by itself
    another = asyncio.create_task(writer.append([message("5")]))
    await asyncio.sleep(0.3)
    assert not another.done()
    another.cancel()
    with suppress(asyncio.CancelledError):
        await another


async def test_a_cluster_that_is_away_is_said_within_a_second() -> None:
    """The check names the address and never hangs."""
    writer = KafkaWriter(NOBODY, topics=TOPICS)
    begun = time.monotonic()
    with pytest.raises(LogUnavailableError, match=r"127\.0\.0\.1:1 can't be reached"):
        await writer.check()
    assert time.monotonic() - begun < 3
    await writer.close()
    with pytest.raises(LogUnavailableError, match="is closed"):
        await writer.check()
    with pytest.raises(LogUnavailableError, match="is closed"):
        await writer.append([message()])


async def test_closing_does_not_wait_for_ever() -> None:
    """What still waits is told that it is not written."""
    writer = KafkaWriter(NOBODY, topics=TOPICS, close_seconds=0.3)
    waiting = asyncio.create_task(writer.append([message()]))
    await asyncio.sleep(0.1)
    await writer.close()
    with pytest.raises(LogUnavailableError, match="until the log was closed"):
        await waiting


async def test_nothing_is_left_behind(open_place: OpenPlace) -> None:
    """No task of a closed log goes on."""
    place = open_place()
    writer, reader = place.writer(), place.reader()
    await writer.append([message("1")])
    await read_all(reader)
    await writer.close()
    await reader.close()
    await asyncio.sleep(0)
    assert {asyncio.current_task()} == asyncio.all_tasks()
