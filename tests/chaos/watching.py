"""What is looked at from outside while and after everything is killed."""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg
from aiokafka import AIOKafkaConsumer

from schemas import topics

_LOOK_SECONDS = 0.05


@dataclass
class Positions:
    """Follows the stored positions; `moved_back` should stay empty."""

    url: str
    seen: dict[tuple[str, int], int] = field(default_factory=dict)
    moved_back: list[str] = field(default_factory=list)
    looks: int = 0

    async def watch(self) -> None:
        """Look again and again until cancelled, also after the database was away."""
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self._follow()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _follow(self) -> None:
        connection = await asyncpg.connect(self.url, timeout=5)
        try:
            while True:
                rows = await connection.fetch(
                    "SELECT partition, number, next FROM position", timeout=5
                )
                self.looks += 1
                for name, number, at in rows:
                    self._note((name, number), at)
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            connection.terminate()

    def _note(self, place: tuple[str, int], at: int) -> None:
        before = self.seen.get(place, 0)
        if at < before:
            self.moved_back.append(f"{place}: {before} to {at}")
        self.seen[place] = at


def digest(body: bytes) -> bytes:
    """What a delivery is known by."""
    return hashlib.sha256(body).digest()


async def in_topics(servers: str, prefix: str) -> set[bytes]:
    """The digests of all values in all topics, read with a plain client."""
    consumer = AIOKafkaConsumer(
        *(prefix + name for name in topics.ALL_TOPICS),
        bootstrap_servers=servers,
        auto_offset_reset="earliest",
    )
    found: set[bytes] = set()
    await consumer.start()
    try:
        while not consumer.assignment():
            await asyncio.sleep(0.05)
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found.update(digest(record.value) for record in records)
    finally:
        await consumer.stop()
    return found
