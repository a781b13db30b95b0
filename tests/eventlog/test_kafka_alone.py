"""A reader without a group is given everything, and the group knows nothing of it."""

import pytest

from eventlog.kafka_reader import KafkaReader
from tests.eventlog.conftest import OpenPlace
from tests.eventlog.factories import message, read_all, settle
from tests.eventlog.kafka_parts import Place

COUNT = 60


@pytest.fixture
async def place(open_place: OpenPlace) -> Place:
    """Topics with some records in every partition."""
    opened = open_place()
    told = [message(f"{number}", key=b"v_%d" % number) for number in range(COUNT)]
    await opened.writer().append(told)
    return opened


def alone(place: Place) -> KafkaReader:
    """A reader without a group."""
    reader = KafkaReader(place.connection, topics=place.topics, group=None, creation=place.creation)
    place.at_end(reader.close)
    return reader


async def test_it_reads_every_partition(place: Place) -> None:
    """Each record once, though another copy of the installation holds all partitions."""
    await settle(place.reader())

    records = await read_all(alone(place), limit=7)

    assert {b"%d" % number for number in range(COUNT)} == {one.value for one in records}
    assert COUNT == len(records)


async def test_the_group_goes_on_undisturbed(place: Place) -> None:
    """No rebalance: the member reads on and is not told of other partitions."""
    member = place.reader()
    await settle(member)
    await read_all(alone(place))

    assert await member.read({}, limit=COUNT, wait=5)
