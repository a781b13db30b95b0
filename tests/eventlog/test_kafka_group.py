"""Copies that come, go, hang and die, and what the others do then."""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence

from eventlog.kafka_member import Timing
from eventlog.log import Message
from tests.eventlog.conftest import OpenPlace
from tests.eventlog.factories import TOPIC, message, settle
from tests.eventlog.kafka_copies import Copy, Shared, until_applied


def batch(first: int, count: int) -> list[Message]:
    """Messages of as many things."""
    return [message(f"{n}", key=f"{n}".encode()) for n in range(first, first + count)]


def sent(messages: Sequence[Message]) -> list[bytes]:
    """What is expected to be applied."""
    return [one.value for one in messages]


async def test_copies_share_the_work_and_take_over(open_place: OpenPlace) -> None:
    """All is applied once, while a second copy joins and the first leaves."""
    place = open_place(topics=[TOPIC], partitions=4)
    writer, shared = place.writer(), Shared()
    first = Copy(place, shared)
    await writer.append(batch(0, 100))
    await until_applied(shared, sent(batch(0, 100)))
    second = Copy(place, shared)
    while not second.changes:
        await asyncio.sleep(0.05)
    await writer.append(batch(100, 100))
    await until_applied(shared, sent(batch(100, 100)))
    assert second.read
    begun = time.monotonic()
    await first.stop()
    await writer.append(batch(200, 100))
    await until_applied(shared, sent(batch(200, 100)))
    assert time.monotonic() - begun < 6  # sooner than a session ends: it left
    assert {1} == set(shared.applied.values())


async def test_a_copy_too_many_waits_quietly(open_place: OpenPlace) -> None:
    """It reads nothing, does not spin, and is there when it is needed."""
    place = open_place(topics=[TOPIC], partitions=1)
    writer, shared = place.writer(), Shared()
    copies = [Copy(place, shared) for _ in range(2)]
    while not all(copy.changes for copy in copies):
        await asyncio.sleep(0.05)
    await writer.append(batch(0, 20))
    await until_applied(shared, sent(batch(0, 20)))
    busy = time.process_time()
    await asyncio.sleep(1)
    assert time.process_time() - busy < 0.5
    (worker,) = (copy for copy in copies if copy.read)
    (idle,) = (copy for copy in copies if not copy.read)
    await worker.stop()
    await writer.append(batch(20, 20))
    await until_applied(shared, sent(batch(20, 20)))
    assert idle.read
    assert {1} == set(shared.applied.values())


async def test_copies_that_come_and_go(open_place: OpenPlace) -> None:
    """Nothing is lost or applied twice, and the work is soon done after the storm."""
    place = open_place(topics=[TOPIC], partitions=4)
    writer, shared = place.writer(), Shared()
    Copy(place, shared, slow=0.05)
    messages: list[Message] = []
    for number in range(6):
        guest = Copy(place, shared, slow=0.05)
        await asyncio.sleep(0.2 * (number % 3))
        more = batch(number * 50, 50)
        await writer.append(more)
        messages += more
        await asyncio.sleep(0.3)
        await guest.stop()
    await until_applied(shared, sent(messages))
    assert {1} == set(shared.applied.values())


async def test_a_copy_that_is_killed_is_replaced(open_place: OpenPlace) -> None:
    """It can't say that it goes; when its session is over, others have its partitions."""
    place = open_place(topics=[TOPIC], partitions=2)
    arguments = [place.servers, place.group, place.creation.prefix, TOPIC]
    shared, writer = Shared(), place.writer()
    await writer.check()
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.eventlog.kafka_copy", *arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdout is not None
    assert b"2 partitions" in await other.stdout.readline()
    Copy(place, shared)
    assert b"1 partitions" in await other.stdout.readline()
    other.send_signal(signal.SIGKILL)
    await other.wait()
    await writer.append(batch(0, 50))
    await until_applied(shared, sent(batch(0, 50)), seconds=20)
    assert {1} == set(shared.applied.values())


async def test_a_caller_that_is_away_for_long(open_place: OpenPlace) -> None:
    """Its copy leaves, another one works; when it comes back it has a share again."""
    place = open_place(topics=[TOPIC], partitions=2)
    writer, shared = place.writer(), Shared()
    away = place.reader(timing=Timing(idle=1.5, heartbeat=0.5))
    await settle(away)
    Copy(place, shared)
    await writer.append(batch(0, 50))
    await until_applied(shared, sent(batch(0, 50)))
    await settle(away)
    await writer.append(batch(50, 50))
    await until_applied(shared, sent(batch(50, 50)))
    assert {1} == set(shared.applied.values())


async def test_a_batch_that_takes_longer_than_a_rebalance(open_place: OpenPlace) -> None:
    """Its copy is given another share meanwhile; what it comes back with is refused or right."""
    place = open_place(topics=[TOPIC], partitions=2)
    writer, shared = place.writer(), Shared()
    slow = Copy(place, shared, slow=4.0)
    await writer.append(batch(0, 20))
    while not slow.read:
        await asyncio.sleep(0.05)
    Copy(place, shared)
    await until_applied(shared, sent(batch(0, 20)))
    slow.slow = 0.0
    await writer.append(batch(20, 100))
    await until_applied(shared, sent(batch(20, 100)))
    assert {1} == set(shared.applied.values())
    await asyncio.sleep(4)
    before = slow.read
    await writer.append(batch(120, 100))
    await until_applied(shared, sent(batch(120, 100)))
    assert slow.read > before
    assert {1} == set(shared.applied.values())
