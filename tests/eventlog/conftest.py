"""The implementations of the seam; the contract suite runs against each of them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from eventlog.embedded import EmbeddedLog
from eventlog.log import LogReader, LogWriter
from tests.eventlog.factories import settle
from tests.eventlog.kafka_parts import Place
from tests.services.kafka import Kafka


class Log(NamedTuple):
    """Both sides of one log."""

    writer: LogWriter
    reader: LogReader

    async def close(self) -> None:
        """Close both sides; in the embedded log they are one."""
        await self.writer.close()
        await self.reader.close()


OpenLog = Callable[[], Log]
OpenPlace = Callable[..., Place]


@pytest.fixture
async def open_place(request: pytest.FixtureRequest) -> AsyncIterator[OpenPlace]:
    """Opens places on the shared broker or on another one; all are closed at the end."""
    opened: list[Place] = []

    def _open(kafka: Kafka | None = None, **more: Any) -> Place:
        opened.append(Place(kafka or request.getfixturevalue("kafka"), **more))
        return opened[-1]

    yield _open
    for place in opened:
        await place.close()


@pytest.fixture(params=["embedded", "kafka"])
async def open_log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenLog]:
    """Opens the same log anew each time; all that were opened are closed at the end."""
    opened: list[Log] = []
    make = _embedded(tmp_path) if request.param == "embedded" else _kafka(request)

    def _open() -> Log:
        opened.append(make())
        return opened[-1]

    yield _open
    for log in opened:
        await log.close()


@pytest.fixture
async def log(open_log: OpenLog) -> Log:
    """An empty log, from which can be read at once."""
    log = open_log()
    if not isinstance(log.reader, EmbeddedLog):
        await settle(log.reader)
    return log


def _embedded(folder: Path) -> OpenLog:
    def make() -> Log:
        log = EmbeddedLog(folder / "data" / "log.db")
        return Log(log, log)

    return make


def _kafka(request: pytest.FixtureRequest) -> OpenLog:
    place = Place(request.getfixturevalue("kafka"))
    return lambda: Log(place.writer(), place.reader())
