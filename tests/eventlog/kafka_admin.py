"""What an operator does to a cluster behind our back."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete

from eventlog.log import Partition


@asynccontextmanager
async def _admin(servers: str) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def create(
    servers: str, topic: str, *, partitions: int = 1, replication: int = 1, **settings: str
) -> None:
    """A topic with these settings (underscores for dots), known to a broker when this returns."""
    named = {name.replace("_", "."): value for name, value in settings.items()}
    async with _admin(servers) as admin:
        wanted = NewTopic(topic, partitions, replication, topic_configs=named)
        answer = await admin.create_topics([wanted])
        assert {0} == {code for _, code, _ in answer.topic_errors}, answer
        while topic not in await admin.list_topics():
            await asyncio.sleep(0.05)


async def delete(servers: str, topic: str) -> None:
    """The topic is gone when this returns."""
    async with _admin(servers) as admin:
        await admin.delete_topics([topic])
        while topic in await admin.list_topics():
            await asyncio.sleep(0.05)


async def delete_records(servers: str, before: Mapping[Partition, int]) -> None:
    """As retention does: records before these offsets are gone."""
    records = {TopicPartition(*place): RecordsToDelete(at) for place, at in before.items()}
    async with _admin(servers) as admin:
        await admin.delete_records(records)


async def committed(servers: str, group: str) -> dict[Partition, int]:
    """How far a group says that its records are applied."""
    async with _admin(servers) as admin:
        offsets = await admin.list_consumer_group_offsets(group)
    return {Partition(*place): one.offset for place, one in offsets.items()}


async def coordinator(servers: str, group: str) -> int:
    """The broker that a group is kept by."""
    async with _admin(servers) as admin:
        node: int = await admin.find_coordinator(group)
    return node


async def add_partitions(servers: str, topic: str, partitions: int) -> None:
    """The topic has so many from now on."""
    async with _admin(servers) as admin:
        await admin.create_partitions({topic: NewPartitions(partitions)})
