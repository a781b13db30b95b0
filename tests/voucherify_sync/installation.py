"""The embedded log and state where the commands look for them, with events that failed."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eventlog.embedded import EmbeddedLog
from eventlog.log import Message, Partition
from handlers import table
from handlers.consumer import Consumer, Pace
from schemas import envelope, jsontext, topics
from schemas.envelope import Envelope
from state.facts import Fact, Observed, Stamp, ThingKey
from state.sqlite import SqliteState
from state.store import DeadLetter
from voucherify_sync.clock import now_ms
from voucherify_sync.settings import Settings

EMAIL = "ada@example.com"
PACE = Pace(as_of_seconds=0.02, retry_seconds=0.05, brake=1)


class Installation:
    """The data of one installation in its folder; nothing runs on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log_path = folder / "data" / "log.db"
        self.state_path = folder / "data" / "state.db"
        self.log = EmbeddedLog(self.log_path)
        self.state = SqliteState(self.state_path)
        self.settings = Settings.model_validate(
            {"log": f"sqlite:///{self.log_path}", "state": f"sqlite:///{self.state_path}"}
        )

    async def accept(self, *bodies: bytes) -> None:
        """Append deliveries to the log, as the receiver does."""
        await self.log.append([message(body) for body in bodies])

    async def handle(self) -> None:
        """Apply all that the log has."""
        stop = asyncio.Event()
        consumer = Consumer(self.log, self.log, self.state, now_ms=now_ms, pace=PACE)
        task = asyncio.create_task(consumer.run(stop))
        ends = await self.log.ends()
        async with asyncio.timeout(20):
            while not await self._applied_up_to(ends):
                await asyncio.sleep(0.01)
        stop.set()
        await task

    async def letters(self) -> Sequence[DeadLetter]:
        """All dead letters."""
        return await self.state.dead_letters(limit=10_000)

    async def ids(self) -> list[str]:
        """Their ids."""
        return [str(letter.place) for letter in await self.letters()]

    def things(self) -> Mapping[tuple[str, ...], Any]:
        """All that the state knows, as it is kept."""
        with sqlite3.connect(self.state_path) as db:
            rows = db.execute("SELECT * FROM thing").fetchall()
        db.close()
        return {tuple(row[:3]): (*row[3:-2], *map(jsontext.decode, row[-2:])) for row in rows}

    async def close(self) -> None:
        """Let go of the files."""
        await self.state.close()
        await self.log.close()

    async def _applied_up_to(self, ends: Mapping[Partition, int]) -> bool:
        positions = await self.state.positions()
        return all(positions.get(place, 0) >= end for place, end in ends.items())


def message(body: bytes) -> Message:
    """The record that a delivery becomes."""
    read = envelope.read(body)
    if not isinstance(read, Envelope):
        return Message(topics.QUARANTINE, b"", body, ())
    return Message(topics.topic(read), topics.key(read), body, topics.headers(read, now_ms()))


Facts = Callable[[Envelope], Iterator[Fact]]


@contextmanager
def defect(make: Facts, *broken: str) -> Iterator[None]:
    """Have a defect of ours in what is made of the events with these ids."""
    real = table.facts

    def facts(event: Envelope) -> Iterator[Fact]:
        yield from make(event) if event.event_id in broken else real(event)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("handlers.table.facts", facts)
        yield


def not_understood(_: Envelope) -> Iterator[Fact]:
    """Fails, and quotes what it fails at."""
    people: dict[str, Fact] = {}
    yield people[EMAIL]


def not_applied(event: Envelope) -> Iterator[Fact]:
    """Facts that no state can join."""
    yield Observed(ThingKey(event.project_id, "no such kind", EMAIL), Stamp(1, 1, 1), {"a": 1})
