"""A place of its own on a shared broker, with writers and readers there."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_reader import KafkaReader
from eventlog.kafka_topics import Creation
from eventlog.kafka_writer import KafkaWriter
from tests.eventlog.factories import TOPIC
from tests.services.kafka import Kafka

QUARANTINE = "voucherify.quarantine"
TOPICS = (TOPIC, QUARANTINE)


class Place:
    """Topics and a group that no other test has."""

    def __init__(
        self,
        kafka: Kafka,
        *,
        topics: Sequence[str] = TOPICS,
        partitions: int = 3,
        replication: int | None = None,
        connection: KafkaConnection | None = None,
    ) -> None:
        self.group = f"test-{secrets.token_hex(4)}"
        self.topics = topics
        self.creation = Creation(partitions, replication, f"{self.group}.")
        self.connection = connection or KafkaConnection(kafka.servers.split(","))
        self.servers = kafka.servers
        self._closing: list[Callable[[], Awaitable[None]]] = []

    def at_end(self, close: Callable[[], Awaitable[None]]) -> None:
        """Close this when the test is over, before all that was opened earlier."""
        self._closing.append(close)

    async def close(self) -> None:
        """Close all that was opened here."""
        while self._closing:
            await self._closing.pop()()

    def name(self, topic: str = TOPIC) -> str:
        """The topic's name in Kafka."""
        return self.creation.prefix + topic

    def writer(self, **more: Any) -> KafkaWriter:
        """A writer to all topics."""
        writer = KafkaWriter(self.connection, topics=self.topics, creation=self.creation, **more)
        self.at_end(writer.close)
        return writer

    def reader(self, **more: Any) -> KafkaReader:
        """One more copy of the group."""
        reader = KafkaReader(
            self.connection,
            topics=self.topics,
            group=self.group,
            creation=self.creation,
            **more,
        )
        self.at_end(reader.close)
        return reader
