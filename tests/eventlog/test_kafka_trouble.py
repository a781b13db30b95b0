"""Brokers that are away, hang, die and forget. Each test has brokers of its own to disturb."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.memory_records import MemoryRecords
from prometheus_client import REGISTRY

from eventlog import kafka_packing, kafka_produce
from eventlog.group_commit import Limits
from eventlog.kafka_cluster import Cluster
from eventlog.kafka_packing import Producer
from eventlog.kafka_writer import KafkaWriter
from eventlog.log import LogUnavailableError, LogWriter, Partition
from tests.eventlog import kafka_admin
from tests.eventlog.conftest import OpenPlace
from tests.eventlog.factories import TOPIC, message, values
from tests.eventlog.kafka_copies import Copy, Shared, until_applied
from tests.services.kafka import Kafka

RETRIES = "voucherify_sync_publish_retries_total"
MakeKafka = Callable[..., Kafka]


@pytest.fixture
def make_kafka(tmp_path: Path) -> Iterator[MakeKafka]:
    """Brokers for one test, not started yet."""
    made: list[Kafka] = []

    def _make(brokers: int = 1) -> Kafka:
        made.append(Kafka(tmp_path / f"kafka-{len(made)}", brokers=brokers))
        return made[-1]

    yield _make
    for kafka in made:
        kafka.kill()


class Load:
    """Callers that append without pause, and give each message up after `patience` seconds."""

    def __init__(self, writer: LogWriter, *, callers: int = 8, patience: float = 5.0) -> None:
        self.acknowledged: list[bytes] = []
        self.refused: list[str] = []
        self._writer = writer
        self._patience = patience
        self._numbers = 0
        self._tasks = [asyncio.create_task(self._append()) for _ in range(callers)]

    async def stop(self) -> None:
        """No more is appended; what is under way ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def until(self, count: int, *, seconds: float = 30) -> None:
        """Wait until so many more are acknowledged."""
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(seconds):
            while len(self.acknowledged) < wanted:
                await asyncio.sleep(0.02)

    async def _append(self) -> None:
        while True:
            self._numbers += 1
            value = b"%d" % self._numbers
            try:
                async with asyncio.timeout(self._patience):
                    await self._writer.append([message(value, key=value)])
            except (LogUnavailableError, TimeoutError) as error:
                self.refused.append(str(error))
            else:
                self.acknowledged.append(value)
            await asyncio.sleep(0.005)


async def in_thread(work: Callable[[], None]) -> None:
    """What blocks, beside the loop that goes on."""
    await asyncio.to_thread(work)


async def test_a_broker_that_comes_later(make_kafka: MakeKafka, open_place: OpenPlace) -> None:
    """Both sides begin without it, say that it is away, and work once it is there."""
    kafka = make_kafka()
    place = open_place(kafka)
    writer, reader = place.writer(), place.reader()
    with pytest.raises(LogUnavailableError, match="can't be reached"):
        await writer.check()
    with pytest.raises(LogUnavailableError, match="can't be reached"):
        await read_until_it_fails(reader.read)
    waiting = asyncio.create_task(writer.append([message("early")]))
    given_up = asyncio.create_task(writer.append([message("given up")]))
    await asyncio.sleep(0.1)
    given_up.cancel()
    await in_thread(kafka.start)
    await waiting
    await writer.check()
    assert [b"early"] == await values(reader)


async def read_until_it_fails(read: Callable[..., object]) -> None:
    """A reader that has not tried yet has no problem yet."""
    for _ in range(20):
        await read({}, limit=1, wait=0.1)  # type: ignore[misc] # LogReader.read


async def test_a_broker_that_is_killed(make_kafka: MakeKafka, open_place: OpenPlace) -> None:
    """Started again at once and after a while: all that was acknowledged is applied, once."""
    kafka = make_kafka()
    kafka.start()
    place, shared = open_place(kafka), Shared()
    for _ in range(2):
        Copy(place, shared)
    load = Load(place.writer())
    for pause in (0.0, 3.0):
        await load.until(200)
        await in_thread(kafka.kill)
        await asyncio.sleep(pause)
        await in_thread(kafka.start)
    await load.until(200)
    await load.stop()
    await until_applied(shared, load.acknowledged)
    assert {1} == {shared.applied[value] for value in load.acknowledged}


async def test_a_broker_that_hangs(make_kafka: MakeKafka, open_place: OpenPlace) -> None:
    """Callers are refused in time, memory stays bounded, and all goes on afterwards."""
    kafka = make_kafka()
    kafka.start()
    place, shared = open_place(kafka), Shared()
    copy = Copy(place, shared)
    writer = place.writer(limits=Limits(waiting_messages=20))
    load = Load(writer, callers=40, patience=3.0)
    await load.until(200)
    while not copy.changes:
        await asyncio.sleep(0.05)
    kafka.pause()
    await asyncio.sleep(0.1)
    begun = time.monotonic()
    with pytest.raises(LogUnavailableError):
        await writer.check()
    assert time.monotonic() - begun < 3
    await asyncio.sleep(7)
    assert any("already wait" in refusal for refusal in load.refused)
    assert copy.problem is not None
    kafka.resume()
    await load.until(200)
    await load.stop()
    await writer.check()
    await until_applied(shared, load.acknowledged)
    assert {1} == {shared.applied[value] for value in load.acknowledged}


async def test_a_broker_that_forgot_everything(
    make_kafka: MakeKafka, open_place: OpenPlace
) -> None:
    """It comes back empty, as another cluster: the same writer goes on there."""
    kafka = make_kafka()
    kafka.start()
    place = open_place(kafka, topics=[TOPIC], partitions=1)
    writer, other = place.writer(), place.writer()
    for number in range(5):
        await writer.append([message(f"before {number}")])
    await in_thread(kafka.kill)
    kafka.wipe()
    await in_thread(kafka.start)
    # Another producer is given the id that ours had, and writes as many batches.
    for number in range(8):
        await other.append([message(f"other {number}")])
    await writer.append([message("after 1")])
    await writer.append([message("after 2")])
    found = await values(place.reader())
    assert [b"other %d" % number for number in range(8)] == found[:8]
    assert [b"after 1", b"after 2"] == found[8:]


async def test_a_producer_that_was_fenced_is_replaced(open_place: OpenPlace) -> None:
    """Somebody wrote by the same id with a later epoch; the writer goes on by another one."""
    place = open_place(topics=[TOPIC], partitions=1)
    writer, reader = place.writer(), place.reader()
    await writer.append([message("1")])
    (partition,) = await reader.ends()
    cluster = Cluster(place.connection, [place.name()], "test")
    layout = await cluster.refresh()
    node = layout.leaders[partition]
    mine = await producer_of(cluster, node, partition)
    forged = kafka_packing.batch(
        [kafka_packing.pack(message("2"))], Producer(mine.id, mine.epoch + 1), 0, 1
    )
    answer = await cluster.ask(node, kafka_produce.request({partition: forged}), "test", seconds=5)
    assert {partition: 0} == kafka_produce.codes(answer)
    await writer.append([message("3")])
    await writer.append([message("4")])
    assert mine != await producer_of(cluster, node, partition)
    await cluster.close()
    assert [b"1", b"2", b"3", b"4"] == await values(reader)


async def producer_of(cluster: Cluster, node: int, partition: Partition) -> Producer:
    """Who wrote the last batch."""
    asked = [(partition.name, [(partition.number, 0, 1_000_000)])]
    answer = await cluster.ask(node, FetchRequest(100, 1, 1_000_000, 0, asked), "test", seconds=5)
    batches = MemoryRecords(answer.topics[0][1][0][-1])
    producers = []
    while batches.has_next():
        batch = batches.next_batch()
        producers.append(Producer(batch.producer_id, batch.producer_epoch))
    return producers[-1]


async def test_a_leader_that_is_lost(make_kafka: MakeKafka, open_place: OpenPlace) -> None:
    """It also knew the group: all that was acknowledged is there, and both sides go on."""
    kafka = make_kafka(3)
    kafka.start()
    strict = open_place(kafka, topics=[TOPIC])
    await kafka_admin.create(kafka.servers, strict.name(), replication=3, min_insync_replicas="3")
    strict_writer = strict.writer()
    await strict_writer.append([message("enough replicas")])
    place, shared = open_place(kafka, partitions=3), Shared()
    Copy(place, shared)
    writer = place.writer()
    load = Load(writer)
    await load.until(200)
    coordinator = await kafka_admin.coordinator(kafka.servers, place.group)
    await in_thread(lambda: kafka.kill(coordinator))
    await load.until(200)
    await load.stop()
    await writer.check()
    await until_applied(shared, load.acknowledged)
    assert {1} == {shared.applied[value] for value in load.acknowledged}

    await refuses_for_want_of_replicas(strict_writer)


async def refuses_for_want_of_replicas(writer: KafkaWriter) -> None:
    """Neither a message is taken nor readiness said; that it was tried again is counted."""
    retries = REGISTRY.get_sample_value(RETRIES) or 0
    with pytest.raises(LogUnavailableError, match=r"min\.insync\.replicas.*5 s"):
        await writer.append([message("too few replicas")])
    assert retries < (REGISTRY.get_sample_value(RETRIES) or 0)
    with pytest.raises(LogUnavailableError, match=r"min\.insync\.replicas"):
        await writer.check()
